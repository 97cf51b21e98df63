//! The sample callbacks that a provider's crate or contract has, one at least for each of its kinds.

use serde::Deserialize;
use serde_json::value::RawValue;

/// A sample callback.
#[derive(Debug, Deserialize)]
pub struct Sample {
    /// The name of its event file, without the ending.
    pub name: String,
    /// Its route, `POST /path`.
    pub route: String,
    /// What in the payload a number may take the place of, which makes it another callback: one sample of each
    /// provider says so.
    pub identity: Option<String>,
    /// Whether it is signed with a key that is not the provider's.
    #[serde(default)]
    pub forged: bool,
    pub(crate) payload: Box<RawValue>,
}

/// A provider's sample file that is not of its form.
#[derive(Debug, thiserror::Error)]
#[error("{provider}'s samples are malformed: {error}")]
pub struct SamplesError {
    /// The provider's name.
    pub provider: &'static str,
    /// What is wrong.
    pub error: serde_json::Error,
}

impl Sample {
    /// Reads a provider's [`SAMPLES`](verify::Sender::SAMPLES).
    pub fn parse_all(samples: &str) -> serde_json::Result<Vec<Self>> {
        serde_json::from_str(samples)
    }

    /// Its payload, a JSON object without its credential and without white space between its tokens.
    #[must_use]
    pub fn payload(&self) -> String {
        compact(self.payload.get())
    }
}

/// JSON without the white space between its tokens.
#[must_use]
pub fn compact(json: &str) -> String {
    let mut in_string = false;
    let mut escaped = false;
    json.chars()
        .filter(|&c| {
            if in_string {
                in_string = escaped || c != '"';
                escaped = c == '\\' && !escaped;
                return true;
            }
            in_string = c == '"';
            !c.is_ascii_whitespace()
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn compact_json_keeps_its_digits_and_strings() {
        let json = "{ \"a b\" : [ 1.50 , \"x \\\" y\\\\\" , null ] }\n";
        assert_eq!(compact(json), r#"{"a b":[1.50,"x \" y\\",null]}"#);
    }
}
