//! Size of a package, zipped: what is uploaded to Lambda, and fetched by every cold start.

use std::fs::{self, File};
use std::io;
use std::path::Path;

use flate2::Compression;
use flate2::write::DeflateEncoder;

use crate::error::Error;

/// Bytes that a zip archive spends on a file besides its content and twice its name.
const PER_FILE: u64 = 76;

/// Counts what is written.
#[derive(Default)]
struct Counter(u64);

impl io::Write for Counter {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0 += bytes.len() as u64;
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// The size of `path`, a file or a folder, as a zip archive.
///
/// # Errors
///
/// When it cannot be read.
pub fn zipped(path: &Path) -> Result<u64, Error> {
    size(path).map_err(|error| Error::File { path: path.to_owned(), error })
}

fn size(path: &Path) -> io::Result<u64> {
    if path.is_dir() {
        let mut total = 0;
        for entry in fs::read_dir(path)? {
            let entry = entry?;
            if !entry.file_type()?.is_symlink() {
                total += size(&entry.path())?;
            }
        }
        return Ok(total);
    }
    let mut encoder = DeflateEncoder::new(Counter::default(), Compression::default());
    io::copy(&mut File::open(path)?, &mut encoder)?;
    let name = path.as_os_str().len() as u64;
    Ok(encoder.finish()?.0 + PER_FILE + 2 * name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_repeats_shrinks() {
        let file = std::env::temp_dir().join(format!("benches-package-{}", std::process::id()));
        fs::write(&file, vec![b'a'; 100_000]).expect("written");
        let size = zipped(&file).expect("read");
        fs::remove_file(&file).expect("removed");
        assert!(size < 1_000, "{size}");
    }
}
