//! What the settings of a function change in a contract.

use http::HeaderName;
use settings::{ConfigError, Settings};
use verify::cap;

use crate::contract::{Contract, Kind};
use crate::field_type::FieldType;
use crate::file::{EffectSpec, OverSpec, WholeSpec};
use crate::proof::At;

/// The setting with the largest reward that is paid without a person having looked at it; empty for no limit.
const MAX_REWARD: &str = "MAX_REWARD";

/// The setting with the base URL that the provider calls, of a contract that signs the URL; empty where that is the
/// API itself, by whichever name it was called.
pub const PUBLIC_URL: &str = "PUBLIC_URL";

impl Contract {
    /// Takes what is the team's own of the function's settings.
    ///
    /// # Errors
    ///
    /// A setting that cannot be used, or is missing.
    pub fn configured(mut self, settings: &Settings) -> Result<Self, ConfigError> {
        self.cap = cap::configure(settings, MAX_REWARD, self.cap)?;
        if let Some(url) = settings.optional(PUBLIC_URL) {
            url.trim_end_matches('/').clone_into(&mut self.public_url);
        }
        let own = self.file.settings.as_ref();
        if let Some(variable) = own.and_then(|own| own.header.as_deref()) {
            let read = |name: &str| HeaderName::try_from(name).ok();
            let header = settings.parsed(variable, "the name of an HTTP header", read)?;
            if let Some(header) = header {
                self.compiled.proof.at = Some(At::Header(header));
            }
        }
        if let Some(variable) = own.and_then(|own| own.paying.as_deref())
            && let Some(list) = settings.optional(variable)
        {
            let paying = self
                .paying(list)
                .ok_or_else(|| ConfigError { variable, expected: self.expected_kinds().leak() })?;
            self.pay(&paying);
        }
        Ok(self)
    }

    /// Whether the URL is signed as it was called, so that it has to be known.
    #[must_use]
    pub fn signs_url(&self) -> bool {
        let over = &self.file.credential.over;
        matches!(over, Some(OverSpec::Before(before)) if before.of == WholeSpec::Url)
    }

    /// The kinds that may pay or not.
    fn optional_kinds(&self) -> impl DoubleEndedIterator<Item = &'static str> {
        self.kinds().iter().filter(|kind| kind.may_pay()).map(|kind| kind.name)
    }

    /// The kinds that a list with commas names, and blanks around them if you like; none where one is unknown.
    fn paying(&self, list: &str) -> Option<Vec<&'static str>> {
        let known = |name: &str| self.optional_kinds().find(|known| *known == name.trim());
        list.split(',').map(known).collect()
    }

    fn expected_kinds(&self) -> String {
        let mut kinds: Vec<_> = self.optional_kinds().collect();
        let last = kinds.pop().unwrap_or_default();
        format!("some of {} and {last}, with commas between them", kinds.join(", "))
    }

    /// Has the kinds called `paying` pay, and no other of those that may.
    fn pay(&mut self, paying: &[&str]) {
        let Some(amount) = self.compiled.meaning.amount else { return };
        let notice = self.compiled.fields[amount].kind.not_looked_at();
        for kind in self.compiled.kinds.iter_mut().filter(|kind| kind.may_pay()) {
            let pays = paying.contains(&kind.name);
            if pays != (kind.effect == EffectSpec::Credit) {
                kind.turn(pays, amount, &notice);
            }
        }
    }
}

impl Kind {
    const fn may_pay(&self) -> bool {
        matches!(self.effect, EffectSpec::Credit | EffectSpec::Nothing)
    }

    /// Makes a credit of a notice, whose amount is of the type that the file has for all kinds, or a notice of a
    /// credit.
    fn turn(&mut self, pays: bool, amount: usize, notice: &FieldType) {
        self.effect = if pays { EffectSpec::Credit } else { EffectSpec::Nothing };
        self.types[amount] = (!pays).then(|| notice.clone());
    }
}
