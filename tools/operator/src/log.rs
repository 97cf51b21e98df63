//! What a deployed stack logs of requests and attempts: its functions' lines, and those of the HTTP API about requests
//! that came to no function.
//!
//! Source: `FilterLogEvents` in the CloudWatch Logs API reference; "Filter pattern syntax for metric filters, subscription
//! filters, filter log events, and Live Tail" in its user guide.

use std::collections::HashSet;

use aws_sdk_cloudwatchlogs::Client;
use bundle::folder::Folder;
use bundle::provider::{PROVIDERS, function_id};
use jiff::{SignedDuration, Timestamp};
use serde_json::Value;

use crate::error::Error;
use crate::stack::Stack;

/// The service that is asked, as errors name it.
const SERVICE: &str = "CloudWatch Logs";

/// The log of the HTTP API.
const ACCESS: &str = "AccessLog";

/// What a log is asked for: lines in which each of these members is this text.
type Members<'a> = [(&'static str, &'a str)];

/// One line of a function that receives, for each request.
const CALLBACKS: &Members<'_> = &[("message", "callback")];

/// What came to no function, of the API's log.
const NOT_INTEGRATED: &Members<'_> = &[("integrationStatus", "-")];

/// How late a line may come into its log: asked for as long again, and known by its id.
const LATE: SignedDuration = SignedDuration::from_secs(60);

/// How much of a log is read at once: a page has 10,000 lines or 1 MiB at most, and may be empty with more behind it.
const MOST_PAGES: usize = 50;
const MOST_LINES: usize = 10_000;

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
    /// Whether there are more than were read.
    pub is_cut: bool,
}

/// The lines about requests, as they come.
#[derive(Debug)]
pub struct Log {
    from: Timestamp,
    known: HashSet<String>,
}

impl Log {
    /// Those from `from` on.
    #[must_use]
    pub fn since(from: Timestamp) -> Self {
        Self { from, known: HashSet::new() }
    }

    /// The lines that came since it was asked last, the oldest first.
    ///
    /// # Errors
    ///
    /// What CloudWatch Logs says.
    pub async fn next(&mut self, stack: &Stack, now: Timestamp) -> Result<Read, Error> {
        let mut new = Read::default();
        let mut seen = HashSet::new();
        for (id, wanted) in logs_of_requests(stack) {
            let read = read(stack, &id, wanted, self.from).await?;
            new.is_cut |= read.is_cut;
            for line in read.lines {
                if !self.known.contains(&line.id) {
                    new.lines.push(line.clone());
                }
                seen.insert(line.id);
            }
        }
        // What is asked for again next time is at most what was seen this time.
        self.known = seen;
        self.from = self.from.max(now - LATE);
        new.lines.sort_by(|a, b| (a.at, &a.id).cmp(&(b.at, &b.id)));
        Ok(new)
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
) -> Result<Vec<Line>, Error> {
    let wanted = [("message", "attempt"), ("id", id)];
    let mut attempts = read(stack, &log_of(&function_id(settler)), &wanted, from).await?.lines;
    attempts.sort_by(|a, b| (b.at, &b.id).cmp(&(a.at, &a.id)));
    Ok(attempts)
}

/// The logical id of the log of `function`.
fn log_of(function: &str) -> String {
    format!("{}Log", function.trim_end_matches("Function"))
}

/// The logs with a line for each request, by their logical ids, and what each is asked for.
fn logs_of_requests(stack: &Stack) -> Vec<(String, &'static Members<'static>)> {
    let written = PROVIDERS.iter().map(|provider| provider.function.clone());
    let described = stack.contracts();
    let described =
        described.iter().filter_map(|name| Some(Folder::default().provider(name).ok()?.function));
    let functions = written.chain(described);
    let logs = functions.map(|function| (log_of(&function), CALLBACKS));
    logs.chain([(ACCESS.to_owned(), NOT_INTEGRATED)]).collect()
}

/// The pattern that takes lines with `wanted`.
fn pattern(wanted: &Members<'_>) -> String {
    let is = |(name, text): &(&str, &str)| {
        // Quotation marks and backslashes within a text are escaped, as in JSON.
        format!("$.{name} = {}", Value::from(*text))
    };
    format!("{{ {} }}", wanted.iter().map(is).collect::<Vec<_>>().join(" && "))
}

/// The lines of the log with the logical id `log` that have `wanted`, since `from`.
async fn read(
    stack: &Stack,
    log: &str,
    wanted: &Members<'_>,
    from: Timestamp,
) -> Result<Read, Error> {
    let mut pages = client(stack)?
        .filter_log_events()
        .log_group_name(stack.name_of(log)?)
        .filter_pattern(pattern(wanted))
        .start_time(from.as_millisecond())
        .into_paginator()
        .send();
    let mut read = Read::default();
    for _ in 0..MOST_PAGES {
        let Some(page) = pages.next().await else { return Ok(read) };
        let events = page.map_err(stack.failed(SERVICE))?.events.unwrap_or_default();
        read.lines.extend(events.into_iter().filter_map(|event| {
            let at = Timestamp::from_millisecond(event.timestamp?).ok()?;
            let said: Value = serde_json::from_str(event.message.as_deref()?.trim()).ok()?;
            // The pattern spares what is sent; this decides.
            let is_wanted = wanted.iter().all(|(name, text)| said[*name] == *text);
            let id = event.event_id.unwrap_or_else(|| format!("{at} {said}"));
            is_wanted.then_some(Line { id, at, said })
        }));
        if read.lines.len() > MOST_LINES {
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
    use super::*;

    /// The forms are those of "Filter pattern syntax", the part about JSON.
    #[test]
    fn a_pattern_names_members_and_texts() {
        assert_eq!(pattern(CALLBACKS), r#"{ $.message = "callback" }"#);
        assert_eq!(pattern(NOT_INTEGRATED), r#"{ $.integrationStatus = "-" }"#);
        let hostile = pattern(&[("message", "attempt"), ("id", r#"a" || "b\"#)]);
        assert_eq!(hostile, r#"{ $.message = "attempt" && $.id = "a\" || \"b\\" }"#);
    }
}
