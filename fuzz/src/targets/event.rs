//! What Lambda hands over, whoever made it up.

use receiver::event::{IncomingRequest, LARGEST_BODY, read};
use serde_json::value::RawValue;
use verify::Provider;

use super::body::{is_let_in, provider};

/// Reads an event and claims it for every route of every provider.
pub fn event(input: &[u8]) {
    let Ok(event) = serde_json::from_slice::<&RawValue>(input) else { return };
    let Ok(arrived) = read(event) else { return };
    assert!(arrived.request.body.len() <= LARGEST_BODY, "the cap on bodies");
    assert!(!arrived.method.is_empty(), "a request has a method");
    nobody_is_let_in::<giveaway::Giveaway>(&arrived);
    nobody_is_let_in::<claimr::Claimr>(&arrived);
    nobody_is_let_in::<devtodev::Devtodev>(&arrived);
    nobody_is_let_in::<inbrain::Inbrain>(&arrived);
    nobody_is_let_in::<appvirality::AppVirality>(&arrived);
}

fn nobody_is_let_in<P: Provider>(arrived: &IncomingRequest) {
    for (route, hook) in P::ROUTES {
        let let_in = is_let_in(&provider::<P>(), *hook, &arrived.request);
        assert!(!let_in, "{route} without the key");
    }
}
