//! `cargo run`: the bundle on one machine.

use std::process::ExitCode;

fn main() -> ExitCode {
    dev_server::cli::run()
}
