//! What a contract's file says, part by part, as it is written; nothing is checked here but its form.

#[cfg(feature = "bake")]
mod bake;
mod over;
mod shape;
mod table;

use std::borrow::Cow;

use serde::Deserialize;

pub use over::{
    BeforeSpec, EncodeSpec, FieldsSpec, OverSpec, ParametersSpec, SelectSpec, SortedSpec, WholeSpec,
};

pub use table::Table;

/// A text of the file. What was read when a program was built is borrowed from the program.
pub type Text = Cow<'static, str>;

/// A list of the file.
pub type List<T> = Cow<'static, [T]>;

/// A contract: `contracts/NAME.toml`.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ContractFile {
    /// The version of this grammar: 1.
    pub contract: u8,
    /// What people call the provider.
    pub title: Text,
    /// The pages that it was taken from.
    #[serde(default)]
    pub sources: List<Text>,
    /// What no page of the provider's own says.
    #[serde(default)]
    pub unconfirmed: Option<Text>,
    /// Who sends the requests.
    #[serde(default)]
    pub caller: CallerSpec,
    /// Whether the URL carries a token, an unguessable text that is made from the key.
    #[serde(default)]
    pub token: bool,
    /// What is called.
    pub routes: List<RouteSpec>,
    /// Every field that is used, with its type. They are read in this order, so that the first that breaks a rule is
    /// the one that is told.
    pub fields: Table<FieldSpec>,
    /// What proves a request.
    pub credential: CredentialSpec,
    /// Where requests come from.
    #[serde(default)]
    pub networks: Option<NetworksSpec>,
    /// What makes a callback this one.
    pub identity: IdentitySpec,
    /// What it means.
    pub meaning: MeaningSpec,
    /// The kinds of callback, the first of which whose conditions hold counts.
    pub callbacks: List<CallbackSpec>,
    /// What the provider wants to read.
    #[serde(default)]
    pub answers: Option<AnswersSpec>,
    /// Settings of the function that change what the file says.
    #[serde(default)]
    pub settings: Option<SettingsSpec>,
    /// Weaknesses that are the provider's own, each with how one lives with it.
    #[serde(default)]
    pub accept: Table<Text>,
    /// Published examples.
    #[serde(default)]
    pub vectors: Vec<VectorSpec>,
    /// What a sender sends to try it out.
    #[serde(default)]
    pub samples: Vec<SampleSpec>,
}

/// Who sends the requests, which decides how a conflict is told.
#[derive(Debug, Clone, Copy, Default, Deserialize)]
#[cfg_attr(feature = "bake", derive(databake::Bake), databake(path = contracts::file))]
#[serde(rename_all = "kebab-case")]
pub enum CallerSpec {
    /// The provider's own servers.
    #[default]
    Provider,
    /// A team's own site or tracker.
    OwnCode,
}

/// A route: one of `get` and `post`.
#[derive(Debug, Clone, Deserialize)]
#[cfg_attr(feature = "bake", derive(databake::Bake), databake(path = contracts::file))]
#[serde(deny_unknown_fields)]
pub struct RouteSpec {
    /// The path of a GET.
    #[serde(default)]
    pub get: Option<Text>,
    /// The path of a POST.
    #[serde(default)]
    pub post: Option<Text>,
    /// What the body of a POST is.
    #[serde(default)]
    pub body: Option<BodySpec>,
    /// A name for `route` of the callbacks.
    #[serde(default)]
    pub hook: Option<Text>,
    /// What stands behind the path in the provider's dashboard, with its macros.
    #[serde(default)]
    pub paste: Option<Text>,
}

/// What the body of a POST is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[cfg_attr(feature = "bake", derive(databake::Bake), databake(path = contracts::file))]
#[serde(rename_all = "lowercase")]
pub enum BodySpec {
    /// One JSON object.
    Json,
    /// `application/x-www-form-urlencoded`.
    Form,
}

