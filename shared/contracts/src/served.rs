//! A contract as the receiver takes it: a provider like those whose code is in a crate.

use std::borrow::Cow;
use std::time::Duration;

use http::header::HOST;
use jiff::Timestamp;
use settings::{ConfigError, Settings};
use verify::{
    Caller, ParsedCallback, PasteFlaw, Provider, PublicKeys, Refusal, Reply, Request, Route,
    Secret, Sender, SignedContent, Told, Unsignable,
};

use crate::contract::Contract;
use crate::file::{AnswerSpec, AnswersSpec, KeysSpec, List, Text};
use crate::template::{Part, Template};
use crate::unproved::Unproved;

/// The setting with the name of the contract that a function serves.
pub const CONTRACT: &str = "CONTRACT";

/// Where a program has its contract.
pub trait Catalogue: Send + Sync + 'static {
    /// Its name, where it is always the same one.
    const NAME: &'static str = "contract";

    /// Its samples, in the form of [`Sender::SAMPLES`], where they are not those of its file.
    const SAMPLES: &'static str = "[]";

    /// The contract, with what its file says; none where there is none of the name that the setting [`CONTRACT`] has.
    fn contract(settings: &Settings) -> Option<Contract>;
}

/// A catalogue without a contract in it, for who has the contract already.
#[derive(Debug)]
pub enum NoCatalogue {}

impl Catalogue for NoCatalogue {
    fn contract(_: &Settings) -> Option<Contract> {
        None
    }
}

/// The provider that a contract describes.
#[derive(Debug)]
pub struct Served<C> {
    contract: Contract,
    /// What the provider called, of each route.
    urls: Vec<String>,
    catalogue: std::marker::PhantomData<fn() -> C>,
}

impl<C> Served<C> {
    /// Serves `contract` with a team's settings.
    ///
    /// # Errors
    ///
    /// A setting that cannot be used.
    pub fn new(contract: Contract, settings: &Settings) -> Result<Self, ConfigError> {
        let contract = contract.configured(settings)?;
        let urls = (0..contract.entrances().len()).map(|entrance| contract.url(entrance)).collect();
        Ok(Self { contract, urls, catalogue: std::marker::PhantomData })
    }

    /// The URL of a route as it was called, without its query.
    #[must_use]
    pub fn url(&self, hook: usize, request: &Request) -> Cow<'_, str> {
        let url = &self.urls[hook];
        if !self.contract.public_url.is_empty() || !self.contract.signs_url() {
            return Cow::Borrowed(url);
        }
        // API Gateway takes nothing but https. Without a host no signature fits.
        let host = request.headers.get(HOST).and_then(|host| host.to_str().ok());
        Cow::Owned(format!("https://{}{url}", host.unwrap_or_default()))
    }

    /// The contract.
    #[must_use]
    pub const fn contract(&self) -> &Contract {
        &self.contract
    }
}

impl<C: Catalogue> Provider for Served<C> {
    const NAME: &'static str = C::NAME;
    const CALLER: Caller = Caller::Provider;
    /// The place of the route among those of the file.
    type Hook = usize;
    type Content<'a> = Unproved<'a>;

