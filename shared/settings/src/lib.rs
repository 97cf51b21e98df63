//! What a function is configured with: environment variables by name, in a deployed function its own.
//!
//! A variable that is set to nothing is not set. CloudFormation has no way to leave a variable out of a
//! function's environment, only to give it an empty value, and so a parameter of the template that is left
//! empty arrives.
//!
//! ```
//! use settings::Settings;
//!
//! let settings = Settings::from([("TABLE", "callbacks"), ("DAYS", "x"), ("REGION", "")]);
//! assert_eq!(settings.required("TABLE", "a table's name"), Ok("callbacks"));
//! assert_eq!(settings.optional("REGION"), None);
//! let days = settings.parsed("DAYS", "a whole number", |text| text.parse::<u32>().ok());
//! let error = days.expect_err("x is no number");
//! assert_eq!(error.to_string(), "the environment variable DAYS must be a whole number");
//! ```

use std::collections::HashMap;
use std::fmt;

/// Environment variables by name. Debug shows the names alone: keys are among the values.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct Settings(HashMap<String, String>);

/// A setting that cannot be used.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("the environment variable {variable} must be {expected}")]
pub struct ConfigError {
    /// The variable's name.
    pub variable: &'static str,
    /// The form wanted.
    pub expected: &'static str,
}

impl Settings {
    /// The environment variables of this process, as they are now. One that is not UTF-8 is not set.
    #[must_use]
    pub fn from_environment() -> Self {
        let text = |(name, value): (std::ffi::OsString, std::ffi::OsString)| {
            Some((name.into_string().ok()?, value.into_string().ok()?))
        };
        Self(std::env::vars_os().filter_map(text).collect())
    }

    /// These settings, with `value` in place of whatever `name` had.
    #[must_use]
    pub fn with(mut self, name: impl Into<String>, value: impl Into<String>) -> Self {
        self.0.insert(name.into(), value.into());
        self
    }

    /// The value of `name`, never empty; `None` where it is not set.
    #[must_use]
    pub fn optional(&self, name: &str) -> Option<&str> {
        self.verbatim(name).filter(|value| !value.is_empty())
    }

    /// The value of `variable`, never empty; where it is not set, the error that says what is `expected`.
    pub fn required(
        &self,
        variable: &'static str,
        expected: &'static str,
    ) -> Result<&str, ConfigError> {
        self.optional(variable).ok_or(ConfigError { variable, expected })
    }

    /// What `parse` makes of the value of `variable`; `None` where it is not set. Where `parse` makes
    /// nothing of it, the error says what is `expected`.
    pub fn parsed<T>(
        &self,
        variable: &'static str,
        expected: &'static str,
        parse: impl FnOnce(&str) -> Option<T>,
    ) -> Result<Option<T>, ConfigError> {
        let Some(text) = self.optional(variable) else { return Ok(None) };
        parse(text).map(Some).ok_or(ConfigError { variable, expected })
    }

    /// The value of `name` as it stands, for a setting whose being empty says something else than its
    /// being absent.
    #[must_use]
    pub fn verbatim(&self, name: &str) -> Option<&str> {
        self.0.get(name).map(String::as_str)
    }
}

impl fmt::Debug for Settings {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut names: Vec<_> = self.0.keys().collect();
        names.sort_unstable();
        f.debug_tuple("Settings").field(&names).finish()
    }
}

impl<N: Into<String>, V: Into<String>> FromIterator<(N, V)> for Settings {
    fn from_iter<I: IntoIterator<Item = (N, V)>>(values: I) -> Self {
        let mut settings = Self::default();
        settings.extend(values);
        settings
    }
}

impl<N: Into<String>, V: Into<String>, const COUNT: usize> From<[(N, V); COUNT]> for Settings {
    fn from(values: [(N, V); COUNT]) -> Self {
        values.into_iter().collect()
    }
}

impl<N: Into<String>, V: Into<String>> Extend<(N, V)> for Settings {
    fn extend<I: IntoIterator<Item = (N, V)>>(&mut self, values: I) {
        self.0.extend(values.into_iter().map(|(name, value)| (name.into(), value.into())));
    }
}

impl IntoIterator for Settings {
    type Item = (String, String);
    type IntoIter = std::collections::hash_map::IntoIter<String, String>;

    fn into_iter(self) -> Self::IntoIter {
        self.0.into_iter()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const WANTED: &str = "a whole number from 1 to 9";

    fn digit(text: &str) -> Option<u8> {
        text.parse().ok().filter(|number| (1..=9).contains(number))
    }

    fn error<T>() -> Result<T, ConfigError> {
        Err(ConfigError { variable: "A", expected: WANTED })
    }

    #[test]
    fn what_is_empty_is_not_set() {
        for settings in [Settings::default(), Settings::from([("A", "")])] {
            assert_eq!(settings.optional("A"), None);
            assert_eq!(settings.required("A", WANTED), error());
            assert_eq!(settings.parsed("A", WANTED, digit), Ok(None));
        }
        assert_eq!(Settings::from([("A", "")]).verbatim("A"), Some(""));
        assert_eq!(Settings::default().verbatim("A"), None);
    }

    #[test]
    fn what_is_set_is_taken_as_it_stands() {
        for value in ["5", " 5", "0", "a,b", " "] {
            let settings = Settings::from([("A", value), ("B", "other")]);
            assert_eq!(settings.optional("A"), Some(value));
            assert_eq!(settings.required("A", WANTED), Ok(value));
            assert_eq!(settings.verbatim("A"), Some(value));
            let parsed = if value == "5" { Ok(Some(5)) } else { error() };
            assert_eq!(settings.parsed("A", WANTED, digit), parsed, "{value:?}");
        }
    }

    #[test]
    fn the_later_value_counts() {
        let settings = Settings::from([("A", "1"), ("B", "2")]).with("A", "3");
        assert_eq!((settings.optional("A"), settings.optional("B")), (Some("3"), Some("2")));
        assert_eq!(settings.with("B", "").optional("B"), None);
    }

    #[test]
    fn the_environment_is_the_processes() {
        let settings = Settings::from_environment();
        let path = std::env::var("PATH").expect("every process that cargo starts has one");
        assert_eq!(settings.optional("PATH"), Some(path.as_str()));
        assert_eq!(settings.optional("NO_SUCH_VARIABLE_ANYWHERE"), None);
    }

    #[test]
    fn values_are_not_printed() {
        let settings = Settings::from([("KEYS", "hunter2"), ("A", "hunter3")]);
        assert_eq!(format!("{settings:?}"), r#"Settings(["A", "KEYS"])"#);
    }
}
