//! The way of one callback: request, authenticated request, callback, outcome, answer.

use std::time::Instant;

use aws_lambda_events::apigw::ApiGatewayV2httpResponse;
use jiff::Timestamp;
use lambda_runtime::LambdaEvent;
use platform::aws::timeouts::ANSWER;
use serde_json::value::RawValue;
use settings::{ConfigError, Settings};
use tables::callbacks::{Outcome, Store, Writer};
use verify::{Provider, Refusal, Route, Told};

use crate::answer::{Answer, Outage};
use crate::event::{self, IncomingRequest};
use crate::key_ring::KeyRing;
use crate::log::{Line, signature_headers};
use crate::metrics;
use crate::networks::Networks;

/// A provider with everything that its callbacks need.
#[derive(Debug)]
pub struct Receiver<P> {
    provider: P,
    networks: Networks,
    keys: KeyRing,
    store: Store,
    clock: fn() -> Timestamp,
}

impl<P: Provider> Receiver<P> {
    /// Puts the receiver together from its settings; `clock` tells the time.
    pub fn configure(settings: &Settings, clock: fn() -> Timestamp) -> Result<Self, ConfigError> {
        Self::of(P::configure(settings)?, settings, clock)
    }

    /// The same for a provider that has taken its own of the settings.
    pub fn of(
        provider: P,
        settings: &Settings,
        clock: fn() -> Timestamp,
    ) -> Result<Self, ConfigError> {
        Ok(Self {
            networks: Networks::configure(settings, provider.networks())?,
            keys: KeyRing::configure(settings, provider.public_keys())?
                .held_to(provider.secret_flaw()),
            store: Store::connect(settings)?,
            provider,
            clock,
        })
    }

    /// Reads the keys and opens the connection to the table, both at once, ahead of the first callback.
    /// What fails is done by that one.
    pub async fn warm(&self) {
        let (keys, ()) = tokio::join!(self.keys.warm(), self.store.warm());
        if let Err(unavailable) = keys {
            tracing::error!(
                provider = self.provider.name(),
                reason = unavailable.reason(),
                "no keys"
            );
        }
    }

    /// Answers one event, whatever it is, logs one line and counts it.
    pub async fn answer(&self, event: LambdaEvent<Box<RawValue>>) -> ApiGatewayV2httpResponse {
        let started = Instant::now();
        let mut line = Line::default();
        let work = tokio::time::timeout(ANSWER, self.receive(&event.payload, &mut line));
        let answer = match work.await {
            Ok(Ok(answer)) => answer,
            Ok(Err(stop)) => stop.into(),
            Err(_) => Answer::Unavailable(Outage::TooSlow),
        };
        match answer {
            Answer::Refused(_) => line.reply = self.provider.reply(Told::Refused),
            Answer::Unavailable(_) => line.reply = self.provider.reply(Told::Unavailable),
            Answer::Kept { .. } | Answer::Conflict { .. } => {}
        }
        let total = started.elapsed();
        let name = self.provider.name();
        line.write(name, &event.context.request_id, &answer, total);
        metrics::count(name, &answer, total, line.store);
        answer.into_response(&allowed_methods(self.provider.routes()), line.reply)
    }

    async fn receive(&self, event: &RawValue, line: &mut Line) -> Result<Answer, Stop> {
        let IncomingRequest { method, path, source_ip, request } = event::read(event)?;
        self.networks.admit(source_ip.as_deref())?;
        let hook = hook(self.provider.routes(), &method, &path)?;
        let proved = match self.provider.signed_content(hook, &request) {
            Ok(claim) => self.keys.prove(claim).await?,
            Err(refusal) => Err(refusal),
        };
        let authenticated =
            proved.inspect_err(|_| line.signature_headers = signature_headers(&request.headers))?;
        line.key_id = Some(authenticated.key_id().to_string());

        let now = (self.clock)();
        let read = |content| self.provider.read(hook, content, now);
        let callback = authenticated.into_callback(self.provider.name(), now, read)?;
        let id = callback.parsed().key.clone();
        line.kind = Some(callback.parsed().kind);
        line.id = Some(id.to_string());

        let asked = Instant::now();
        let recorded = self.store.record(&callback, &writer()?).await;
        line.store = Some(asked.elapsed());
        let outcome = recorded.map_err(Outage::Store)?;
        line.reply = self.provider.reply(match outcome {
            Outcome::Recorded => Told::Recorded(callback.parsed()),
            Outcome::Duplicate => Told::Duplicate(callback.parsed()),
            Outcome::Conflict => Told::Conflict(callback.parsed()),
        });
        Ok(match outcome {
            Outcome::Conflict => Answer::Conflict { id, caller: self.provider.caller() },
            Outcome::Recorded | Outcome::Duplicate => Answer::Kept { outcome, id },
        })
    }
}

/// What ends a callback's way early.
enum Stop {
    Refused(Refusal),
    Outage(Outage),
}

impl From<Refusal> for Stop {
    fn from(refusal: Refusal) -> Self {
        Self::Refused(refusal)
    }
}

impl From<Outage> for Stop {
    fn from(outage: Outage) -> Self {
        Self::Outage(outage)
    }
}

impl From<Stop> for Answer {
    fn from(stop: Stop) -> Self {
        match stop {
            Stop::Refused(refusal) => Self::Refused(refusal),
            Stop::Outage(outage) => Self::Unavailable(outage),
        }
    }
}

/// Which of the provider's callbacks a request is for.
fn hook<H: Copy>(routes: &[(Route, H)], method: &str, path: &str) -> Result<H, Refusal> {
    let matches = |route: &Route| route.method == method && route.path == path;
    match routes.iter().find(|(route, _)| matches(route)) {
        Some((_, hook)) => Ok(*hook),
        None if routes.iter().any(|(route, _)| route.path == path) => Err(Refusal::WrongMethod),
        None => Err(Refusal::NoSuchRoute),
    }
}

fn allowed_methods<H>(routes: &[(Route, H)]) -> String {
    let mut methods: Vec<_> = routes.iter().map(|(route, _)| route.method).collect();
    methods.sort_unstable();
    methods.dedup();
    methods.join(", ")
}

fn writer() -> Result<Writer, Outage> {
    let mut token = [0; 16];
    getrandom::fill(&mut token).map_err(|_| Outage::NoRandomness)?;
    Ok(Writer::new(u128::from_be_bytes(token)))
}
