//! `callbacks`: the bundle's command. `cargo run` starts it.

mod cli;
mod project;

use std::process::ExitCode;

fn main() -> ExitCode {
    cli::run()
}
