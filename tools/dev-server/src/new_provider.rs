//! `cargo run -- new-provider NAME`: a provider that is made like the one in `tools/skeleton`, written into a
//! folder of its own and registered.

use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::{fs, io};

use bundle::project_file;

/// The provider that others begin as. It is built with everything else, and deployed with nothing.
const SKELETON: &str = "tools/skeleton";

/// Its name; capitalized, it is its type's.
const SKELETONS_NAME: &str = "sixth";

/// `cargo run -- new-provider`
#[derive(Debug, clap::Args)]
pub struct NewProvider {
    /// Its name: lower-case letters and digits. Its folder, its routes and its samples begin with it
    name: String,
}

/// Why there is no new provider.
#[derive(Debug, thiserror::Error)]
pub enum NewProviderError {
    /// Its name is not usable.
    #[error("a provider's name is lower-case letters and digits, beginning with a letter")]
    BadName,
    /// There is one already.
    #[error("{0} is there already")]
    Exists(String),
    /// A file has another form than the one that it is added to.
    #[error("{0} has no line \"{1}\" to add the provider after")]
    NoPlace(String, &'static str),
    /// A file cannot be read or written.
    #[error("{0}: {1}")]
    File(String, io::Error),
}

/// Lines that a file is given.
struct Addition {
    file: &'static str,
    /// The line that they come after; where they are in order among those behind it, in their place.
    after: &'static str,
    /// Where a run of lines ends that they are sorted into or put at the end of.
    until: &'static str,
    lines: String,
    sorted: bool,
}

impl NewProvider {
    /// Writes it below `project`, and says what is left to do.
    pub fn run(&self) -> Result<String, NewProviderError> {
        self.write(&project_file("."))
    }

    fn write(&self, project: &Path) -> Result<String, NewProviderError> {
        let name = self.name.as_str();
        let is_plain = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit();
        if !name.starts_with(|c: char| c.is_ascii_lowercase()) || !name.chars().all(is_plain) {
            return Err(NewProviderError::BadName);
        }
        let folder = format!("functions/{name}");
        if project.join(&folder).exists() {
            return Err(NewProviderError::Exists(folder));
        }
        // Nothing is written unless everything can be.
        let added = self.additions().map(|addition| {
            let file = project.join(addition.file);
            let text = read(&file)?;
            Ok((file, addition.add_to(&text)?))
        });
        let added = added.into_iter().collect::<Result<Vec<_>, NewProviderError>>()?;
        let mut said = String::new();
        let skeleton = project.join(SKELETON);
        for file in files(&skeleton)? {
            let path = file.strip_prefix(&skeleton).unwrap_or(&file);
            let copy = project.join(&folder).join(path);
            if let Some(parent) = copy.parent() {
                fs::create_dir_all(parent).map_err(|error| failed(parent, error))?;
            }
            write(&copy, &self.renamed(&read(&file)?))?;
            let _ = writeln!(said, "wrote {folder}/{}", path.display());
        }
        // A name of another length may need other lines. Where there is no rustfmt, CI says so.
        let mut rustfmt = Command::new("rustfmt");
        rustfmt.args(["--edition", "2024", "--config-path"]).arg(project_file("rustfmt.toml"));
        let sources =
            ["lib.rs", "main.rs"].map(|file| project.join(&folder).join("src").join(file));
        let _ = rustfmt.args(sources).status();
        for (file, text) in added {
            write(&file, &text)?;
            let shown = file.strip_prefix(project).unwrap_or(&file);
            let _ = writeln!(said, "added {name} to {}", shown.display());
        }
        let _ = write!(said, "\n{}", self.renamed(include_str!("new_provider.txt")));
        Ok(said)
    }

    /// The skeleton's text, with the provider's name.
    fn renamed(&self, text: &str) -> String {
        let text = text.replace(SKELETONS_NAME, &self.name);
        text.replace(&capitalized(SKELETONS_NAME), &capitalized(&self.name))
    }

    fn additions(&self) -> [Addition; 4] {
        let (name, capital) = (&self.name, capitalized(&self.name));
        let keys =
            format!(r#"{{\"keys\":[{{\"id\":\"sample\",\"secret\":\"sample-{name}-secret\"}}]}}"#);
        [
            Addition {
                file: "Cargo.toml",
                after: "[workspace.dependencies]",
                until: "",
                lines: format!("{name} = {{ path = \"functions/{name}\" }}"),
                sorted: true,
            },
            Addition {
                file: "tools/bundle/Cargo.toml",
                after: "[dependencies]",
                until: "",
                lines: format!("{name}.workspace = true"),
                sorted: true,
            },
            Addition {
                file: "tools/bundle/src/registry.rs",
                after: "pub fn visit(visitor: &mut impl Visitor) {",
                until: "}",
                lines: format!("    visitor.visit::<{name}::{capital}>();"),
                sorted: false,
            },
            Addition {
                file: "events/env.json",
                after: "{",
                until: "  \"LedgerFunction\": {",
                lines: format!(
                    "  \"{capital}Function\": {{\n    \"KEYS\": \"{keys}\",\n    \
                     \"CALLBACKS_TABLE\": \"callbacks\",\n    \
                     \"AWS_ENDPOINT_URL_DYNAMODB\": \"http://host.docker.internal:8000\"\n  }},"
                ),
                sorted: false,
            },
        ]
    }
}

impl Addition {
    fn add_to(&self, text: &str) -> Result<String, NewProviderError> {
        let mut lines: Vec<&str> = text.lines().collect();
        let find = |from: usize, line: &'static str| {
            let found = lines.iter().skip(from).position(|known| *known == line);
            found
                .map(|at| from + at)
                .ok_or_else(|| NewProviderError::NoPlace(self.file.to_owned(), line))
        };
        let first = find(0, self.after)? + 1;
        let end = find(first, self.until).unwrap_or(lines.len());
        let run = &lines[first..end];
        let among = run.iter().position(|line| self.sorted && *line > self.lines.as_str());
        lines.insert(among.map_or(end, |at| first + at), &self.lines);
        Ok(lines.join("\n") + "\n")
    }
}

fn capitalized(name: &str) -> String {
    let (first, rest) = name.split_at(name.len().min(1));
    first.to_ascii_uppercase() + rest
}

/// The files below `folder`, in order.
fn files(folder: &Path) -> Result<Vec<PathBuf>, NewProviderError> {
    let (mut found, mut folders) = (Vec::new(), vec![folder.to_owned()]);
    while let Some(folder) = folders.pop() {
        let entries = fs::read_dir(&folder).map_err(|error| failed(&folder, error))?;
        for entry in entries {
            let path = entry.map_err(|error| failed(&folder, error))?.path();
            if path.is_dir() { &mut folders } else { &mut found }.push(path);
        }
    }
    found.sort();
    Ok(found)
}

fn read(file: &Path) -> Result<String, NewProviderError> {
    fs::read_to_string(file).map_err(|error| failed(file, error))
}

fn write(file: &Path, text: &str) -> Result<(), NewProviderError> {
    fs::write(file, text).map_err(|error| failed(file, error))
}

fn failed(file: &Path, error: io::Error) -> NewProviderError {
    NewProviderError::File(file.display().to_string(), error)
}

#[cfg(test)]
mod tests;
