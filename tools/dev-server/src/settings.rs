//! The environment variables of the functions, from the file that `sam local invoke --env-vars` takes.

use std::collections::{BTreeSet, HashMap};
use std::fs;
use std::path::Path;

use contracts::proof::url_token;
use serde_json::Value;
use settings::Settings;
use verify::Secret;

/// Environment variables by name, by the function's logical id.
#[derive(Debug, Clone, Default, serde::Deserialize)]
#[serde(transparent)]
pub struct EnvVars(HashMap<String, HashMap<String, String>>);

/// The variables with keys: those of receiving functions, a list, and those of settling ones, an object.
const KEYS: [&str; 2] = ["KEYS", "API_KEYS"];

/// Why the file cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum EnvVarsError {
    /// It cannot be read.
    #[error("{path} cannot be read: {error}")]
    Unreadable {
        /// The path of the file.
        path: String,
        /// What the operating system says.
        error: std::io::Error,
    },
    /// It is not of its form. What is wrong is told without quoting it: secrets stand in it.
    #[error("{0} is not of the form {{\"FUNCTION\": {{\"VARIABLE\": \"VALUE\"}}}}")]
    Malformed(String),
}

impl EnvVars {
    /// Reads the file.
    pub fn read(path: &Path) -> Result<Self, EnvVarsError> {
        let shown = path.display().to_string();
        let text = fs::read_to_string(path)
            .map_err(|error| EnvVarsError::Unreadable { path: shown.clone(), error })?;
        serde_json::from_str(&text).map_err(|_| EnvVarsError::Malformed(shown))
    }

    /// The variables of `function`.
    #[must_use]
    pub fn of(&self, function: &str) -> Settings {
        self.0.get(function).cloned().into_iter().flatten().collect()
    }

    /// The member `name` of the JSON object in `function`'s `API_KEYS`, where it is a text and not
    /// empty.
    #[must_use]
    pub fn credential(&self, function: &str, name: &str) -> Option<String> {
        let keys: Value = serde_json::from_str(self.0.get(function)?.get("API_KEYS")?).ok()?;
        keys[name].as_str().filter(|key| !key.is_empty()).map(str::to_owned)
    }

    /// All keys in it, those that were pasted wrongly included, as they stand there and as whoever signs has them; and the
    /// tokens of URLs that are made of them. To be taken out of what is shown.
    #[must_use]
    pub fn secrets(&self) -> Vec<String> {
        let variables = self.0.values().flatten();
        let keys = variables.filter(|(name, _)| KEYS.contains(&name.as_str()));
        let mut found = BTreeSet::new();
        for (_, value) in keys {
            match serde_json::from_str(value) {
                Ok(value) => texts(&value, &mut found),
                // Whatever stands in quotation marks may be one.
                Err(_) => found.extend(value.split('"').map(str::to_owned)),
            }
        }
        let bare: Vec<_> = found.iter().map(|key| key.trim_matches(is_stray).to_owned()).collect();
        found.extend(bare);
        found.retain(|key| key.len() >= SHORTEST);
        let tokens = found.iter().filter_map(|key| Some(url_token(&Secret::new(key.clone())?)));
        let tokens: Vec<_> = tokens.collect();
        found.into_iter().chain(tokens).collect()
    }
}

/// The shortest key that is looked for, in bytes: a shorter one may be somebody's id.
const SHORTEST: usize = 6;

/// Whether a character is put beside a key by who copies it.
fn is_stray(c: char) -> bool {
    c.is_whitespace()
        || c.is_control()
        || matches!(c, '"' | '\'' | '`' | '\u{200b}'..='\u{200f}' | '\u{2060}' | '\u{feff}')
}

/// The texts in `value` that may be keys: all but names of keys.
fn texts(value: &Value, found: &mut BTreeSet<String>) {
    match value {
        Value::String(text) => {
            found.insert(text.clone());
        }
        Value::Array(values) => values.iter().for_each(|value| texts(value, found)),
        Value::Object(members) => {
            let others = members.iter().filter(|(name, _)| *name != "id");
            others.for_each(|(_, value)| texts(value, found));
        }
        _ => {}
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn keys_are_known_however_they_were_pasted() {
        for (keys, bare) in [
            (r#"{"keys":[{"id":"sample-id","secret":"a-key-1"}]}"#, "a-key-1"),
            (r#"{"keys":[{"id":"a","secret":"\"a-key-2\""}]}"#, "a-key-2"),
            (r#"{"keys":[{"id":"a","secret":"a-key-3\n"}]}"#, "a-key-3"),
            ("{\"keys\":[{\"id\":\"a\",\"secret\":\"\u{200b}a-key-4\"}]}", "a-key-4"),
            (r#"{"keys":[{"id":"a","secret":"a-key-5"#, "a-key-5"),
            (r#"{"keys":{"a":{"secret":"a-key-6"}}}"#, "a-key-6"),
            (r#"["a-key-7"]"#, "a-key-7"),
            ("a-key-8", "a-key-8"),
        ] {
            let env: EnvVars =
                serde_json::from_value(json!({"AFunction": {"KEYS": keys, "OTHER": "another"}}))
                    .expect("variables");
            let secrets = env.secrets();
            assert!(secrets.iter().any(|key| key == bare), "{keys}: {secrets:?}");
            assert!(
                !secrets.iter().any(|key| key == "sample-id" || key == "another"),
                "{secrets:?}"
            );
        }
    }
}
