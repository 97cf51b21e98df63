//! What is signed in a request, to be shown to a person.

use verify::Request;

use crate::contract::Contract;
use crate::message::{Called, Message};
use crate::proof::Scheme;

impl Contract {
    /// What is signed in a request to the route at `entrance` that is called by `url`; none where the credential is a key
    /// or has its content in it, or where the request lacks what is signed.
    #[must_use]
    pub fn signed(&self, entrance: usize, url: &str, request: &Request) -> Option<Message> {
        let proof = self.proof();
        if !matches!(proof.scheme, Scheme::Digest(_) | Scheme::Hmac(_) | Scheme::Ecdsa) {
            return None;
        }
        let unproved = self.unproved(entrance, request).ok()?;
        proof.over.message(Called { url, request }, &unproved).ok()
    }
}
