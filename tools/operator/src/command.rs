//! The command lines that a person is told to go on with.
//!
//! Each is whole: it names the stack that was looked at, and every word of it is one word for a POSIX
//! shell, whatever somebody else wrote into it.

use terminal::word;

use crate::stack::Target;

/// The name of the program and of its package.
const PROGRAM: &str = "callbacks";

/// What a person puts in the place of their own words.
pub const WHY: &str = "WHY";

/// How command lines about the stack that was looked at begin and end.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Commands {
    /// How this program is called.
    program: Vec<&'static str>,
    /// The options that lead to the stack.
    place: Vec<String>,
    /// The options that lead the AWS CLI to the same account and region.
    aws: Vec<String>,
}

impl Commands {
    /// Those for the stack that `place` leads to. `by_cargo`: this command was started by `cargo run`,
    /// and the shell knows no other name for it.
    #[must_use]
    pub fn of(place: &Target, by_cargo: bool) -> Self {
        let program = if by_cargo { vec!["cargo", "run", "--"] } else { vec![PROGRAM] };
        let mut options = Vec::new();
        let mut option = |name: &str, value: Option<String>| {
            options.extend(value.into_iter().flat_map(|value| [name.to_owned(), value]));
        };
        option("--stack", place.stack.clone());
        let mut aws = Vec::new();
        for (name, value) in [("--profile", &place.profile), ("--region", &place.region)] {
            option(name, value.clone());
            aws.extend(value.iter().flat_map(|value| [name.to_owned(), value.clone()]));
        }
        if place.stack.is_none() {
            options.extend(place.other_ports());
        }
        Self { program, place: options, aws }
    }

    /// This command with `arguments`.
    #[must_use]
    pub fn operator(&self, arguments: &[&str]) -> String {
        let options = self.place.iter().map(String::as_str);
        line(self.program.iter().chain(arguments).copied().chain(options))
    }

    /// The AWS CLI with `arguments`.
    #[must_use]
    pub fn aws(&self, arguments: &[&str]) -> String {
        let options = self.aws.iter().map(String::as_str);
        line(["aws"].into_iter().chain(arguments.iter().copied()).chain(options))
    }
}

/// Whether `cargo run` started this process: cargo says so in its environment.
#[must_use]
pub fn is_by_cargo() -> bool {
    std::env::var("CARGO_PKG_NAME").is_ok_and(|name| name == PROGRAM)
}

fn line<'a>(words: impl Iterator<Item = &'a str>) -> String {
    words.map(word).collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
#[cfg(unix)]
mod tests {
    use std::ffi::OsStr;
    use std::fs;
    use std::os::unix::fs::PermissionsExt as _;
    use std::path::PathBuf;
    use std::process::Command;

    use clap::Parser;

    use super::*;

    #[derive(Debug, Parser)]
    struct Line {
        #[command(flatten)]
        place: Target,
    }

    fn commands(arguments: &[&str]) -> Commands {
        let line = Line::parse_from([&["callbacks"], arguments].concat());
        Commands::of(&line.place, false)
    }

    #[test]
    fn a_command_names_the_stack_that_was_looked_at() {
        for (place, expected) in [
            (&[][..], "callbacks show a"),
            (&["--port", "3000"], "callbacks show a"),
            (
                &["--port", "1", "--dynamodb-port", "2", "--sqs-port", "3"],
                "callbacks show a --port 1 --dynamodb-port 2 --sqs-port 3",
            ),
            (&["--stack", "prod"], "callbacks show a --stack prod"),
            (
                &["--stack", "prod", "--region", "eu-west-1", "--profile", "the team's"],
                r"callbacks show a --stack prod --profile 'the team'\''s' --region eu-west-1",
            ),
        ] {
            assert_eq!(commands(place).operator(&["show", "a"]), expected);
        }
        let aws = commands(&["--stack", "prod", "--region", "eu-west-1"]).aws(&["sts", "x"]);
        assert_eq!(aws, "aws sts x --region eu-west-1");
        let by_cargo = Commands::of(&Line::parse_from(["callbacks"]).place, true);
        assert_eq!(by_cargo.operator(&["doctor"]), "cargo run -- doctor");
    }

    /// The arguments that a shell hands to `callbacks` for the line `command`.
    fn handed_over(command: &str) -> Vec<String> {
        let directory =
            PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../target/tmp/callbacks-argv");
        fs::create_dir_all(&directory).expect("a directory");
        let program = directory.join("callbacks");
        let text = "#!/bin/sh\nfor word in \"$@\"; do printf '%s\\0' \"$word\"; done\n";
        // Written beside it and moved, so that no other test runs half of it.
        let draft = directory.join(format!("{:?}", std::thread::current().id()));
        fs::write(&draft, text).expect("a file");
        fs::set_permissions(&draft, fs::Permissions::from_mode(0o755)).expect("executable");
        fs::rename(&draft, &program).expect("in its place");
        let path = [directory.as_os_str(), OsStr::new("/usr/bin:/bin")].join(OsStr::new(":"));
        let output = Command::new("sh").args(["-c", command]).env("PATH", path).output();
        let output = output.expect("a shell");
        assert!(output.stderr.is_empty(), "{output:?}");
        let said = String::from_utf8(output.stdout).expect("text");
        said.split_terminator('\0').map(str::to_owned).collect()
    }

    #[test]
    fn a_shell_takes_a_hostile_id_for_one_word() {
        for id in [
            "provider#kind#$(touch pwned)",
            "giveaway#action#t#send#it's \"mine\"'; touch pwned; '",
            "devtodev#install#`touch pwned`%0Atouch pwned",
            "a#&& touch pwned || \\",
            "a#*?[a-z]{b,c}<d>|e!f",
            "~",
            "",
        ] {
            let command = commands(&["--stack", "s p"]).operator(&["close", id, "--reason", WHY]);
            let expected = ["close", id, "--reason", WHY, "--stack", "s p"];
            assert_eq!(handed_over(&command), expected, "{command}");
        }
        // A shell never sees what a terminal would act on.
        let command = commands(&[]).operator(&["show", "a\n\u{1b}[A\u{9b}1m"]);
        assert!(command.chars().all(|c| (' '..='~').contains(&c)), "{command:?}");
        assert_eq!(handed_over(&command)[1], r"a\u{a}\u{1b}[A\u{9b}1m");
    }
}
