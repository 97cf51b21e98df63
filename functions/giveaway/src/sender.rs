//! The site's side: signing an action.

use verify::claim::hmac_sha256;
use verify::{Object, Request, Secret, Sender, Unsignable};

use crate::{Giveaway, action};

impl Sender for Giveaway {
    const SAMPLES: &'static str = include_str!("../samples.json");

    fn sign(&self, (): (), payload: &str, secret: &Secret) -> Result<Request, Unsignable> {
        let action = Object::parse(payload.as_bytes())?;
        let sign = hmac_sha256(action::signed_text(&action)?.as_bytes(), secret);
        let body = action.with("sign", &verify::claim::to_hex(&sign));
        Ok(Request::json(body))
    }
}
