//! The directory that keeps everything, and belongs to one process at a time.

use std::fs::{File, OpenOptions, TryLockError};
use std::path::{Path, PathBuf};

use rusqlite::{Connection, ErrorCode};

/// The files in it: the tables, and what is kept beside them.
const TABLES: &str = "dynamodb.sqlite";
const STATE: &str = "providers.sqlite";

/// A table that either has from its first start on.
const TABLES_HAVE: &str = "_tables";
const STATE_HAS: &str = "calls";

/// What is locked. The databases are not: whoever looks into them with `SQLite`'s own tools may.
const LOCK: &str = "lock";

/// The directory, locked until this is dropped.
#[derive(Debug)]
pub struct DataDir {
    path: PathBuf,
    _lock: File,
}

/// Why the directory cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum DataDirError {
    /// Another process has it.
    #[error(
        "the data directory {0} is in use: end the bundle that runs on it, or name another directory with --data-dir"
    )]
    InUse(PathBuf),
    /// It cannot be made, read or written.
    #[error("{path} cannot be used ({error}); name another directory with --data-dir")]
    Unusable {
        /// The directory, or what is in it.
        path: PathBuf,
        /// What refused it: the file system, or the database in it.
        error: Box<dyn std::error::Error + Send + Sync>,
    },
    /// What should be a database is something else.
    #[error(
        "{0} is no database of this bundle; move it away, or name another directory with --data-dir"
    )]
    NoDatabase(PathBuf),
}

impl DataDir {
    /// Makes the directory where it is missing, and takes it for this process.
    pub fn open(path: &Path) -> Result<Self, DataDirError> {
        let unusable = |error: std::io::Error| DataDirError::Unusable {
            path: path.to_owned(),
            error: error.into(),
        };
        std::fs::create_dir_all(path).map_err(unusable)?;
        let mut options = OpenOptions::new();
        let options = options.write(true).create(true).truncate(false);
        let lock = options.open(path.join(LOCK)).map_err(unusable)?;
        match lock.try_lock() {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => return Err(DataDirError::InUse(path.to_owned())),
            Err(TryLockError::Error(error)) => return Err(unusable(error)),
        }
        for (name, table) in [(TABLES, TABLES_HAVE), (STATE, STATE_HAS)] {
            check(&path.join(name), table)?;
        }
        Ok(Self { path: path.to_owned(), _lock: lock })
    }

    /// Where the directory is.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// The file with the tables.
    #[must_use]
    pub fn tables(&self) -> PathBuf {
        self.path.join(TABLES)
    }

    /// The file with what is kept beside the tables.
    #[must_use]
    pub fn state(&self) -> PathBuf {
        self.path.join(STATE)
    }
}

/// Refuses `file` where it is there, and is no database that can be written, or one without `table`. A
/// database without any table was left behind by a start that was broken off.
fn check(file: &Path, table: &str) -> Result<(), DataDirError> {
    if !file.exists() {
        return Ok(());
    }
    // `SQLite` would open what cannot be written for reading.
    OpenOptions::new()
        .read(true)
        .write(true)
        .open(file)
        .map_err(|error| DataDirError::Unusable { path: file.to_owned(), error: error.into() })?;
    // Begins to write, so that the file is read and its locks are tried; and changes nothing.
    let tried = Connection::open(file).and_then(|db| {
        db.execute_batch("BEGIN IMMEDIATE; ROLLBACK")?;
        let ours = "SELECT count(*) = 0 OR sum(name = ?1) FROM sqlite_master WHERE type = 'table'";
        db.query_row(ours, [table], |row| row.get(0))
    });
    match tried {
        Ok(true) => Ok(()),
        Ok(false) => Err(DataDirError::NoDatabase(file.to_owned())),
        Err(error) if error.sqlite_error_code() == Some(ErrorCode::NotADatabase) => {
            Err(DataDirError::NoDatabase(file.to_owned()))
        }
        Err(error) => Err(DataDirError::Unusable { path: file.to_owned(), error: error.into() }),
    }
}

#[cfg(test)]
mod tests {
    use std::fs;

    use bundle::names;

    use super::*;

    fn fresh() -> PathBuf {
        std::env::temp_dir().join(format!("data-dir-{}", names::uuid()))
    }

    fn refusal(path: &Path) -> String {
        DataDir::open(path).expect_err("refused").to_string()
    }

    #[test]
    fn a_directory_belongs_to_one_at_a_time() {
        let path = fresh();
        let first = DataDir::open(&path).expect("made");
        let said = refusal(&path);
        assert!(said.contains(&*path.to_string_lossy()) && said.contains("in use"), "{said}");
        drop(first);
        DataDir::open(&path).expect("free again");
        fs::remove_dir_all(&path).expect("removed");
    }

    #[test]
    fn what_is_no_database_is_named_and_left_alone() {
        for name in [TABLES, STATE] {
            let path = fresh();
            fs::create_dir_all(&path).expect("made");
            // The second begins as a database does.
            for text in
                ["my notes, which are long enough to be read as a header", "SQLite format 3\0?"]
            {
                fs::write(path.join(name), text.repeat(100)).expect("written");
                let said = refusal(&path);
                assert!(said.contains(name) && said.contains("is no database"), "{said}");
                assert_eq!(fs::read_to_string(path.join(name)).expect("there"), text.repeat(100));
            }
            fs::remove_dir_all(&path).expect("removed");
        }
    }

    #[test]
    fn a_database_of_somebody_else_is_named_and_left_alone() {
        for name in [TABLES, STATE] {
            let path = fresh();
            fs::create_dir_all(&path).expect("made");
            let theirs = Connection::open(path.join(name)).expect("a database");
            theirs.execute_batch("CREATE TABLE notes (text)").expect("a table");
            drop(theirs);
            let before = fs::read(path.join(name)).expect("there");
            let said = refusal(&path);
            assert!(said.contains(name) && said.contains("is no database"), "{said}");
            assert_eq!(fs::read(path.join(name)).expect("there"), before);
            fs::remove_dir_all(&path).expect("removed");
        }
    }

    #[test]
    #[cfg(unix)]
    fn a_database_that_cannot_be_written_is_named() {
        use std::os::unix::fs::PermissionsExt as _;
        for name in [TABLES, STATE] {
            let path = fresh();
            fs::create_dir_all(&path).expect("made");
            let file = path.join(name);
            fs::write(&file, "").expect("written");
            fs::set_permissions(&file, fs::Permissions::from_mode(0o444)).expect("read-only");
            // Root writes what it likes.
            if OpenOptions::new().write(true).open(&file).is_err() {
                let said = refusal(&path);
                assert!(said.contains(name) && said.contains("--data-dir"), "{said}");
            }
            fs::remove_dir_all(&path).expect("removed");
        }
    }

    #[test]
    fn what_cannot_be_written_is_named() {
        let path = fresh();
        fs::write(&path, "a file").expect("written");
        for place in [path.clone(), path.join("below"), PathBuf::from("/dev/null/below")] {
            let said = refusal(&place);
            assert!(
                said.contains(&*place.to_string_lossy()) && said.contains("--data-dir"),
                "{said}"
            );
        }
        fs::remove_file(&path).expect("removed");
    }
}