    fn name(&self) -> &'static str {
        self.contract.name
    }

    fn caller(&self) -> Caller {
        self.contract.caller()
    }

    fn routes(&self) -> &'static [(Route, usize)] {
        self.contract.compiled.routes
    }

    fn networks(&self) -> Option<&'static [Cow<'static, str>]> {
        let networks = self.contract.file.networks.as_ref()?;
        (networks.required || !networks.from.is_empty()).then_some(&*networks.from)
    }

    fn public_keys(&self) -> Option<PublicKeys> {
        self.contract.public_keys()
    }

    fn secret_flaw(&self) -> fn(&Secret) -> Option<PasteFlaw> {
        self.contract.compiled.proof.secret_flaw()
    }

    fn reply(&self, told: Told<'_>) -> Option<Reply> {
        let AnswersSpec { recorded, duplicate, conflict, refused, unavailable } =
            self.contract.answers()?;
        let (answer, callback) = match told {
            Told::Recorded(callback) => (recorded, Some(callback)),
            Told::Duplicate(callback) => (duplicate, Some(callback)),
            Told::Conflict(callback) => (conflict, Some(callback)),
            Told::Refused => (refused, None),
            Told::Unavailable => (unavailable, None),
        };
        answer.as_ref().map(|answer| reply(answer, callback))
    }

    fn configure(settings: &Settings) -> Result<Self, ConfigError> {
        let expected = "the name of a contract that was built in";
        let contract = C::contract(settings);
        Self::new(contract.ok_or(ConfigError { variable: CONTRACT, expected })?, settings)
    }

    fn signed_content<'a>(
        &self,
        hook: usize,
        request: &'a Request,
    ) -> Result<SignedContent<'a, Unproved<'a>>, Refusal> {
        let (credential, content) = self.contract.claim(hook, &self.url(hook, request), request)?;
        Ok(SignedContent { credential, content })
    }

    fn read(
        &self,
        hook: usize,
        content: Unproved<'_>,
        received_at: Timestamp,
    ) -> Result<ParsedCallback, Refusal> {
        let hook = self.contract.entrances()[hook].hook;
        let Unproved { body, headers } = content;
        body.strict(|content| self.contract.read_content(hook, content, headers, received_at))
    }
}

impl<C: Catalogue> Sender for Served<C> {
    const SAMPLES: &'static str = C::SAMPLES;

    fn sign(&self, hook: usize, payload: &str, secret: &Secret) -> Result<Request, Unsignable> {
        self.contract.sign(hook, &self.urls[hook], payload, secret)
    }
}

impl Contract {
    /// The keys that are no secrets of the team's: those that the provider publishes, or that stand in the file.
    #[must_use]
    pub fn public_keys(&self) -> Option<PublicKeys> {
        match &self.file.credential.keys {
            Some(KeysSpec::Fetched(list)) => Some(PublicKeys::Published {
                url: &list.fetch,
                oldest: Duration::from_hours(list.max_age_hours.into()),
            }),
            _ => self.fixed_keys().map(PublicKeys::Fixed),
        }
    }

    /// The keys that stand in the file, as a key list; what nothing signs has one that is no secret.
    pub(crate) fn fixed_keys(&self) -> Option<String> {
        let keys = match &self.file.credential.keys {
            Some(KeysSpec::Fixed(keys)) => keys,
            _ if self.needs_no_key() => {
                &const { List::Borrowed(&[Text::Borrowed("nothing is signed")]) }
            }
            _ => return None,
        };
        let key = |(at, key): (usize, &Text)| serde_json::json!({ "id": format!("{}-{}", self.name, at + 1), "secret": key });
        let keys: Vec<_> = keys.iter().enumerate().map(key).collect();
        Some(serde_json::json!({ "keys": keys }).to_string())
    }

    /// Whether neither a signature nor the token of the URL is made with a key.
    #[must_use]
    pub fn needs_no_key(&self) -> bool {
        self.compiled.proof.scheme == crate::proof::Scheme::None && !self.compiled.proof.token
    }
}

fn reply(answer: &AnswerSpec, callback: Option<&ParsedCallback>) -> Reply {
    let filled = |body: &Text| match callback {
        Some(callback) if body.contains('{') => filled(body, &callback.payload),
        _ => body.to_string(),
    };
    Reply { status: answer.status, body: answer.body.as_ref().map(filled) }
}

/// `body` with the fields of a payload in it.
fn filled(body: &str, payload: &str) -> String {
    let Some(template) = Template::read(body) else { return body.to_owned() };
    let payload: serde_json::Value = serde_json::from_str(payload).unwrap_or_default();
    let part = |part: &Part| match part {
        Part::Literal(text) => text.clone(),
        Part::Field(name) => match &payload[name.as_str()] {
            serde_json::Value::String(text) => text.clone(),
            other => other.to_string(),
        },
        Part::Body | Part::Secret => String::new(),
    };
    template.0.iter().map(part).collect()
}
