//! The largest reward that is paid without a person having looked at it.

use settings::{ConfigError, Settings};

use crate::amount::Amount;

/// Takes the cap from the setting `variable`, in the unit of the provider's rewards: none where it is empty, and the
/// provider's `own` where it is absent, so that nobody is without one who has not said so.
///
/// # Errors
///
/// [`ConfigError`] where it is neither empty nor an amount of zero or more.
pub fn configure(
    settings: &Settings,
    variable: &'static str,
    own: Option<Amount>,
) -> Result<Option<Amount>, ConfigError> {
    match settings.verbatim(variable) {
        None => Ok(own),
        Some("") => Ok(None),
        Some(cap) => parse(cap).map(Some).ok_or(ConfigError {
            variable,
            expected: "a decimal number of at most 28 digits, zero or more, or empty",
        }),
    }
}

/// A cap; `None` for what is no amount of zero or more.
#[must_use]
pub fn parse(cap: &str) -> Option<Amount> {
    Amount::parse(cap).filter(|cap| !cap.is_negative())
}
