//! A table of callbacks to test.

use jiff::Timestamp;
use tables::callbacks::Store;
use test_support::settings;

/// When everything happens.
pub(crate) const NOW: &str = "2026-11-21T18:00:00.5Z";

/// The same as a time.
pub(crate) fn now() -> Timestamp {
    NOW.parse().expect("a time")
}

/// The table behind `url`.
pub(crate) fn store(url: &str) -> Store {
    Store::connect(&settings("DYNAMODB", url)).expect("configured")
}
