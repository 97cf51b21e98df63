//! Whom a reward is for.

use verify::identity::FingerprintBuilder;
use verify::{IdempotencyKey, Object, Refusal, address};

use crate::formats;

/// Whom a reward is for, under every name that the body gives.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Recipient {
    /// Which of the names identifies the recipient: the first that is there, in the order of
    /// [`RecipientKind`].
    pub kind: RecipientKind,
    /// The recipient's id under that name.
    pub value: String,
    /// `storeuserid`: the app's own id of the user.
    pub store_user_id: Option<String>,
    /// `userkey`: the provider's id of the user.
    pub user_key: Option<String>,
    /// `participantid`: the provider's id of the user in this campaign.
    pub participant_id: Option<String>,
    /// `emailid`: an e-mail address.
    pub email: Option<String>,
}

/// The names that a recipient may have. A `storeuserid` of `5` is not a `participantid` of `5`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RecipientKind {
    /// `storeuserid`.
    StoreUserId,
    /// `userkey`.
    UserKey,
    /// `participantid`.
    ParticipantId,
    /// `emailid`.
    EmailId,
}

impl RecipientKind {
    /// The field's name.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::StoreUserId => "storeuserid",
            Self::UserKey => "userkey",
            Self::ParticipantId => "participantid",
            Self::EmailId => "emailid",
        }
    }
}

impl Recipient {
    /// Reads the recipient that `object` describes, among other things.
    pub(crate) fn read(object: &Object<'_>) -> Result<Self, Refusal> {
        let store_user_id = formats::word(object, RecipientKind::StoreUserId.as_str())?;
        let user_key = formats::word(object, RecipientKind::UserKey.as_str())?;
        let participant_id = formats::word(object, RecipientKind::ParticipantId.as_str())?;
        // What is nothing but blanks is no address.
        let email = formats::word(object, RecipientKind::EmailId.as_str())?
            .filter(|email| !address::normalized(email).is_empty());
        let (kind, value) = [
            (RecipientKind::StoreUserId, &store_user_id),
            (RecipientKind::UserKey, &user_key),
            (RecipientKind::ParticipantId, &participant_id),
            (RecipientKind::EmailId, &email),
        ]
        .into_iter()
        .find_map(|(kind, value)| Some((kind, value.clone()?)))
        .ok_or_else(|| Refusal::missing(object.name_of(RecipientKind::StoreUserId.as_str())))?;
        Ok(Self { kind, value, store_user_id, user_key, participant_id, email })
    }

    /// The user in the ledger: that name, as it stands there; an e-mail address, which is one only where
    /// there is no other name, in its one spelling.
    #[must_use]
    pub fn account(&self) -> String {
        match self.kind {
            RecipientKind::EmailId => address::normalized(&self.value),
            _ => self.value.clone(),
        }
    }

    /// `key` with what identifies the recipient: two parts, so that an e-mail address stays by itself
    /// and is hashed.
    pub(crate) fn identify(&self, key: IdempotencyKey) -> IdempotencyKey {
        let key = key.part(self.kind.as_str());
        match self.kind {
            RecipientKind::EmailId => key.address(&self.value),
            _ => key.part(&self.value),
        }
    }

    /// `fingerprint` with what identifies the recipient. The other names may be filled in later.
    pub(crate) fn agree(&self, fingerprint: FingerprintBuilder) -> FingerprintBuilder {
        fingerprint.with(self.kind.as_str(), &self.value)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn recipient(json: &str) -> Result<Recipient, Refusal> {
        Recipient::read(&Object::parse(json.as_bytes()).expect(json))
    }

    #[test]
    fn the_first_name_that_is_there_identifies() {
        for (json, kind, value) in [
            (
                r#"{"emailid":"e@example.com","participantid":"3","userkey":"2","storeuserid":"1"}"#,
                "storeuserid",
                "1",
            ),
            (
                r#"{"emailid":"e@example.com","participantid":"3","userkey":"2","storeuserid":""}"#,
                "userkey",
                "2",
            ),
            (
                r#"{"emailid":"e@example.com","participantid":3,"userkey":null}"#,
                "participantid",
                "3",
            ),
            (r#"{"emailid":"e@example.com","participantid":""}"#, "emailid", "e@example.com"),
        ] {
            let recipient = recipient(json).expect(json);
            assert_eq!(
                (recipient.kind.as_str(), recipient.value.as_str()),
                (kind, value),
                "{json}"
            );
            assert_eq!(recipient.email.as_deref(), Some("e@example.com"), "{json}");
        }
    }

    #[test]
    fn nobody_cannot_be_rewarded() {
        for json in [
            r"{}",
            r#"{"storeuserid":"","userkey":null,"emailid":"","name":"Ann"}"#,
            r#"{"emailid":" \u200b%20"}"#,
        ] {
            assert_eq!(recipient(json), Err(Refusal::missing("storeuserid")), "{json}");
        }
    }

    #[test]
    fn every_name_has_to_be_of_its_form() {
        for name in ["storeuserid", "userkey", "participantid", "emailid"] {
            let json = format!(r#"{{"storeuserid":"1","{name}":true}}"#)
                .replace(r#""storeuserid":"1","storeuserid""#, r#""storeuserid""#);
            assert_eq!(recipient(&json).expect_err(&json).field(), Some(name), "{json}");
        }
    }

    #[test]
    fn an_account_by_address_has_one_spelling() {
        for email in
            ["ann@example.com", "Ann@Example.com", "ann%40example.com", " ann@example.com "]
        {
            let json = format!(r#"{{"emailid":"{email}"}}"#);
            let recipient = recipient(&json).expect(&json);
            assert_eq!(recipient.account(), "ann@example.com", "{json}");
            assert_eq!(recipient.value, email);
        }
        // Ids are opaque.
        for id in ["Ann@Example.com", "ann%40example.com", "Shop-7", " 7 "] {
            let json = format!(r#"{{"storeuserid":"{id}","emailid":"ann@example.com"}}"#);
            assert_eq!(recipient(&json).expect(&json).account(), id);
        }
    }

    #[test]
    fn one_value_under_two_names_is_two_recipients() {
        let key =
            |json| recipient(json).expect(json).identify(IdempotencyKey::new("p", "c")).to_string();
        assert_eq!(key(r#"{"storeuserid":"5"}"#), "p#c#storeuserid#5");
        assert_eq!(key(r#"{"participantid":"5"}"#), "p#c#participantid#5");
        // `printf ann@example.com | sha256sum`
        assert_eq!(
            key(r#"{"emailid":"ann@example.com"}"#),
            "p#c#emailid#~71d4f55f72fa128dfb468a1a3901507c804b74316488744d769d7f4b16696476"
        );
        // It is an address by its name, whatever it looks like: `printf ann | sha256sum`
        assert_eq!(
            key(r#"{"emailid":"ann"}"#),
            "p#c#emailid#~49915e0d7d4b402e3017d010bc1c0e83cac6c797d6c16e66340fe3268693a6a1"
        );
    }
}
