//! `callbacks`: the bundle's command. `cargo run` starts it.

mod cli;
mod project;
mod stack_console;

use std::process::ExitCode;

fn main() -> ExitCode {
    cli::run()
}
