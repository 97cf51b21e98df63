//! As many callbacks of a provider as are wanted, each another one: its sample that says its `identity`, with
//! a number there.

use verify::Route;

use crate::provider::ProviderEntry;

/// Genuine callbacks of one provider.
#[derive(Debug, Clone)]
pub struct Numbered {
    /// The name of the sample that they are made of.
    pub sample: String,
    /// Where they are sent.
    pub route: Route,
    /// The payload before the identity, and behind it.
    around: (String, String),
}

impl Numbered {
    /// Those of `provider`; `None` where no sample says an identity that stands in its payload.
    #[must_use]
    pub fn of(provider: &ProviderEntry) -> Option<Self> {
        let samples = provider.samples().ok()?;
        let sample = samples.into_iter().find(|sample| sample.identity.is_some())?;
        let payload = sample.payload();
        let (before, after) = payload.split_once(sample.identity.as_deref()?)?;
        let around = (before.to_owned(), after.to_owned());
        Some(Self { route: provider.route(&sample.route).ok()?, sample: sample.name, around })
    }

    /// The payload of number `number`, of which twelve digits are written.
    #[must_use]
    pub fn payload(&self, number: usize) -> String {
        let (before, after) = &self.around;
        format!("{before}{number:012}{after}")
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::provider::PROVIDERS;

    #[test]
    fn every_provider_has_as_many_callbacks_as_are_wanted() {
        for provider in PROVIDERS.iter() {
            let numbered = Numbered::of(provider);
            let numbered = numbered.unwrap_or_else(|| {
                panic!(
                    "functions/{0}/samples.json: one sample is to have an \"identity\", the part of its \
                     payload that makes it this callback",
                    provider.name
                )
            });
            let payload = numbered.payload(17);
            assert!(payload.contains("000000000017"), "{payload}");
            assert_ne!(payload, numbered.payload(18));
        }
    }
}
