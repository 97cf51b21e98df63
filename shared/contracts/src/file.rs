//! What a contract's file says, part by part, as it is written; nothing is checked here but its form.

mod over;
mod shape;

use indexmap::IndexMap;
use serde::{Deserialize, Serialize};

pub use over::{
    BeforeSpec, EncodeSpec, FieldsSpec, OverSpec, ParametersSpec, SelectSpec, SortedSpec, WholeSpec,
};

/// A table whose keys are fields of the callback, in the order of the file.
pub type ByField<T> = IndexMap<String, T>;

/// A contract: `contracts/NAME.toml`.
#[derive(Debug, Clone, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct ContractFile {
    /// The version of this grammar: 1.
    pub contract: u8,
    /// What people call the provider.
    pub title: String,
    /// The pages that it was taken from.
    #[serde(default)]
    pub sources: Vec<String>,
    /// What no page of the provider's own says.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub unconfirmed: Option<String>,
    /// Who sends the requests.
    #[serde(default)]
    pub caller: CallerSpec,
    /// Whether the URL carries a token, an unguessable text that is made from the key.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub token: bool,
    /// What is called.
    pub routes: Vec<RouteSpec>,
    /// Every field that is used, with its type. They are read in this order, so that the first that breaks a rule is
    /// the one that is told.
    pub fields: ByField<FieldSpec>,
    /// What proves a request.
    pub credential: CredentialSpec,
    /// Where requests come from.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub networks: Option<NetworksSpec>,
    /// What makes a callback this one.
    pub identity: IdentitySpec,
    /// What it means.
    pub meaning: MeaningSpec,
    /// The kinds of callback, the first of which whose conditions hold counts.
    pub callbacks: Vec<CallbackSpec>,
    /// What the provider wants to read.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub answers: Option<AnswersSpec>,
    /// Settings of the function that change what the file says.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub settings: Option<SettingsSpec>,
    /// Weaknesses that are the provider's own, each with how one lives with it.
    #[serde(default, skip_serializing_if = "IndexMap::is_empty")]
    pub accept: IndexMap<String, String>,
    /// Published examples.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub vectors: Vec<VectorSpec>,
    /// What a sender sends to try it out.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub samples: Vec<SampleSpec>,
}

/// Who sends the requests, which decides how a conflict is told.
#[derive(Debug, Clone, Copy, Default, Deserialize, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum CallerSpec {
    /// The provider's own servers.
    #[default]
    Provider,
    /// A team's own site or tracker.
    OwnCode,
}

/// A route: one of `get` and `post`.
#[derive(Debug, Clone, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct RouteSpec {
    /// The path of a GET.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub get: Option<String>,
    /// The path of a POST.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub post: Option<String>,
    /// What the body of a POST is.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub body: Option<BodySpec>,
    /// A name for `route` of the callbacks.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub hook: Option<String>,
    /// What stands behind the path in the provider's dashboard, with its macros.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub paste: Option<String>,
}

/// What the body of a POST is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum BodySpec {
    /// One JSON object.
    Json,
    /// `application/x-www-form-urlencoded`.
    Form,
}

/// The type of a field: `"id(64)?"`, or a table.
#[derive(Debug, Clone, Serialize)]
#[serde(untagged)]
pub enum FieldSpec {
    /// The type alone.
    Text(String),
    /// The type with more to be said.
    Table(FieldTable),
}

/// The type of a field as a table.
#[derive(Debug, Clone, Default, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct FieldTable {
    /// The type. Of what no form is demanded, `written?` is text or a number as it was written, and anything else is
    /// malformed; `any?` is the same, and anything else is as good as absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub is: Option<String>,
    /// Characters that it does not have.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub without: String,
    /// Whether JSON may have a whole number in place of the text.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub number: bool,
    /// The texts that it can be.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub one_of: Option<Vec<String>>,
    /// Whether it may be absent, as `?` behind a type: not there, null, or empty. In JSON, an empty text is that only
    /// where a text is expected, and no amount, truth or time; `written?` and `any?` take it as it is.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub optional: bool,
}

