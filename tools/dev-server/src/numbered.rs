//! As many callbacks of a provider as are wanted, each another one: its sample that says its `identity`, with
//! a number there.

use verify::Route;

use crate::bundle::ReceivingFunction;
use crate::samples::{self, SampleError};

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
    /// Those of `function`'s provider.
    pub fn of(function: &ReceivingFunction) -> Result<Self, SampleError> {
        let mut all = samples::read(function)?;
        let unusable = SampleError::NoIdentity(function.provider);
        let Some(at) = all.iter().position(|sample| sample.identity.is_some()) else {
            return Err(unusable);
        };
        let sample = all.swap_remove(at);
        let payload = samples::compact(sample.payload.get());
        let identity = sample.identity.unwrap_or_default();
        let Some((before, after)) = payload.split_once(&identity) else { return Err(unusable) };
        let route = samples::route(function, &sample.route)
            .map_err(|error| SampleError::Sign { name: sample.name.clone(), error })?;
        let around = (before.to_owned(), after.to_owned());
        Ok(Self { sample: sample.name, route, around })
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
    use crate::bundle::RECEIVERS;

    #[test]
    fn every_provider_has_as_many_callbacks_as_are_wanted() {
        for function in &RECEIVERS {
            let numbered = Numbered::of(function).expect(function.provider);
            let payload = numbered.payload(17);
            assert!(payload.contains("000000000017"), "{payload}");
            assert_ne!(payload, numbered.payload(18));
        }
    }
}