/// The type of a field: `"id(64)?"`, or a table.
#[derive(Debug, Clone)]
#[cfg_attr(feature = "bake", derive(databake::Bake), databake(path = contracts::file))]
pub enum FieldSpec {
    /// The type alone.
    Text(Text),
    /// The type with more to be said.
    Table(FieldTable),
}

/// The type of a field as a table.
#[derive(Debug, Clone, Default, Deserialize)]
#[cfg_attr(feature = "bake", derive(databake::Bake), databake(path = contracts::file))]
#[serde(deny_unknown_fields)]
pub struct FieldTable {
    /// The type. Of what no form is demanded, `written?` is text or a number as it was written, and anything else is
    /// malformed; `any?` is the same, and anything else is as good as absent.
    #[serde(default)]
    pub is: Option<Text>,
    /// Characters that it does not have.
    #[serde(default)]
    pub without: Text,
    /// Whether JSON may have a whole number in place of the text.
    #[serde(default)]
    pub number: bool,
    /// The texts that it can be.
    #[serde(default)]
    pub one_of: Option<List<Text>>,
    /// Whether it may be absent, as `?` behind a type: not there, null, or empty. In JSON, an empty text is that only
    /// where a text is expected, and no amount, truth or time; `written?` and `any?` take it as it is.
    #[serde(default)]
    pub optional: bool,
}

/// One text or several.
#[derive(Debug, Clone)]
#[cfg_attr(feature = "bake", derive(databake::Bake), databake(path = contracts::file))]
pub enum OneOrMore {
    /// One.
    One(Text),
    /// Several.
    More(List<Text>),
}

impl OneOrMore {
    /// All of them.
    #[must_use]
    pub fn as_slice(&self) -> &[Text] {
        match self {
            Self::One(text) => std::slice::from_ref(text),
            Self::More(texts) => texts,
        }
    }
}

/// What proves a request.
#[derive(Debug, Clone, Deserialize)]
#[cfg_attr(feature = "bake", derive(databake::Bake), databake(path = contracts::file))]
#[serde(deny_unknown_fields)]
pub struct CredentialSpec {
    /// The scheme.
    pub is: Text,
    /// Where it stands: `query.NAME`, `form.NAME`, `body.NAME`, `header.NAME`.
    #[serde(default)]
    pub at: Option<Text>,
    /// How its bytes are written, in any of several ways.
    #[serde(default)]
    pub encoding: Option<OneOrMore>,
    /// What stands before it, in any of several ways.
    #[serde(default)]
    pub prefix: Option<OneOrMore>,
    /// What stands between several of them.
    #[serde(default)]
    pub separator: Option<Text>,
    /// How the key's text becomes bytes.
    #[serde(default)]
    pub secret: SecretSpec,
    /// What is signed.
    #[serde(default)]
    pub over: Option<OverSpec>,
    /// The public keys.
    #[serde(default)]
    pub keys: Option<KeysSpec>,
    /// How old a request may be.
    #[serde(default)]
    pub window: Option<WindowSpec>,
    /// Parameters and members that are credentials as well, such as a signature that the provider gave up: they
    /// prove nothing here, and are not kept, no more than the one at `at` is.
    #[serde(default)]
    pub not_kept: List<Text>,
}

/// Public keys.
#[derive(Debug, Clone)]
#[cfg_attr(feature = "bake", derive(databake::Bake), databake(path = contracts::file))]
pub enum KeysSpec {
    /// These: base64 of a `SubjectPublicKeyInfo` (RFC 5480) each.
    Fixed(List<Text>),
    /// Those of a list that the provider publishes.
    Fetched(FetchedSpec),
}

/// Public keys of a list that the provider publishes: `{"keys":[{"keyId":…,"base64":"…"}]}`.
#[derive(Debug, Clone, Deserialize)]
#[cfg_attr(feature = "bake", derive(databake::Bake), databake(path = contracts::file))]
#[serde(deny_unknown_fields)]
pub struct FetchedSpec {
    /// The URL of the list.
    pub fetch: Text,
    /// How long a list may be used, in hours.
    pub max_age_hours: u32,
}

