//! The release binaries and the peers, built or installed as their own tools do it.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use bundle::provider::PROVIDERS;
use dev_server::functions::SETTLERS;

use crate::cli::Cli;
use crate::error::Error;
use crate::subject::{
    ALL_ROOTS, BY_CONTRACT, EMPTY, JITTER_FREE, NODE, PLAIN, PYTHON, Role, Subject,
};

/// The provider that the peers are written for.
const PEERS_PROVIDER: &str = "inbrain";

/// The function that serves contracts.
const CONTRACT: &str = "contract";

/// Builds what `cli` wants; `folder` is for what is not the project's own.
///
/// # Errors
///
/// When something cannot be built.
pub fn subjects(cli: &Cli, folder: &Path) -> Result<Vec<Subject>, Error> {
    let mut subjects = Vec::new();
    let providers = PROVIDERS.iter().map(|provider| provider.name);
    let mut wanted: Vec<_> = providers.filter(|name| cli.wants(name)).collect();
    wanted.extend(cli.wants(BY_CONTRACT).then_some(CONTRACT));
    for (name, binary) in functions(wanted)? {
        subjects.push(if name == CONTRACT {
            let env = vec![("CONTRACT".to_owned(), PEERS_PROVIDER.to_owned())];
            let by_contract = Subject::binary(BY_CONTRACT, Role::Contract, PEERS_PROVIDER, &binary);
            Subject { env, ..by_contract }
        } else {
            Subject::binary(name, Role::Function, name, &binary)
        });
    }
    let inbrain = subjects.iter().find(|subject| subject.name == PEERS_PROVIDER);
    if let Some(inbrain) = inbrain.cloned().filter(|_| !cli.no_peers) {
        subjects.push(Subject {
            name: ALL_ROOTS.to_owned(),
            role: Role::Variant,
            few_roots: false,
            only_over_tls: true,
            ..inbrain
        });
    }
    for (name, binary) in &cli.variant {
        subjects.push(Subject::binary(name, Role::Variant, PEERS_PROVIDER, binary));
    }
    if cli.no_peers {
        return Ok(subjects);
    }
    let tuned = PROVIDERS.iter().map(|provider| (Subject::tuned(provider.name), provider.name));
    let tuned: Vec<_> = tuned.filter(|(name, _)| cli.wants(name)).collect();
    if !tuned.is_empty() {
        let binary = floor_binary("tuned", "tuned", true, folder)?;
        for (name, provider) in tuned {
            subjects.push(Subject::binary(&name, Role::Floor, provider, &binary));
        }
    }
    for (name, package, jitter_free) in
        [(PLAIN, "plain", false), (JITTER_FREE, "plain", true), (EMPTY, "empty", false)]
    {
        if cli.wants(name) {
            let binary = floor_binary(package, "release", jitter_free, folder)?;
            let floor = Subject::binary(name, Role::Floor, PEERS_PROVIDER, &binary);
            subjects.push(Subject { only_over_tls: jitter_free, ..floor });
        }
    }
    if cli.wants(PYTHON) {
        subjects.push(python(folder)?);
    }
    if cli.wants(NODE) {
        subjects.push(node(folder)?);
    }
    Ok(subjects)
}

/// The settling functions, by name: only the sizes of their packages are measured.
///
/// # Errors
///
/// When one of them cannot be built.
pub fn settlers(cli: &Cli) -> Result<Vec<(&'static str, PathBuf)>, Error> {
    let names = SETTLERS.iter().map(|function| function.name);
    functions(names.filter(|name| cli.wants(name)).collect())
}

/// The functions of these names, built side by side: they have the same features of what they share.
fn functions(names: Vec<&'static str>) -> Result<Vec<(&'static str, PathBuf)>, Error> {
    if names.is_empty() {
        return Ok(Vec::new());
    }
    let root = bundle::project_file("");
    let mut cargo = Command::new(env!("CARGO"));
    cargo.args(["build", "--release", "--locked", "--manifest-path"]).arg(root.join("Cargo.toml"));
    for name in &names {
        cargo.args(["--package", name]);
    }
    run(cargo)?;
    let target = std::env::var_os("CARGO_TARGET_DIR");
    let target = target.map_or_else(|| root.join("target"), PathBuf::from).join("release");
    names.into_iter().map(|name| Ok((name, canonical(&target.join(name))?))).collect()
}

