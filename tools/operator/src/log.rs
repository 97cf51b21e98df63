//! What a deployed stack logs of requests and attempts: its functions' lines, and those of the HTTP API about requests
//! that no function answered.
//!
//! Source: `FilterLogEvents` in the CloudWatch Logs API reference; "Filter pattern syntax for metric filters,
//! subscription filters, filter log events, and Live Tail" in its user guide.

use std::collections::HashSet;
use std::time::Duration;

use aws_sdk_cloudwatchlogs::Client;
use bundle::provider::{PROVIDERS, function_id};
use jiff::{SignedDuration, Timestamp};
use serde_json::Value;

use crate::error::Error;
use crate::stack::Stack;

/// The service that is asked, as errors name it.
const SERVICE: &str = "CloudWatch Logs";

/// The log of the HTTP API.
const ACCESS: &str = "AccessLog";

/// How late a line may come into its log: asked for as long again, and known by its id.
const LATE: SignedDuration = SignedDuration::from_secs(60);

/// How many lines are read of a log at once, and how many pages: a page may be empty with more behind it.
const MOST_LINES: usize = 1_000;
const MOST_PAGES: usize = 20;

/// The pause before each page. An account has five such requests a second in a region ("CloudWatch Logs quotas"), and
/// this command is not alone.
const PAUSE: Duration = Duration::from_millis(250);

/// The earliest time from which a log is read from its end ("`FilterLogEvents`", `startFromHead`): 2024-01-01.
const EARLIEST: Timestamp = Timestamp::constant(1_704_067_200, 0);

/// The longest text in a pattern, in characters: a pattern has 1,024 at most.
const LONGEST_TEXT: usize = 500;

/// A line of a log.
#[derive(Debug, Clone)]
pub struct Line {
    /// CloudWatch's id of it; where none is given, time and text.
    pub id: String,
    /// When it was logged.
    pub at: Timestamp,
    /// What it says: a JSON object.
    pub said: Value,
}

/// Lines that were read.
#[derive(Debug, Default)]
pub struct Read {
    /// The lines.
    pub lines: Vec<Line>,
    /// Whether there are older ones that were not read.
    pub is_cut: bool,
    /// Why a log was not read.
    pub problem: Option<Error>,
}

/// Which lines are wanted.
#[derive(Debug, Clone, Copy)]
enum Wanted<'a> {
    /// One for each request, of a function that receives.
    Callbacks,
    /// What no function answered, of the API's log: no integration, or another status than the function's own.
    NotAnswered,
    /// Those of attempts to settle a record.
    AttemptsOf(&'a str),
}

impl Wanted<'_> {
    /// The pattern that takes them, and perhaps others: it spares what is sent.
    fn pattern(self) -> String {
        match self {
            Self::Callbacks => r#"{ $.message = "callback" }"#.to_owned(),
            Self::NotAnswered => r#"{ $.integrationStatus = "-" || $.status = "5*" }"#.to_owned(),
            Self::AttemptsOf(id) => {
                let mut text: String = id.chars().take(LONGEST_TEXT).collect();
                if text.len() < id.len() {
                    text.push('*');
                }
                // Quotation marks and backslashes within a text are escaped, as in JSON.
                let text = Value::from(text);
                format!(r#"{{ $.message = "attempt" && $.id = {text} }}"#)
            }
        }
    }

    /// Whether it is one of them: this decides.
    fn takes(self, said: &Value) -> bool {
        match self {
            Self::Callbacks => said["message"] == "callback",
            Self::NotAnswered => {
                said["integrationStatus"].is_string() && said["integrationStatus"] != said["status"]
            }
            Self::AttemptsOf(id) => said["message"] == "attempt" && said["id"] == id,
        }
    }
}

/// The lines about requests, as they come.
#[derive(Debug)]
pub struct Log(Vec<Watched>);

/// A log that is read again and again.
#[derive(Debug)]
struct Watched {
    /// Its logical id.
    id: String,
    wanted: Wanted<'static>,
    /// From when on it is read next time.
    from: Timestamp,
    /// The lines that were read last time.
    known: HashSet<String>,
}

impl Log {
    /// Those of the functions of `stack`, and of its API, from `from` on.
    #[must_use]
    pub fn of(stack: &Stack, from: Timestamp) -> Self {
        let written = PROVIDERS.iter().map(|provider| provider.function.clone());
        let described = stack.contracts();
        let functions = written.chain(described.iter().map(|name| function_id(name)));
        let logs = functions.map(|function| (log_of(&function), Wanted::Callbacks));
        let logs = logs.chain([(ACCESS.to_owned(), Wanted::NotAnswered)]);
        let watched = |(id, wanted)| Watched { id, wanted, from, known: HashSet::new() };
        Self(logs.map(watched).collect())
    }

