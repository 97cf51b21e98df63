//! The environment variables of the functions, from the file that `sam local invoke --env-vars` takes.

use std::collections::HashMap;
use std::fs;
use std::path::Path;

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD_NO_PAD, URL_SAFE_NO_PAD};
use serde_json::Value;
use settings::Settings;
use verify::spelling::Secrets;

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

    /// All keys in it, to be taken out of what is shown.
    #[must_use]
    pub fn secrets(&self) -> Secrets {
        let variables = self.0.values().flatten();
        let keys = variables.filter(|(name, _)| KEYS.contains(&name.as_str()));
        let keys = keys.flat_map(|(_, value)| match serde_json::from_str(value) {
            Ok(Value::Object(keys)) => match keys.get("keys").and_then(Value::as_array) {
                Some(list) => list.iter().filter_map(|key| text(&key["secret"])).collect(),
                None => keys.values().filter_map(text).collect(),
            },
            _ => vec![value.clone()],
        });
        // One that was pasted with a line end is used without it by whoever signs.
        let keys = keys.map(|key| key.trim().to_owned());
        // As in an `Authorization` header or a body that is no text.
        let in_base64 =
            |key: String| [STANDARD_NO_PAD.encode(&key), URL_SAFE_NO_PAD.encode(&key), key];
        let keys: Vec<_> = keys.filter(|key| !key.is_empty()).flat_map(in_base64).collect();
        Secrets::new(&keys.iter().map(String::as_str).collect::<Vec<_>>())
    }
}

fn text(value: &Value) -> Option<String> {
    value.as_str().map(str::to_owned)
}
