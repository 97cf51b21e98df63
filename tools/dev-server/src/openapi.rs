//! `docs/openapi.yaml`: what is the same for all providers, from `shared/receiver/openapi.yaml`, and after it
//! each provider's own part, from `openapi.yaml` in its folder.
//!
//! Those are written as `OpenAPI`, but for two lines that stand for what is known already:
//!
//! * `examples: [a, b]` has the bodies of these samples in its place;
//! * `responses: {}` has the answers that a provider, or a team's own code, is given.

use std::fmt::Write as _;
use std::{fs, io};

use bundle::project_file;
use bundle::provider::{PROVIDERS, ProviderEntry};
use verify::Caller;

use crate::samples::{self, SampleError};
use crate::settings::EnvVars;

/// Where it is written.
pub const FILE: &str = "docs/openapi.yaml";

/// What all providers share.
const COMMON: &str = "shared/receiver/openapi.yaml";

/// Sections that have sections of their own, of which each provider adds to some.
const NESTED: &str = "components:";

/// Every status with the name of its response; a conflict is 409 to a team's own code alone.
const RESPONSES: [(&str, &str); 9] = [
    ("200", "Kept"),
    ("400", "BadRequest"),
    ("401", "Unauthorized"),
    ("403", "Forbidden"),
    ("409", "Conflict"),
    ("413", "TooLarge"),
    ("429", "TooManyRequests"),
    ("500", "Failed"),
    ("503", "Unavailable"),
];

/// Why the description cannot be written.
#[derive(Debug, thiserror::Error)]
pub enum DescriptionError {
    /// A part of it cannot be read.
    #[error("{0}: {1}")]
    Unreadable(String, io::Error),
    /// There is no such sample to show.
    #[error("{0} has no sample {1}")]
    NoSample(&'static str, String),
    /// The samples cannot be made.
    #[error(transparent)]
    Sample(#[from] SampleError),
}

/// The whole description.
pub fn document(env: &EnvVars) -> Result<String, DescriptionError> {
    let common = fs::read_to_string(project_file(COMMON))
        .map_err(|error| DescriptionError::Unreadable(COMMON.to_owned(), error))?;
    let mut sections = split(&common);
    for (_, lines) in &mut sections {
        lines.truncate(lines.trim_end().len());
    }
    for provider in PROVIDERS.iter() {
        for (name, lines) in split(&part(provider, env)?) {
            match sections.iter_mut().find(|(known, _)| *known == name) {
                Some((_, section)) => section.push_str(lines.trim_end()),
                None => sections.push((name, lines)),
            }
        }
    }
    let mut document = "# Written by `cargo run -- openapi`.\n".to_owned();
    for (name, lines) in sections {
        let own_line = name.rsplit('\n').next().unwrap_or_default();
        // One blank line around what stands apart.
        let apart = if lines.starts_with("\n\n") || name != own_line { "\n" } else { "" };
        let _ = writeln!(document, "{apart}{own_line}{}", lines.trim_end());
    }
    Ok(document)
}

/// A provider's part, with what its short lines stand for.
fn part(provider: &'static ProviderEntry, env: &EnvVars) -> Result<String, DescriptionError> {
    let file = provider.file("openapi.yaml");
    let text = fs::read_to_string(&file)
        .map_err(|error| DescriptionError::Unreadable(file.display().to_string(), error))?;
    let samples = samples::requests(provider, env, "callbacks.example.com")?;
    let mut part = String::new();
    for line in text.lines() {
        let words = line.trim_start();
        let margin = &line[..line.len() - words.len()];
        if words == "responses: {}" {
            let _ = writeln!(part, "{margin}responses:");
            for (status, response) in responses(provider.caller) {
                let reference = format!("{{$ref: \"#/components/responses/{response}\"}}");
                let _ = writeln!(part, "{margin}  \"{status}\": {reference}");
            }
        } else if let Some(names) = list(words, "examples: ") {
            let _ = writeln!(part, "{margin}examples:");
            for name in names {
                let (_, request) = samples
                    .iter()
                    .find(|(sample, _)| sample.name == name)
                    .ok_or_else(|| DescriptionError::NoSample(provider.name, name.to_owned()))?;
                let _ = writeln!(part, "{margin}  {name}:\n{margin}    value:");
                let body = String::from_utf8_lossy(&request.body);
                for member in members(&body) {
                    let member = member.replacen("\":", "\": ", 1);
                    let _ = writeln!(part, "{margin}      {member}");
                }
            }
        } else {
            let _ = writeln!(part, "{line}");
        }
    }
    Ok(part)
}

fn responses(caller: Caller) -> impl Iterator<Item = (&'static str, &'static str)> {
    RESPONSES.into_iter().filter_map(move |(status, response)| match (caller, status) {
        (Caller::Provider, "200") => Some((status, "KeptOrConflict")),
        (Caller::Provider, "409") => None,
        _ => Some((status, response)),
    })
}

/// The items of a list on one line.
fn list<'a>(line: &'a str, name: &str) -> Option<impl Iterator<Item = &'a str>> {
    let items = line.strip_prefix(name)?.strip_prefix('[')?.strip_suffix(']')?;
    Some(items.split(", "))
}

/// The members of a compact JSON object in their order, `"name":value` each.
fn members(object: &str) -> Vec<String> {
    let inner =
        object.strip_prefix('{').and_then(|rest| rest.strip_suffix('}')).unwrap_or_default();
    let (mut depth, mut in_string, mut escaped) = (0_usize, false, false);
    let members = inner.split(|c| {
        let is_end = c == ',' && depth == 0 && !in_string;
        match c {
            '"' if !escaped => in_string = !in_string,
            '{' | '[' if !in_string => depth += 1,
            '}' | ']' if !in_string => depth = depth.saturating_sub(1),
            _ => {}
        }
        escaped = in_string && c == '\\' && !escaped;
        is_end
    });
    members.map(str::to_owned).collect()
}

/// A document's sections, each with its name; those of a nested one have both names, a line each.
fn split(text: &str) -> Vec<(String, String)> {
    let mut sections: Vec<(String, String)> = Vec::new();
    let mut nested = false;
    for line in text.lines() {
        let depth = line.len() - line.trim_start().len();
        let is_name = !line.is_empty() && !line.trim_start().starts_with('#');
        match depth {
            0 if is_name => {
                nested = line == NESTED;
                sections.push((line.to_owned(), String::new()));
            }
            2 if is_name && nested => sections.push((format!("{NESTED}\n{line}"), String::new())),
            _ => {
                if let Some((_, lines)) = sections.last_mut() {
                    let _ = write!(lines, "\n{line}");
                }
            }
        }
    }
    sections
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn members_are_split_where_they_end() {
        let object = r#"{"a":1,"b":{"c":[1,2],"d":"x,}y"},"e":"\\\",","f":[]}"#;
        let expected = [r#""a":1"#, r#""b":{"c":[1,2],"d":"x,}y"}"#, r#""e":"\\\",""#, r#""f":[]"#];
        assert_eq!(members(object), expected);
    }

    #[test]
    fn sections_are_split_one_level_down_in_components_alone() {
        let text =
            "info:\n  title: T\npaths:\n\n  /a:\n    get: {}\ncomponents:\n  schemas:\n    A: {}\n";
        let names: Vec<_> = split(text).into_iter().map(|(name, _)| name).collect();
        assert_eq!(names, ["info:", "paths:", "components:", "components:\n  schemas:"]);
    }
}
