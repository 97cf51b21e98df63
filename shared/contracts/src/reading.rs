//! Reads a proved request: which kind of callback it is, what makes it this one, and what it means.

use http::HeaderMap;
use jiff::Timestamp;
use verify::{
    Amount, Effect, Fingerprint, HeldReason, IdempotencyKey, ParsedCallback, Refusal, Reward,
};

use crate::contract::{Condition, Contract, Kind, Unit, Wanted, Window};
use crate::field_type::{Form, Value};
use crate::fields::Content;
use crate::file::{EffectSpec, NegativeSpec};
use crate::values::{Reader, Values};

impl Contract {
    /// Reads what was proved on the route with the hook `hook`.
    ///
    /// # Errors
    ///
    /// The first rule of the contract that the content breaks.
    pub(crate) fn read_content(
        &self,
        hook: Option<&str>,
        content: &Content<'_>,
        headers: &HeaderMap,
        received_at: Timestamp,
    ) -> Result<ParsedCallback, Refusal> {
        let (kind, values) = Reader::new(self, content, headers).all(hook)?;
        if let Some(window) = &self.compiled.window {
            self.admit(window, &values, received_at)?;
        }
        let meaning = &self.compiled.meaning;
        let test =
            meaning.test.as_ref().is_some_and(|test| all_hold(test, |at| values[at].as_ref()));
        let user = self.user(&values)?;
        let reward = self.reward(kind, &values)?;
        let held = reward.as_ref().and_then(|reward| self.held(reward, test));
        Ok(ParsedCallback {
            kind: kind.name,
            key: self.key(kind, test, &values),
            fingerprint: self.fingerprint(kind, test, user, &values),
            user: user.to_owned(),
            effect: Self::effect(kind, reward, &values),
            test,
            held,
            payload: match content {
                Content::Json(object) => object.without(self.compiled.credentials),
                Content::Parameters(form) => form.to_json_without(self.compiled.credentials),
            },
        })
    }

    /// The user: what the first field says that is there.
    pub(crate) fn user<'a>(&self, values: &'a Values) -> Result<&'a str, Refusal> {
        let users = &self.compiled.meaning.user;
        let user = users.iter().find_map(|at| values[*at].as_ref()?.as_text());
        user.ok_or_else(|| Refusal::missing(self.fields()[users[0]].name))
    }

    /// Refuses what is too old, or from the future.
    fn admit(&self, window: &Window, values: &Values, now: Timestamp) -> Result<(), Refusal> {
        let field = &self.fields()[window.field];
        let refusal = Refusal::malformed(field.name, "a time near the present one");
        let text = values[window.field].as_ref().and_then(Value::as_text).unwrap_or_default();
        let number: i64 = text.parse().map_err(|_| refusal.clone())?;
        let sent = match field.kind.form {
            Form::EpochMillis => Timestamp::from_millisecond(number),
            _ => Timestamp::from_second(number),
        };
        let age = now.duration_since(sent.map_err(|_| refusal.clone())?);
        if age <= window.past && age >= -window.future { Ok(()) } else { Err(refusal) }
    }

    fn reward(&self, kind: &Kind, values: &Values) -> Result<Option<Reward>, Refusal> {
        if !matches!(kind.effect, EffectSpec::Credit | EffectSpec::Complete) {
            return Ok(None);
        }
        let meaning = &self.compiled.meaning;
        let (Some(at), Some(unit)) = (meaning.amount, &meaning.unit) else { return Ok(None) };
        let Some(amount) = values[at].as_ref().and_then(Value::as_amount) else { return Ok(None) };
        if amount.is_zero() {
            return Ok(None);
        }
        if amount.is_negative() && meaning.negative == NegativeSpec::Refused {
            return Err(Refusal::malformed(self.fields()[at].name, "zero or more"));
        }
        let unit = match unit {
            Unit::Fixed(unit) => (*unit).to_owned(),
            Unit::Field(at) => {
                let text = values[*at].as_ref().and_then(Value::as_text);
                text.ok_or_else(|| Refusal::missing(self.fields()[*at].name))?.to_owned()
            }
        };
        Ok(Some(Reward { amount, unit }))
    }

    fn held(&self, reward: &Reward, test: bool) -> Option<HeldReason> {
        let over_cap = |cap: Amount| reward.amount > cap;
        if reward.amount.is_negative() {
            Some(HeldReason::NegativeReward)
        } else if !test && self.cap.is_some_and(over_cap) {
            Some(HeldReason::OverCap)
        } else {
            None
        }
    }

    fn effect(kind: &Kind, reward: Option<Reward>, values: &Values) -> Effect {
        let of = || {
            let shared = kind.of.as_ref()?;
            let id = values[shared.field].as_ref()?.as_text()?;
            Some(id.strip_prefix(shared.without_prefix).unwrap_or(id).to_owned())
        };
        match (kind.effect, reward, of()) {
            (EffectSpec::Reverse, _, Some(of)) => Effect::Reverse { of },
            (EffectSpec::Complete, Some(reward), Some(of)) => Effect::Complete { of, reward },
            (EffectSpec::Credit, reward, _) => Effect::credit(reward),
            _ => Effect::Nothing,
        }
    }

    fn key(&self, kind: &Kind, test: bool, values: &Values) -> IdempotencyKey {
        let class = if test { kind.test_class } else { kind.class };
        let parts =
            self.compiled.meaning.key.iter().filter_map(|at| values[*at].as_ref()?.as_text());
        parts.fold(IdempotencyKey::new(self.name, class), IdempotencyKey::part)
    }

    fn fingerprint(&self, kind: &Kind, test: bool, user: &str, values: &Values) -> Fingerprint {
        let first = Fingerprint::builder()
            .with("kind", kind.name)
            .with("user", user)
            .with("test", if test { "true" } else { "false" });
        let fields = kind.fingerprint.iter();
        let all = fields.fold(first, |builder, at| {
            let value = values[*at].as_ref().map(Value::compared);
            builder.optional_field(self.fields()[*at].name, value.as_deref())
        });
        all.finish()
    }
}

/// Whether all conditions hold of the values that `value` gives; an absent one is nothing that is wanted.
pub(crate) fn all_hold<'a>(
    conditions: &[Condition],
    value: impl Fn(usize) -> Option<&'a Value>,
) -> bool {
    let holds = |condition: &Condition| {
        value(condition.field).is_some_and(|value| condition.is.iter().any(|is| is.it(value)))
    };
    conditions.iter().all(holds)
}

impl Wanted {
    fn it(&self, value: &Value) -> bool {
        match (self, value) {
            (Self::Text(wanted), Value::Text(text)) => wanted == text,
            (Self::Text(wanted), Value::Amount(amount)) => Amount::parse(wanted) == Some(*amount),
            (Self::Negative, Value::Amount(amount)) => amount.is_negative(),
            (Self::NotNegative, Value::Amount(amount)) => !amount.is_negative(),
            (Self::Negative | Self::NotNegative, Value::Text(_)) => false,
        }
    }
}