/// How a key's text becomes bytes.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[cfg_attr(feature = "bake", derive(databake::Bake), databake(path = contracts::file))]
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
#[derive(Debug, Clone, Deserialize)]
#[cfg_attr(feature = "bake", derive(databake::Bake), databake(path = contracts::file))]
#[serde(deny_unknown_fields)]
pub struct WindowSpec {
    /// The field with its time.
    pub at: Text,
    /// How long ago that may be, in seconds.
    pub past_seconds: u32,
    /// How far ahead that may be, in seconds.
    pub future_seconds: u32,
}

/// Where requests come from.
#[derive(Debug, Clone, Default, Deserialize)]
#[cfg_attr(feature = "bake", derive(databake::Bake), databake(path = contracts::file))]
#[serde(deny_unknown_fields)]
pub struct NetworksSpec {
    /// The provider's networks, in CIDR notation.
    #[serde(default)]
    pub from: List<Text>,
    /// Whether nobody is let in without a list.
    #[serde(default)]
    pub required: bool,
}

/// What makes a callback this one.
#[derive(Debug, Clone, Deserialize)]
#[cfg_attr(feature = "bake", derive(databake::Bake), databake(path = contracts::file))]
#[serde(deny_unknown_fields)]
pub struct IdentitySpec {
    /// The fields of the idempotency key.
    pub key: List<Text>,
    /// The fields in which two deliveries agree.
    #[serde(default)]
    pub fingerprint: List<Text>,
}

/// What a callback means.
#[derive(Debug, Clone, Deserialize)]
#[cfg_attr(feature = "bake", derive(databake::Bake), databake(path = contracts::file))]
#[serde(deny_unknown_fields)]
pub struct MeaningSpec {
    /// The field with the user, or several, of which the first that is there counts; those behind it are not looked
    /// at, unless something else needs them.
    pub user: OneOrMore,
    /// The field with the amount.
    #[serde(default)]
    pub amount: Option<Text>,
    /// The unit: a text, or `{field}`.
    #[serde(default)]
    pub unit: Option<Text>,
    /// What makes it a test.
    #[serde(default)]
    pub test: Option<Conditions>,
    /// The largest reward that is paid without a person having looked at it.
    #[serde(default)]
    pub cap: Option<Text>,
    /// What becomes of a reward below zero.
    #[serde(default)]
    pub negative: NegativeSpec,
}

/// What becomes of a reward below zero.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[cfg_attr(feature = "bake", derive(databake::Bake), databake(path = contracts::file))]
#[serde(rename_all = "lowercase")]
pub enum NegativeSpec {
    /// It is malformed.
    #[default]
    Refused,
    /// A person looks at it.
    Held,
}

/// Fields with what they have to be, all of them.
pub type Conditions = Table<OneOrMore>;

/// A kind of callback.
#[derive(Debug, Clone, Deserialize)]
#[cfg_attr(feature = "bake", derive(databake::Bake), databake(path = contracts::file))]
#[serde(deny_unknown_fields)]
pub struct CallbackSpec {
    /// Its name, in `snake_case`.
    pub kind: Text,
    /// What has to hold.
    #[serde(default)]
    pub when: Conditions,
    /// The hook of the only route that it comes to.
    #[serde(default)]
    pub route: Option<Text>,
    /// Identities of different classes never meet.
    #[serde(default)]
    pub class: Option<Text>,
    /// What it does.
    pub effect: EffectSpec,
    /// The id that a completion shares with its reversal.
    #[serde(default)]
    pub of: Option<OfSpec>,
    /// Types that are other than usual. `any?` in place of an amount is compared by its value, where it has one.
    #[serde(default)]
    pub fields: Table<FieldSpec>,
    /// More of the fingerprint.
    #[serde(default)]
    pub fingerprint: List<Text>,
}

