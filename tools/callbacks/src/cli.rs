//! The commands and their options.

use std::fmt::Display;
use std::io;
use std::path::PathBuf;
use std::process::ExitCode;
use std::sync::Arc;

use bundle::folder::Folder;
use bundle::project_file;
use clap::{CommandFactory as _, Parser, Subcommand};
use clap_complete::Shell;
use console::{Bundle, Console};
use dev_server::diagnosis::Diagnosis;
use dev_server::feed::Feed;
use dev_server::serve::Serve;
use dev_server::settings::EnvVars;
use tokio::runtime::Runtime;

use crate::project::ProjectCommand;
use crate::stack_console::StackConsole;

/// What `--help` ends with.
const EXAMPLES: &str = "\
Examples:
  callbacks                                    serve the bundle on this machine
  callbacks send events/inbrain-survey-completed.json
  callbacks list --outcome attention           what needs a person
  callbacks show ID --stack callbacks-prod     one record of a deployed stack
  callbacks contract check contracts/cpx.toml

Without --stack, a command is about what runs on this machine. Exit codes: 0 done, and nothing found; 1 something found,
or not done; 2 wrong usage; 3 the stack could not be looked at.";

/// Receives the callbacks of providers, and settles them: serves the bundle on this machine until Ctrl-C, and looks
/// after what runs here or on AWS.
#[derive(Debug, Parser)]
#[command(name = "callbacks", version, args_conflicts_with_subcommands = true)]
#[command(after_help = EXAMPLES, max_term_width = 100)]
struct Cli {
    #[command(subcommand)]
    command: Option<Command>,
    #[command(flatten)]
    serve: Serve,
    /// The port of the page that shows what comes
    #[arg(long, default_value_t = console::server::PORT)]
    console_port: u16,
    #[command(flatten)]
    files: Files,
}

/// The files that the bundle on this machine is made of.
#[derive(Debug, clap::Args)]
struct Files {
    /// The functions' environment variables, in the form of `sam local invoke --env-vars`
    #[arg(long, global = true, value_name = "FILE")]
    env_vars: Option<PathBuf>,
    /// The folder with the contracts, in the place of contracts/
    #[arg(long, global = true, value_name = "FOLDER")]
    contracts: Option<PathBuf>,
}

#[derive(Debug, Subcommand)]
enum Command {
    #[command(flatten)]
    Project(ProjectCommand),
    #[command(flatten)]
    Operate(operator::cli::Command),
    /// Show what a deployed stack receives, on a page of this machine
    Console(StackConsole),
    /// Print a script that completes commands and options
    Completions {
        /// For this shell
        shell: Shell,
    },
    /// Print the manual page, for `man -l -`
    Man,
}

/// Runs the command line.
pub(crate) fn run() -> ExitCode {
    let Cli { command, serve, console_port, files } = Cli::parse();
    match (command, Runtime::new()) {
        (_, Err(error)) => failed(&error, 1),
        (None, Ok(runtime)) => {
            let served = files.read().and_then(|(env, contracts)| {
                runtime.block_on(served(serve, console_port, &env, contracts))
            });
            match served {
                Ok(()) => ExitCode::SUCCESS,
                Err(error) => failed(&error, 1),
            }
        }
        (Some(Command::Project(command)), Ok(runtime)) => {
            let done = files
                .read()
                .and_then(|(env, contracts)| runtime.block_on(command.run(&env, &contracts)));
            match done {
                Ok((text, as_due)) => said(&text, as_due),
                Err(error) => failed(&error, 1),
            }
        }
        (Some(Command::Operate(command)), Ok(runtime)) => match runtime.block_on(command.run()) {
            Ok((text, fine)) => said(text.trim_end(), fine),
            Err(error) => failed(&error, error.exit_code()),
        },
        (Some(Command::Console(console)), Ok(runtime)) => match runtime.block_on(console.run()) {
            Ok(text) => said(&text, true),
            Err(error) => failed(&error, error.exit_code()),
        },
        (Some(Command::Completions { shell }), _) => {
            let mut script = Vec::new();
            clap_complete::generate(shell, &mut Cli::command(), "callbacks", &mut script);
            said(String::from_utf8_lossy(&script).trim_end(), true)
        }
        (Some(Command::Man), _) => match manual() {
            Ok(page) => said(page.trim_end(), true),
            Err(error) => failed(&error, 1),
        },
    }
}

/// Serves the bundle, with the page that shows what comes to it.
async fn served(
    serve: Serve,
    console_port: u16,
    env: &EnvVars,
    contracts: Folder,
) -> Result<(), Box<dyn std::error::Error>> {
    let feed = Arc::new(Feed::default());
    let diagnosis = Arc::new(Diagnosis::new(env.clone(), contracts.clone()));
    let bundle =
        Bundle::new(Arc::clone(&feed), Arc::clone(&diagnosis), env.clone(), contracts.clone());
    let console = Console::open(bundle, console_port).await?;
    let url = console.url();
    tokio::spawn(console.serve());
    Ok(serve.run(env, contracts, feed, diagnosis, &url).await?)
}

impl Files {
    fn read(self) -> Result<(EnvVars, Folder), Box<dyn std::error::Error>> {
        let path = self.env_vars.unwrap_or_else(|| project_file("events/env.json"));
        Ok((EnvVars::read(&path)?, self.contracts.map_or_else(Folder::default, Folder::at)))
    }
}

fn manual() -> io::Result<String> {
    let mut page = Vec::new();
    clap_mangen::Man::new(Cli::command()).render(&mut page)?;
    Ok(String::from_utf8_lossy(&page).into_owned())
}

/// Prints what a command found, and ends by whether that is as it should be.
fn said(text: &str, as_due: bool) -> ExitCode {
    match terminal::print(text) {
        Ok(()) if as_due => ExitCode::SUCCESS,
        Ok(()) => ExitCode::FAILURE,
        Err(error) => failed(&error, 1),
    }
}

fn failed(error: &dyn Display, code: u8) -> ExitCode {
    terminal::tell(format_args!("error: {error}"));
    ExitCode::from(code)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Every command, with those below it.
    fn all(command: &clap::Command, found: &mut Vec<clap::Command>) {
        found.push(command.clone());
        for below in command.get_subcommands() {
            all(below, found);
        }
    }

    #[test]
    fn the_command_line_is_sound_and_its_help_fits_a_hundred_columns() {
        Cli::command().debug_assert();
        let mut commands = Vec::new();
        let mut cli = Cli::command();
        cli.build();
        all(&cli, &mut commands);
        assert!(commands.len() > 25, "{}", commands.len());
        for mut command in commands {
            let help = command.render_long_help().to_string();
            for line in help.lines() {
                assert!(line.chars().count() <= 100, "{}: {line}", command.get_name());
            }
        }
    }

    #[test]
    fn a_command_that_is_mistyped_is_suggested() {
        for (typed, meant) in [("lst", "list"), ("doktor", "doctor"), ("redrve", "redrive")] {
            let error = Cli::try_parse_from(["callbacks", typed]).expect_err(typed).to_string();
            assert!(error.contains(&format!("'{meant}'")), "{error}");
        }
    }

    #[test]
    fn the_manual_and_the_completions_name_every_command() {
        let page = manual().expect("a page");
        let mut script = Vec::new();
        clap_complete::generate(Shell::Bash, &mut Cli::command(), "callbacks", &mut script);
        let script = String::from_utf8(script).expect("text");
        for command in Cli::command().get_subcommands() {
            let name = command.get_name();
            assert!(page.contains(&name.replace('-', "\\-")), "{name}");
            assert!(script.contains(name), "{name}");
        }
    }
}