/// A function of the workspace of floors, by one of its profiles.
fn floor_binary(
    package: &str,
    profile: &str,
    jitter_free: bool,
    folder: &Path,
) -> Result<PathBuf, Error> {
    let target = folder.join(if jitter_free { "rust-jitter-free" } else { "rust" });
    let mut cargo = Command::new(env!("CARGO"));
    cargo
        .args(["build", "--locked", "--package", package, "--profile", profile, "--target-dir"])
        .arg(&target)
        .current_dir(peer("rust"));
    if jitter_free {
        cargo.env("AWS_LC_SYS_NO_JITTER_ENTROPY", "1");
        // Most of it is the same.
        let other = folder.join("rust");
        if other.is_dir() && !target.exists() {
            let mut copy = Command::new("cp");
            copy.arg("--archive").args([&other, &target]);
            run(copy)?;
        }
    }
    run(cargo)?;
    canonical(&target.join(profile).join(package))
}

fn python(folder: &Path) -> Result<Subject, Error> {
    let package = folder.join("python");
    let installed = package.join("boto3");
    if !installed.is_dir() {
        let mut pip = Command::new("python3");
        pip.args(["-m", "pip", "install", "--quiet", "--no-warn-conflicts", "--target"])
            .arg(&package)
            .arg("--requirement")
            .arg(peer("python").join("requirements.txt"));
        run(pip)?;
    }
    copy(&peer("python").join("app.py"), &package.join("app.py"))?;
    let command = ["-m", "awslambdaric", "app.handler"].map(PathBuf::from);
    Ok(Subject {
        name: PYTHON.to_owned(),
        role: Role::Peer,
        provider: PEERS_PROVIDER,
        command: std::iter::once(interpreter(
            "python3",
            "import sys; print(sys.executable)",
            "-c",
        )?)
        .chain(command)
        .collect(),
        env: vec![("PYTHONPATH".to_owned(), package.display().to_string())],
        folder: package.clone(),
        package,
        countable: true,
        few_roots: false,
        only_over_tls: false,
    })
}

fn node(folder: &Path) -> Result<Subject, Error> {
    let package = folder.join("node");
    fs::create_dir_all(&package).map_err(|error| Error::File { path: package.clone(), error })?;
    for file in ["package.json", "package-lock.json", "app.mjs", "runtime.mjs"] {
        copy(&peer("node").join(file), &package.join(file))?;
    }
    if !package.join("node_modules").is_dir() {
        let mut npm = Command::new("npm");
        npm.args(["ci", "--silent", "--omit=dev"]).current_dir(&package);
        run(npm)?;
    }
    Ok(Subject {
        name: NODE.to_owned(),
        role: Role::Peer,
        provider: PEERS_PROVIDER,
        command: vec![
            interpreter("node", "console.log(process.execPath)", "-e")?,
            PathBuf::from("runtime.mjs"),
        ],
        env: vec![("AWS_NODEJS_CONNECTION_REUSE_ENABLED".to_owned(), "1".to_owned())],
        folder: package.clone(),
        package,
        // Its compiler makes code as it runs, which callgrind does not follow.
        countable: false,
        few_roots: false,
        only_over_tls: false,
    })
}

/// The interpreter itself, without what chooses between several.
fn interpreter(name: &str, script: &str, option: &str) -> Result<PathBuf, Error> {
    let program = |error| Error::Program { program: name.to_owned(), error };
    let output = Command::new(name).args([option, script]).output().map_err(program)?;
    canonical(Path::new(String::from_utf8_lossy(&output.stdout).trim()))
}

fn peer(name: &str) -> PathBuf {
    bundle::project_file("benches/peers").join(name)
}

fn canonical(path: &Path) -> Result<PathBuf, Error> {
    path.canonicalize().map_err(|error| Error::File { path: path.to_owned(), error })
}

fn copy(from: &Path, to: &Path) -> Result<(), Error> {
    fs::copy(from, to).map(drop).map_err(|error| Error::File { path: from.to_owned(), error })
}

fn run(mut command: Command) -> Result<(), Error> {
    let program = command.get_program().to_string_lossy().into_owned();
    let shown = format!("{command:?}");
    println!("  {shown}");
    // A build of its own must not inherit what cargo sets for this one.
    for (name, _) in std::env::vars_os() {
        if name
            .to_str()
            .is_some_and(|name| name.starts_with("CARGO_PKG_") || name == "CARGO_MANIFEST_DIR")
        {
            command.env_remove(name);
        }
    }
    match command.status() {
        Ok(status) if status.success() => Ok(()),
        Ok(status) => Err(Error::Failed { program: shown, status }),
        Err(error) => Err(Error::Program { program, error }),
    }
}
