//! The functions' binaries. `cargo test` builds no binaries of other packages, hence the build from
//! here: at once where they are fresh.

use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::LazyLock;

use serde_json::Value;

static BUILT: LazyLock<HashMap<String, PathBuf>> = LazyLock::new(build);

/// The binary `name`.
pub(crate) fn path(name: &str) -> &'static Path {
    BUILT.get(name).unwrap_or_else(|| panic!("{name} is no binary of {:?}", BUILT.keys()))
}

/// Builds with the profile and into the directory of this test, so that nothing is built twice. The whole
/// workspace and this test itself are named as well, as `cargo test` does: the features of the dependencies are those
/// of the packages named.
fn build() -> HashMap<String, PathBuf> {
    let target = Path::new(env!("CARGO_TARGET_TMPDIR")).parent().expect("a target directory");
    let mut cargo = Command::new(env!("CARGO"));
    cargo
        .args(["build", "--frozen", "--quiet", "--message-format=json-render-diagnostics"])
        .args(["--workspace", "--test", "it", "--bins"])
        .arg("--target-dir")
        .arg(target)
        .current_dir(env!("CARGO_MANIFEST_DIR"))
        .stdin(Stdio::null());
    // What cargo tells a test about its package it did not tell itself: build scripts that look at it
    // would run again each time.
    for (name, _) in std::env::vars_os() {
        let told = |prefix| name.to_str().is_some_and(|name| name.starts_with(prefix));
        if told("CARGO_PKG_") || told("CARGO_MANIFEST_") {
            cargo.env_remove(&name);
        }
    }
    if !cfg!(debug_assertions) {
        cargo.arg("--release");
    }
    let output = cargo.output().expect("cargo runs");
    let errors = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "the binaries cannot be built: {cargo:?}\n{errors}");
    let messages = String::from_utf8(output.stdout).expect("text");
    messages
        .lines()
        .map(|line| serde_json::from_str::<Value>(line).expect("a message of cargo's"))
        .filter(|message| message["target"]["kind"] == serde_json::json!(["bin"]))
        .filter_map(|message| {
            let name = message["target"]["name"].as_str()?.to_owned();
            Some((name, message["executable"].as_str()?.into()))
        })
        .collect()
}