    /// The lines that came since it was asked last, the oldest first. A log that cannot be read is asked for the same
    /// next time. `now` is this machine's time.
    pub async fn next(&mut self, stack: &Stack, now: Timestamp) -> Read {
        let mut new = Read::default();
        let mut newest = Timestamp::MIN;
        let mut read_logs = Vec::new();
        for log in &mut self.0 {
            match read(stack, &log.id, log.wanted, log.from).await {
                Ok(read) => {
                    new.is_cut |= read.is_cut;
                    let mut seen = HashSet::new();
                    for line in read.lines {
                        newest = newest.max(line.at);
                        seen.insert(line.id.clone());
                        if !log.known.contains(&line.id) {
                            new.lines.push(line);
                        }
                    }
                    // What is asked for again next time is at most what was seen this time.
                    log.known = seen;
                    read_logs.push(log);
                }
                Err(error) => {
                    new.problem.get_or_insert(error);
                }
            }
        }
        // By the clock that the lines have: this machine's may be wrong, but is no reason to skip what is to come.
        let from = newest.min(now).checked_sub(LATE).unwrap_or(Timestamp::MIN);
        for log in read_logs {
            log.from = log.from.max(from);
        }
        new.lines.sort_by(|a, b| (a.at, &a.id).cmp(&(b.at, &b.id)));
        new
    }
}

/// The lines of the attempts that `settler` made for the record `id` since `from`, the last one first.
///
/// # Errors
///
/// What CloudWatch Logs says.
pub async fn attempts(
    stack: &Stack,
    settler: &str,
    id: &str,
    from: Timestamp,
) -> Result<Read, Error> {
    let log = log_of(&function_id(settler));
    let mut attempts = read(stack, &log, Wanted::AttemptsOf(id), from).await?;
    attempts.lines.sort_by(|a, b| (b.at, &b.id).cmp(&(a.at, &a.id)));
    Ok(attempts)
}

/// The logical id of the log of `function`.
fn log_of(function: &str) -> String {
    format!("{}Log", function.trim_end_matches("Function"))
}

/// The last lines of the log with the logical id `log` that are wanted, since `from`.
async fn read(
    stack: &Stack,
    log: &str,
    wanted: Wanted<'_>,
    from: Timestamp,
) -> Result<Read, Error> {
    let mut pages = client(stack)?
        .filter_log_events()
        .log_group_name(stack.name_of(log)?)
        .filter_pattern(wanted.pattern())
        .start_time(from.max(EARLIEST).as_millisecond())
        .start_from_head(false)
        .into_paginator()
        .send();
    let mut read = Read::default();
    for _ in 0..MOST_PAGES {
        tokio::time::sleep(PAUSE).await;
        let Some(page) = pages.next().await else { return Ok(read) };
        let events = page.map_err(stack.failed(SERVICE))?.events.unwrap_or_default();
        read.lines.extend(events.into_iter().filter_map(|event| {
            let at = Timestamp::from_millisecond(event.timestamp?).ok()?;
            let said: Value = serde_json::from_str(event.message.as_deref()?.trim()).ok()?;
            let id = event.event_id.unwrap_or_else(|| format!("{at} {said}"));
            wanted.takes(&said).then_some(Line { id, at, said })
        }));
        if read.lines.len() >= MOST_LINES {
            break;
        }
    }
    Ok(Read { is_cut: true, ..read })
}

fn client(stack: &Stack) -> Result<&Client, Error> {
    let aws = stack.clients.aws.as_ref();
    aws.map(|aws| &aws.logs).ok_or_else(|| Error::Lacks("a log in CloudWatch".to_owned()))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    /// The forms are those of "Filter pattern syntax", the part about JSON.
    #[test]
    fn a_pattern_names_members_and_texts() {
        let hostile = Wanted::AttemptsOf(r#"a" || "b\"#).pattern();
        assert_eq!(hostile, r#"{ $.message = "attempt" && $.id = "a\" || \"b\\" }"#);
        let long = Wanted::AttemptsOf(&"ü".repeat(2_000)).pattern();
        assert!(long.ends_with("ü*\" }") && long.chars().count() < 1_024, "{long}");
    }

    #[test]
    fn what_no_function_answered_is_what_has_no_status_of_a_function() {
        for (status, integration, is_wanted) in [
            ("404", json!("-"), true),
            ("429", json!("-"), true),
            ("502", json!("200"), true),
            ("503", json!("503"), false),
            ("200", json!("200"), false),
            ("500", Value::Null, false),
        ] {
            let said = json!({"status": status, "integrationStatus": integration});
            assert_eq!(Wanted::NotAnswered.takes(&said), is_wanted, "{said}");
        }
    }
}
