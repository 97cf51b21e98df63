//! `doctor`: checks a stack, and says of everything that is not in order what it means and what to do.
//!
//! It changes nothing but a record that has a dead letter and does not know of it. The callbacks that it
//! sends are signed with the stack's own keys and lack a field that their provider's contract requires, so
//! that a route refuses them once it has authenticated them: nothing is stored, nothing is paid, and what
//! answers is the very path that a genuine callback takes, up to the write.

mod queues;
mod records;
mod resources;
mod routes;
mod secrets;

use std::fmt::Write as _;

use clap::Args;
use jiff::SignedDuration;
use serde::Serialize;
use terminal::{table, visible};

use crate::dead_letters;
use crate::error::Error;
use crate::explain::Explained;
use crate::routing::Routing;
use crate::stack::Stack;
use crate::time_arg::{When, span};

/// How to look.
#[derive(Debug, Args)]
pub struct Doctor {
    /// How old a record may be before it should be settled
    #[arg(long, default_value = "15m", value_parser = span)]
    older_than: SignedDuration,
    /// How far back to look for records that nothing settles: 2026-11-21T18:00:00Z, 24h, 7d
    #[arg(long, default_value = "24h", value_parser = When::parse)]
    since: When,
    /// Send the routes nothing
    #[arg(long)]
    no_routes: bool,
}

/// How something is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Status {
    /// As it should be.
    Ok,
    /// Worth knowing, and nothing to do.
    Note,
    /// Not in order.
    Problem,
}

/// What a check found.
#[derive(Debug, Serialize)]
pub struct Finding {
    /// Which check: `table`, `secret`, `bus`, `stream`, `queue`, `route`, `records`.
    pub check: &'static str,
    /// What was looked at.
    pub subject: String,
    /// How it is.
    pub status: Status,
    /// What was found.
    pub found: String,
    /// What it means, and what to do.
    #[serde(flatten)]
    pub explained: Option<Explained>,
}

impl Finding {
    fn ok(check: &'static str, subject: &str, found: impl Into<String>) -> Self {
        Self {
            check,
            subject: subject.to_owned(),
            status: Status::Ok,
            found: found.into(),
            explained: None,
        }
    }

    fn note(
        check: &'static str,
        subject: &str,
        found: impl Into<String>,
        explained: Explained,
    ) -> Self {
        Self::ok(check, subject, found).but(Status::Note, explained)
    }

    fn problem(
        check: &'static str,
        subject: &str,
        found: impl Into<String>,
        explained: Explained,
    ) -> Self {
        Self::ok(check, subject, found).but(Status::Problem, explained)
    }

    /// The same, with something to say of it.
    fn but(self, status: Status, explained: Explained) -> Self {
        Self { status, explained: Some(explained), ..self }
    }

    /// That it could not be looked at.
    fn unknown(check: &'static str, subject: &str, failure: &Error) -> Self {
        let explained = Explained::new(
            "It could not be looked at.",
            "See that it is there, and that these credentials may read it.",
        );
        Self::problem(check, subject, failure.to_string(), explained)
    }
}

#[derive(Debug, Serialize)]
struct Diagnosis {
    stack: String,
    problems: usize,
    findings: Vec<Finding>,
}

impl Doctor {
    /// What is to be printed, and whether all is in order.
    ///
    /// # Errors
    ///
    /// [`Error`], only where nothing can be looked at.
    pub async fn run(&self, stack: &Stack, json: bool) -> Result<(String, bool), Error> {
        let routing = Routing::of(&stack.template)?;
        reach(stack).await?;
        let mut findings = Vec::new();
        terminal::tell("tables, bus, stream");
        findings.extend(resources::check(stack).await);
        terminal::tell("secrets");
        let (keys, secrets) = secrets::check(stack).await;
        findings.extend(secrets);
        if !self.no_routes {
            terminal::tell("routes");
            findings.extend(routes::check(stack, &keys).await);
        }
        terminal::tell("queues");
        findings.extend(queues::check(stack).await);
        terminal::tell("records");
        findings.extend(records::check(stack, &routing, self.older_than, self.since).await);
        let problems = findings.iter().filter(|it| it.status == Status::Problem).count();
        let diagnosis = Diagnosis { stack: stack.name.clone(), problems, findings };
        let text = if json { terminal::json(&diagnosis)? } else { diagnosis.to_text() };
        Ok((text, problems == 0))
    }
}

/// Sees that the stack can be looked at: where neither its table nor its queues can there is one thing to
/// say, and no list of findings.
async fn reach(stack: &Stack) -> Result<(), Error> {
    let queues = stack.resources("AWS::SQS::Queue");
    let Some(queue) = queues.first() else { return Ok(()) };
    let (table, queue) = tokio::join!(
        resources::describe(stack, "CallbacksTable"),
        dead_letters::depth(stack, queue)
    );
    match (table, queue) {
        (Err(failure), Err(_)) => Err(failure),
        _ => Ok(()),
    }
}

impl Diagnosis {
    fn to_text(&self) -> String {
        let status = |finding: &Finding| match finding.status {
            Status::Ok => "ok",
            Status::Note => "note",
            Status::Problem => "PROBLEM",
        };
        let rows: Vec<_> = self
            .findings
            .iter()
            .map(|it| [status(it), it.check, &it.subject, &it.found].map(str::to_owned))
            .collect();
        let mut text = table(["Status", "Check", "Subject", "Found"], None, &rows);
        for finding in &self.findings {
            let Some(explained) = &finding.explained else { continue };
            let (status, subject) = (status(finding), visible(&finding.subject));
            let means = visible(&explained.means);
            let _ = write!(text, "\n{status} {} {subject}\n  {means}\n", finding.check);
            for (number, step) in explained.next_lines().enumerate() {
                let _ = writeln!(text, "  {}{step}", if number == 0 { "Next: " } else { "    " });
            }
        }
        let _ = match self.problems {
            0 => write!(text, "\nNo problems in {}.", self.stack),
            1 => write!(text, "\nOne problem in {}.", self.stack),
            more => write!(text, "\n{more} problems in {}.", self.stack),
        };
        text
    }
}
