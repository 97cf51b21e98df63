//! The functions of the bundle, by their logical ids in the template.

use std::pin::Pin;
use std::sync::Arc;

use appvirality_redemption::Redemption;
use devtodev_delivery::DevtodevDelivery;
use giveaway_delivery::GiveawayDelivery;
use jiff::Timestamp;
use lambda_http::aws_lambda_events::apigw::ApiGatewayV2httpResponse;
use lambda_runtime::{Context, LambdaEvent};
use ledger::LedgerFunction;
use receiver::Receiver;
use serde_json::Value;
use serde_json::value::RawValue;
use settings::{ConfigError, Settings};
use settlement::{Settle, Worker};
use verify::{Keys, Request, Route, Secret, Sender, Unsignable};

use crate::probe::{Probe, probe};

/// The receiving functions. A new provider is one line here.
pub const RECEIVERS: [ReceivingFunction; 5] = [
    ReceivingFunction::of::<giveaway::Giveaway>("GiveawayFunction"),
    ReceivingFunction::of::<claimr::Claimr>("ClaimrFunction"),
    ReceivingFunction::of::<devtodev::Devtodev>("DevtodevFunction"),
    ReceivingFunction::of::<inbrain::Inbrain>("InbrainFunction"),
    ReceivingFunction::of::<appvirality::AppVirality>("AppviralityFunction"),
];

/// The settling functions.
pub const SETTLERS: [SettlingFunction; 4] = [
    SettlingFunction {
        id: "LedgerFunction",
        name: "ledger",
        start: |settings| work(settings, LedgerFunction::configure),
    },
    SettlingFunction {
        id: "AppviralityRedemptionFunction",
        name: "appvirality-redemption",
        start: |settings| work(settings, Redemption::configure),
    },
    SettlingFunction {
        id: "GiveawayDeliveryFunction",
        name: "giveaway-delivery",
        start: |settings| work(settings, GiveawayDelivery::configure),
    },
    SettlingFunction {
        id: "DevtodevDeliveryFunction",
        name: "devtodev-delivery",
        start: |settings| work(settings, DevtodevDelivery::configure),
    },
];

/// What tells the time.
pub type Clock = fn() -> Timestamp;

/// A function that answers API Gateway events.
pub type Invoke = Arc<
    dyn Fn(Context, Box<RawValue>) -> Pin<Box<dyn Future<Output = ApiGatewayV2httpResponse> + Send>>
        + Send
        + Sync,
>;

/// A function that takes SQS events: from the event's JSON to the response's, or `None` where it cannot
/// read the event.
pub type Work =
    Arc<dyn Fn(Value) -> Pin<Box<dyn Future<Output = Option<Value>> + Send>> + Send + Sync>;

/// What is known of a settling function without running it.
#[derive(Debug, Clone, Copy)]
pub struct SettlingFunction {
    /// Its logical id.
    pub id: &'static str,
    /// Its binary's name.
    pub name: &'static str,
    start: fn(&Settings) -> Result<Work, ConfigError>,
}

impl SettlingFunction {
    /// The function, with its settings.
    pub fn start(&self, settings: &Settings) -> Result<Work, ConfigError> {
        (self.start)(settings)
    }
}

/// What is known of a receiving function without running it.
#[derive(Debug, Clone, Copy)]
pub struct ReceivingFunction {
    /// Its logical id.
    pub id: &'static str,
    /// Its provider's name, which is its binary's name too.
    pub provider: &'static str,
    /// Its provider's samples.
    pub samples: &'static str,
    routes: fn() -> Vec<Route>,
    invoke: fn(&Settings, Clock) -> Result<Invoke, ConfigError>,
    sign: fn(&Settings, &Route, &str, &Secret) -> Result<Request, SignError>,
    probe: fn(&Settings, &Route, &Keys, Timestamp) -> Result<Probe, SignError>,
}

/// Why a payload cannot be signed.
#[derive(Debug, thiserror::Error)]
pub enum SignError {
    /// A setting of the provider cannot be used.
    #[error(transparent)]
    ConfigError(#[from] ConfigError),
    /// The payload lacks what the signature covers.
    #[error(transparent)]
    Unsignable(#[from] Unsignable),
    /// The provider has no such route.
    #[error("the provider has no route {0}")]
    NoSuchRoute(String),
}

impl ReceivingFunction {
    const fn of<P: Sender>(id: &'static str) -> Self {
        Self {
            id,
            provider: P::NAME,
            samples: P::SAMPLES,
            routes: routes::<P>,
            invoke: invoke::<P>,
            sign: sign::<P>,
            probe: probe::<P>,
        }
    }

    /// The provider's routes.
    #[must_use]
    pub fn routes(&self) -> Vec<Route> {
        (self.routes)()
    }

    /// The function, with its settings; `clock` tells the time.
    pub fn start(&self, settings: &Settings, clock: Clock) -> Result<Invoke, ConfigError> {
        (self.invoke)(settings, clock)
    }

    /// The request that the provider would send to `route`.
    pub fn sign(
        &self,
        settings: &Settings,
        route: &Route,
        payload: &str,
        secret: &Secret,
    ) -> Result<Request, SignError> {
        (self.sign)(settings, route, payload, secret)
    }

    /// The request that `route` refuses only once it has authenticated it, at the time `now`.
    pub fn probe(
        &self,
        settings: &Settings,
        route: &Route,
        keys: &Keys,
        now: Timestamp,
    ) -> Result<Probe, SignError> {
        (self.probe)(settings, route, keys, now)
    }
}

fn routes<P: Sender>() -> Vec<Route> {
    P::ROUTES.iter().map(|(route, _)| *route).collect()
}

fn invoke<P: Sender>(settings: &Settings, clock: Clock) -> Result<Invoke, ConfigError> {
    let receiver = Arc::new(Receiver::<P>::configure(settings, clock)?);
    Ok(Arc::new(move |context, payload| {
        let receiver = Arc::clone(&receiver);
        Box::pin(async move { receiver.answer(LambdaEvent { payload, context }).await })
    }))
}

fn work<S: Settle>(
    settings: &Settings,
    configure: fn(&Settings) -> Result<S, ConfigError>,
) -> Result<Work, ConfigError> {
    let worker = Arc::new(Worker::configure(settings, configure(settings)?, Timestamp::now)?);
    Ok(Arc::new(move |event| {
        let worker = Arc::clone(&worker);
        Box::pin(async move {
            let event = serde_json::from_value(event).ok()?;
            serde_json::to_value(worker.handle(event).await).ok()
        })
    }))
}

fn sign<P: Sender>(
    settings: &Settings,
    route: &Route,
    payload: &str,
    secret: &Secret,
) -> Result<Request, SignError> {
    let (_, hook) = P::ROUTES
        .iter()
        .find(|(known, _)| known == route)
        .ok_or_else(|| SignError::NoSuchRoute(route.to_string()))?;
    Ok(P::configure(settings)?.sign(*hook, payload, secret)?)
}