/// What a callback does.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[cfg_attr(feature = "bake", derive(databake::Bake), databake(path = contracts::file))]
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
#[derive(Debug, Clone)]
#[cfg_attr(feature = "bake", derive(databake::Bake), databake(path = contracts::file))]
pub enum OfSpec {
    /// A field as it is.
    Field(Text),
    /// A field without what stands before the id.
    Stripped(StrippedSpec),
}

/// A field without what stands before the id.
#[derive(Debug, Clone, Deserialize)]
#[cfg_attr(feature = "bake", derive(databake::Bake), databake(path = contracts::file))]
#[serde(deny_unknown_fields)]
pub struct StrippedSpec {
    /// The field.
    pub field: Text,
    /// What stands before the id, where it does.
    pub without_prefix: Text,
}

/// Settings of the function that change what the file says, by their names: what stands in the file counts where the
/// setting is absent or empty.
#[derive(Debug, Clone, Default, Deserialize)]
#[cfg_attr(feature = "bake", derive(databake::Bake), databake(path = contracts::file))]
#[serde(deny_unknown_fields)]
pub struct SettingsSpec {
    /// The setting with the name of the header that the credential stands in.
    #[serde(default)]
    pub header: Option<Text>,
    /// The setting with the kinds of callback that pay, with commas between them. Of those whose effect is `credit`
    /// or `nothing`, the named ones are credits and the others are notices, whose amount is not looked at.
    #[serde(default)]
    pub paying: Option<Text>,
}

/// What the provider wants to read, per outcome.
#[derive(Debug, Clone, Default, Deserialize)]
#[cfg_attr(feature = "bake", derive(databake::Bake), databake(path = contracts::file))]
#[serde(deny_unknown_fields)]
pub struct AnswersSpec {
    /// It is stored.
    #[serde(default)]
    pub recorded: Option<AnswerSpec>,
    /// It was stored before.
    #[serde(default)]
    pub duplicate: Option<AnswerSpec>,
    /// Its identity is taken by another content.
    #[serde(default)]
    pub conflict: Option<AnswerSpec>,
    /// It is not a callback that may be stored.
    #[serde(default)]
    pub refused: Option<AnswerSpec>,
    /// It may be one, and cannot be stored now.
    #[serde(default)]
    pub unavailable: Option<AnswerSpec>,
}

/// A status and a body.
#[derive(Debug, Clone, Default, Deserialize)]
#[cfg_attr(feature = "bake", derive(databake::Bake), databake(path = contracts::file))]
#[serde(deny_unknown_fields)]
pub struct AnswerSpec {
    /// The HTTP status, where it is other than usual.
    #[serde(default)]
    pub status: Option<u16>,
    /// The body: plain text with `{field}`s of the identity, where it is other than usual.
    #[serde(default)]
    pub body: Option<Text>,
}

/// A published example, of which the credential is checked.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct VectorSpec {
    /// The secret; none where the keys are public.
    #[serde(default)]
    pub secret: Option<Text>,
    /// The public key that it was signed for, where the provider publishes a list of them.
    #[serde(default)]
    pub public_key: Option<Text>,
    /// The URL as called.
    #[serde(default)]
    pub url: Option<Text>,
    /// The query string, where no URL is given.
    #[serde(default)]
    pub query: Option<Text>,
    /// The headers.
    #[serde(default)]
    pub headers: Table<Text>,
    /// The body.
    #[serde(default)]
    pub body: Option<Text>,
    /// The page that it stands on.
    pub source: Text,
}

/// What a sender sends to try it out.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SampleSpec {
    /// Its name, which begins with the provider's.
    pub name: Text,
    /// The method and path.
    pub route: Text,
    /// The fields, without the credential.
    pub payload: serde_json::Map<String, serde_json::Value>,
    /// Whether it is signed with a key that is not the provider's.
    #[serde(default)]
    pub forged: bool,
    /// The reason that it is refused for.
    #[serde(default)]
    pub refused: Option<Text>,
}