/// One text or several.
#[derive(Debug, Clone, Serialize)]
#[serde(untagged)]
pub enum OneOrMore {
    /// One.
    One(String),
    /// Several.
    More(Vec<String>),
}

impl OneOrMore {
    /// All of them.
    #[must_use]
    pub fn as_slice(&self) -> &[String] {
        match self {
            Self::One(text) => std::slice::from_ref(text),
            Self::More(texts) => texts,
        }
    }
}

/// What proves a request.
#[derive(Debug, Clone, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct CredentialSpec {
    /// The scheme.
    pub is: String,
    /// Where it stands: `query.NAME`, `form.NAME`, `body.NAME`, `header.NAME`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub at: Option<String>,
    /// How its bytes are written, in any of several ways.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub encoding: Option<OneOrMore>,
    /// What stands before it, in any of several ways.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub prefix: Option<OneOrMore>,
    /// What stands between several of them.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub separator: Option<String>,
    /// How the key's text becomes bytes.
    #[serde(default)]
    pub secret: SecretSpec,
    /// What is signed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub over: Option<OverSpec>,
    /// The public keys.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub keys: Option<KeysSpec>,
    /// How old a request may be.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub window: Option<WindowSpec>,
    /// Parameters and members that are credentials as well, such as a signature that the provider gave up: they
    /// prove nothing here, and are not kept, no more than the one at `at` is.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub not_kept: Vec<String>,
}

/// Public keys.
#[derive(Debug, Clone, Serialize)]
#[serde(untagged)]
pub enum KeysSpec {
    /// These: base64 of a `SubjectPublicKeyInfo` (RFC 5480) each.
    Fixed(Vec<String>),
    /// Those of a list that the provider publishes.
    Fetched(FetchedSpec),
}

/// Public keys of a list that the provider publishes: `{"keys":[{"keyId":…,"base64":"…"}]}`.
#[derive(Debug, Clone, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct FetchedSpec {
    /// The URL of the list.
    pub fetch: String,
    /// How long a list may be used, in hours.
    pub max_age_hours: u32,
}

/// How a key's text becomes bytes.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum SecretSpec {
    /// Its UTF-8.
    #[default]
    Text,
    /// Base64.
    Base64,
    /// Hex.
    Hex,
    /// Base64, behind `whsec_` or nothing (Standard Webhooks).
    Whsec,
}

/// How old a request may be, by the time that it carries.
#[derive(Debug, Clone, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct WindowSpec {
    /// The field with its time.
    pub at: String,
    /// How long ago that may be, in seconds.
    pub past_seconds: u32,
    /// How far ahead that may be, in seconds.
    pub future_seconds: u32,
}

/// Where requests come from.
#[derive(Debug, Clone, Default, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct NetworksSpec {
    /// The provider's networks, in CIDR notation.
    #[serde(default)]
    pub from: Vec<String>,
    /// Whether nobody is let in without a list.
    #[serde(default)]
    pub required: bool,
}

/// What makes a callback this one.
#[derive(Debug, Clone, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct IdentitySpec {
    /// The fields of the idempotency key.
    pub key: Vec<String>,
    /// The fields in which two deliveries agree.
    #[serde(default)]
    pub fingerprint: Vec<String>,
}

/// What a callback means.
#[derive(Debug, Clone, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct MeaningSpec {
    /// The field with the user, or several, of which the first that is there counts; those behind it are not looked
    /// at, unless something else needs them.
    pub user: OneOrMore,
    /// The field with the amount.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub amount: Option<String>,
    /// The unit: a text, or `{field}`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub unit: Option<String>,
    /// What makes it a test.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub test: Option<Conditions>,
    /// The largest reward that is paid without a person having looked at it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cap: Option<String>,
    /// What becomes of a reward below zero.
    #[serde(default)]
    pub negative: NegativeSpec,
}

/// What becomes of a reward below zero.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum NegativeSpec {
    /// It is malformed.
    #[default]
    Refused,
    /// A person looks at it.
    Held,
}

