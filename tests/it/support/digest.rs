//! Fingerprints, worked out once more from their definition: SHA-256 over every field's name, presence
//! and value, names and values each after their length in eight bytes.

use serde::Deserialize;
use sha2::{Digest as _, Sha256};

/// Fields by name, in order; null where one is absent.
#[derive(Debug, Deserialize)]
#[serde(transparent)]
pub(crate) struct Fields(Vec<(String, Option<String>)>);

impl Fields {
    /// Their fingerprint.
    pub(crate) fn digest(&self) -> String {
        let mut sha = Sha256::new();
        for (name, value) in &self.0 {
            sha.update((name.len() as u64).to_be_bytes());
            sha.update(name);
            sha.update([u8::from(value.is_some())]);
            let value = value.as_deref().unwrap_or_default();
            sha.update((value.len() as u64).to_be_bytes());
            sha.update(value);
        }
        hex::encode(sha.finalize())
    }
}
