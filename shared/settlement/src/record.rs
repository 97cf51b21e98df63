//! A recorded callback, as its message tells of it.

use jiff::Timestamp;
use tables::callbacks::{State, Stored};
use verify::{Amount, Effect, Reward};

use crate::message_body::Detail;

/// A recorded callback.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Record {
    /// Its key, the `id` of its item.
    pub id: String,
    /// The provider's name.
    pub provider: String,
    /// Which callback it is.
    pub kind: String,
    /// Whom it is about.
    pub user: String,
    /// What it does; none where the message names no effect that is known here, as that of a record from
    /// before there were effects.
    pub effect: Option<Effect>,
    /// What is to settle it.
    pub settler: String,
    /// Whether the provider calls it a test.
    pub test: bool,
    /// Whether it may have its effect: not where it waits for a person.
    pub held: bool,
    /// When it was received, RFC 3339 in UTC with milliseconds.
    pub received_at: String,
    /// The payload as received, a JSON text without credentials.
    pub payload: String,
}

/// A message that is none of a record. Nothing of it is shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the message is none of a record")]
pub struct Unreadable;

impl Record {
    /// When it was received; long ago, where that cannot be read.
    #[must_use]
    pub fn received(&self) -> Timestamp {
        self.received_at.parse().unwrap_or(Timestamp::UNIX_EPOCH)
    }

    /// Reads a message's body.
    pub fn parse(body: &str) -> Result<Self, Unreadable> {
        let detail = Detail::parse(body).map_err(|_| Unreadable)?;
        let reward = match (detail.amount, detail.unit) {
            (Some(amount), Some(unit)) => {
                Some(Reward { amount: Amount::parse(&amount).ok_or(Unreadable)?, unit })
            }
            (None, None) => None,
            _ => return Err(Unreadable),
        };
        Ok(Self {
            id: detail.id,
            provider: detail.provider,
            kind: detail.kind,
            user: detail.user,
            effect: Effect::from_parts(&detail.effect, &detail.effect_of, reward),
            settler: detail.settler,
            test: detail.test,
            held: Stored::from(detail.state.as_str()) != State::Recorded,
            received_at: detail.received_at,
            payload: detail.payload,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const MESSAGE: &str = r#"{"version":"0","source":"callbacks","detail-type":"ad_hoc","detail":{"id":"p#reward#1","provider":"p","kind":"ad_hoc","user":"u","effect":"credit","effect_of":"","settler":"ledger","amount":"12.50","unit":"coins","test":false,"state":"recorded","received_at":"2026-11-21T18:00:00.000Z","key_id":"k","payload":"{\"a\":\"\\n\"}"}}"#;

    #[test]
    fn a_message_is_read() {
        let record = Record::parse(MESSAGE).expect("read");
        assert_eq!((record.id.as_str(), record.kind.as_str()), ("p#reward#1", "ad_hoc"));
        assert_eq!((record.provider.as_str(), record.user.as_str()), ("p", "u"));
        assert_eq!(record.payload, "{\"a\":\"\\n\"}");
        let Some(Effect::Credit(reward)) = record.effect else { panic!("a credit") };
        assert_eq!((reward.amount.to_string().as_str(), reward.unit.as_str()), ("12.50", "coins"));
        assert_eq!((record.test, record.held), (false, false));
    }

    #[test]
    fn only_what_is_recorded_may_have_its_effect() {
        for (state, held) in [
            ("recorded", false),
            ("held", true),
            ("conflict", true),
            ("Recorded", true),
            ("", true),
        ] {
            let message = MESSAGE.replace(r#""recorded""#, &format!("\"{state}\""));
            assert_eq!(Record::parse(&message).expect(state).held, held, "{state}");
        }
    }

    #[test]
    fn nothing_is_paid_where_there_is_neither_amount_nor_unit() {
        for nothing in ["", r#""amount":null,"unit":null,"#] {
            let message = MESSAGE.replace(r#""amount":"12.50","unit":"coins","#, nothing);
            assert_eq!(Record::parse(&message).expect(nothing).effect, None, "a credit of what?");
            let message = message.replace("credit", "redeem");
            let read = Record::parse(&message).expect(nothing).effect;
            assert_eq!(read, Some(Effect::Redeem(None)));
        }
    }

    #[test]
    fn what_names_no_known_effect_has_none() {
        for (effect, read) in [
            (r#""effect":"nothing","effect_of":"""#, Some(Effect::Nothing)),
            (
                r#""effect":"reverse","effect_of":"o-1""#,
                Some(Effect::Reverse { of: "o-1".to_owned() }),
            ),
            (r#""effect":"unknown","effect_of":"""#, None),
            (r#""effect":"reverse","effect_of":"""#, None),
            // A record from before there were effects.
            (r#""key":"""#, None),
        ] {
            let message = MESSAGE.replace(r#""effect":"credit","effect_of":"""#, effect);
            assert_eq!(Record::parse(&message).expect(effect).effect, read, "{effect}");
        }
    }

    #[test]
    fn anything_else_is_unreadable() {
        for (old, new) in [
            (r#""amount":"12.50","#, ""),
            (r#""unit":"coins","#, ""),
            (r#""12.50""#, "12.50"),
            ("12.50", "12,50"),
            ("12.50", ""),
            (r#""test":false,"#, ""),
            ("false", r#""false""#),
            (r#""user":"u","#, ""),
            (r#""user":"u","#, r#""user":"u","user":"v","#),
            ("detail\":", "details\":"),
            ("}}", "}"),
            (MESSAGE, ""),
        ] {
            let message = MESSAGE.replacen(old, new, 1);
            assert_ne!(message, MESSAGE, "{old}");
            assert_eq!(Record::parse(&message), Err(Unreadable), "{message}");
        }
    }
}
