//! Checks every contract of `contracts/`, and builds in those that nothing stands against; where something does,
//! nothing is built.

use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::{env, fs, io};

use contracts::ContractFile;
use databake::Bake as _;

fn main() -> ExitCode {
    match generate() {
        Ok(0) => ExitCode::SUCCESS,
        Ok(unsafe_ones) => {
            eprintln!("{unsafe_ones} of the contracts cannot be served as they are");
            ExitCode::FAILURE
        }
        Err(error) => {
            eprintln!("the contracts cannot be read: {error}");
            ExitCode::FAILURE
        }
    }
}

/// Writes the catalogue, and gives the number of contracts that are not in it because they are not safe.
fn generate() -> io::Result<usize> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../contracts");
    println!("cargo::rerun-if-changed={}", folder.display());
    let entries = fs::read_dir(&folder)?.map(|entry| Ok(entry?.path()));
    let mut paths: Vec<PathBuf> = entries.collect::<io::Result<_>>()?;
    paths.retain(|path| path.extension().is_some_and(|extension| extension == "toml"));
    paths.sort_by(|one, other| one.file_stem().cmp(&other.file_stem()));
    let (mut constants, mut rows, mut texts) = (String::new(), String::new(), String::new());
    let mut unsafe_ones = 0;
    for path in &paths {
        println!("cargo::rerun-if-changed={}", path.display());
        let name = path.file_stem().unwrap_or_default().to_string_lossy();
        let text = fs::read_to_string(path)?;
        let Some(file) = safe(&name, &text) else {
            unsafe_ones += 1;
            continue;
        };
        let served = file.bake(&databake::CrateEnv::default());
        let constant = name.to_uppercase().replace('-', "_");
        let _ = writeln!(
            constants,
            "/// What `contracts/{name}.toml` says.\n\
             pub static {constant}: contracts::ContractFile = {served};"
        );
        let _ = writeln!(rows, "({name:?}, &files::{constant}),");
        let _ = writeln!(texts, "({name:?}, {text:?}),");
    }
    let catalogue = format!(
        "/// What each contract says, by its name in capitals.\npub mod files {{\n{constants}}}\n\
         static SERVED: &[(&str, &contracts::ContractFile)] = &[\n{rows}];\n\
         static TEXTS: &[(&str, &str)] = &[\n{texts}];\n"
    );
    let out = env::var_os("OUT_DIR").map(PathBuf::from).unwrap_or_default();
    fs::write(out.join("catalogue.rs"), catalogue)?;
    Ok(unsafe_ones)
}

/// What the file says, where nothing stands against serving it; says what does.
fn safe<'a>(name: &str, text: &'a str) -> Option<&'a ContractFile>
where
    'static: 'a,
{
    match contracts::check(name, text) {
        Ok(checked) => {
            for finding in checked.findings.iter().filter(|finding| finding.rule.is_error()) {
                eprintln!("contracts/{name}.toml: {finding}");
            }
            checked.safe().map(contracts::Contract::file)
        }
        Err(error) => {
            eprintln!("contracts/{name}.toml: {error}");
            None
        }
    }
}
