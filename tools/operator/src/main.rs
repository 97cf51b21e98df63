//! The operator's command.

use std::process::ExitCode;

fn main() -> ExitCode {
    operator::cli::run()
}