/// Fields with what they have to be, all of them.
pub type Conditions = ByField<OneOrMore>;

/// A kind of callback.
#[derive(Debug, Clone, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct CallbackSpec {
    /// Its name, in `snake_case`.
    pub kind: String,
    /// What has to hold.
    #[serde(default, skip_serializing_if = "IndexMap::is_empty")]
    pub when: Conditions,
    /// The hook of the only route that it comes to.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub route: Option<String>,
    /// Identities of different classes never meet.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub class: Option<String>,
    /// What it does.
    pub effect: EffectSpec,
    /// The id that a completion shares with its reversal.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub of: Option<OfSpec>,
    /// Types that are other than usual. `any?` in place of an amount is compared by its value, where it has one.
    #[serde(default, skip_serializing_if = "IndexMap::is_empty")]
    pub fields: ByField<FieldSpec>,
    /// More of the fingerprint.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub fingerprint: Vec<String>,
}

/// What a callback does.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum EffectSpec {
    /// It pays, for good.
    Credit,
    /// It pays, until it is reversed.
    Complete,
    /// It takes back what a completion paid.
    Reverse,
    /// It is kept.
    Nothing,
}

/// The id that a completion shares with its reversal.
#[derive(Debug, Clone, Serialize)]
#[serde(untagged)]
pub enum OfSpec {
    /// A field as it is.
    Field(String),
    /// A field without what stands before the id.
    Stripped(StrippedSpec),
}

/// A field without what stands before the id.
#[derive(Debug, Clone, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct StrippedSpec {
    /// The field.
    pub field: String,
    /// What stands before the id, where it does.
    pub without_prefix: String,
}

/// Settings of the function that change what the file says, by their names: what stands in the file counts where the
/// setting is absent or empty.
#[derive(Debug, Clone, Default, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct SettingsSpec {
    /// The setting with the name of the header that the credential stands in.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub header: Option<String>,
    /// The setting with the kinds of callback that pay, with commas between them. Of those whose effect is `credit`
    /// or `nothing`, the named ones are credits and the others are notices, whose amount is not looked at.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub paying: Option<String>,
}

/// What the provider wants to read, per outcome.
#[derive(Debug, Clone, Default, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct AnswersSpec {
    /// It is stored.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub recorded: Option<AnswerSpec>,
    /// It was stored before.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub duplicate: Option<AnswerSpec>,
    /// Its identity is taken by another content.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub conflict: Option<AnswerSpec>,
    /// It is not a callback that may be stored.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub refused: Option<AnswerSpec>,
    /// It may be one, and cannot be stored now.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub unavailable: Option<AnswerSpec>,
}

/// A status and a body.
#[derive(Debug, Clone, Default, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct AnswerSpec {
    /// The HTTP status, where it is other than usual.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub status: Option<u16>,
    /// The body: plain text with `{field}`s of the identity, where it is other than usual.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub body: Option<String>,
}

/// A published example, of which the credential is checked.
#[derive(Debug, Clone, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct VectorSpec {
    /// The secret; none where the keys are public.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub secret: Option<String>,
    /// The public key that it was signed for, where the provider publishes a list of them.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub public_key: Option<String>,
    /// The URL as called.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub url: Option<String>,
    /// The query string, where no URL is given.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub query: Option<String>,
    /// The headers.
    #[serde(default, skip_serializing_if = "IndexMap::is_empty")]
    pub headers: IndexMap<String, String>,
    /// The body.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub body: Option<String>,
    /// The page that it stands on.
    pub source: String,
}

/// What a sender sends to try it out.
#[derive(Debug, Clone, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct SampleSpec {
    /// Its name, which begins with the provider's.
    pub name: String,
    /// The method and path.
    pub route: String,
    /// The fields, without the credential.
    pub payload: serde_json::Map<String, serde_json::Value>,
    /// Whether it is signed with a key that is not the provider's.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub forged: bool,
    /// The reason that it is refused for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub refused: Option<String>,
}
