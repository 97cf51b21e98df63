//! One callback: whom it is about, what it pays, and what makes it this one.

use verify::{Effect, Fingerprint, IdempotencyKey, Object, ParsedCallback, Refusal, Reward};

/// The unit of `amount`.
const UNIT: &str = "points";

/// Reads an authenticated body.
pub(crate) fn read(body: &[u8]) -> Result<ParsedCallback, Refusal> {
    let callback = Object::parse(body)?;
    let id = callback.required("id")?.identifier(256)?;
    let user = callback.required("user")?.identifier(256)?;
    let amount = callback.required("amount")?.amount_not_negative()?;
    let reward = Some(amount)
        .filter(|it| !it.is_zero())
        .map(|amount| Reward { amount, unit: UNIT.to_owned() });
    Ok(ParsedCallback {
        // The `detail-type` of its event.
        kind: "points_earned",
        // What makes it this callback: the same key is a duplicate or a conflict, and pays once.
        key: IdempotencyKey::new("sixth", "callback").part(&id),
        // What a duplicate agrees with; anything else under the same key is a conflict.
        fingerprint: Fingerprint::builder()
            .with("user", &user)
            .with("amount", &amount.normalized())
            .finish(),
        user,
        // All that settles it. What may be taken back later is `Complete`, and what takes it back `Reverse`,
        // both `of` the id that they share.
        effect: Effect::credit(reward),
        test: false,
        held: None,
        // Credentials in the body are named here, and are not kept.
        payload: callback.without(&[]),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_callback_gives_its_points() {
        let read = read(br#"{"id":"i-1","user":"u-1","amount":"2.50"}"#).expect("read");
        assert_eq!(read.key.as_str(), "sixth#callback#i-1");
        assert_eq!(read.user, "u-1");
        let reward = read.effect.reward().expect("a reward");
        assert_eq!((reward.amount.to_string(), &*reward.unit), ("2.50".to_owned(), "points"));
    }
}
