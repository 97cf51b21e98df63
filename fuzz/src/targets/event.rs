//! What Lambda hands over, whoever made it up.

use bundle::provider::Visitor;
use bundle::registry::visit;
use receiver::event::{IncomingRequest, LARGEST_BODY, read};
use serde_json::value::RawValue;
use verify::Sender;

use super::body::{is_let_in, provider};

/// Reads an event and claims it for every route of every provider.
pub fn event(input: &[u8]) {
    let Ok(event) = serde_json::from_slice::<&RawValue>(input) else { return };
    let Ok(arrived) = read(event) else { return };
    assert!(arrived.request.body.len() <= LARGEST_BODY, "the cap on bodies");
    assert!(!arrived.method.is_empty(), "a request has a method");
    visit(&mut Stranger(&arrived));
}

/// Somebody without a key, whom no provider lets in.
struct Stranger<'a>(&'a IncomingRequest);

impl Visitor for Stranger<'_> {
    fn visit<P: Sender>(&mut self) {
        let provider = provider::<P>();
        for (route, hook) in provider.routes() {
            let let_in = is_let_in(provider, *hook, &self.0.request);
            assert!(!let_in, "{route} without the key");
        }
    }
}
