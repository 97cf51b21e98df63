//! `cargo bench -p benches`

use std::process::ExitCode;

use benches::bench;
use benches::cli::Cli;

#[tokio::main(flavor = "current_thread")]
async fn main() -> ExitCode {
    let cli = Cli::of_command_line();
    if !cli.bench {
        println!("To measure: cargo bench -p benches");
        return ExitCode::SUCCESS;
    }
    match bench::run(&cli).await {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("{error}");
            ExitCode::FAILURE
        }
    }
}
