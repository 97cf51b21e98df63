//! `callbacks`: the bundle's command. `cargo run` starts it.

mod cli;
mod project;
mod trigger;

use std::process::ExitCode;

fn main() -> ExitCode {
    cli::run()
}
