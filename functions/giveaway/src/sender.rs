//! The site's side: signing an action.

use verify::{Request, Secret, Sender, UnprovedObject, Unsignable};

use crate::{Giveaway, action};

impl Sender for Giveaway {
    const SAMPLES: &'static str = include_str!("../samples.json");

    fn sign(&self, (): (), payload: &str, secret: &Secret) -> Result<Request, Unsignable> {
        let action = UnprovedObject::parse(payload.as_bytes())?;
        let sign = action::sign(&action, secret)?;
        Ok(Request::json(action.with("sign", &sign)))
    }
}
