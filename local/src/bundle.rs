//! The functions of the bundle, by their logical ids in the template.

use std::collections::HashMap;
use std::pin::Pin;
use std::sync::Arc;

use appvirality_redemption::Redemption;
use devtodev_delivery::DevtodevDelivery;
use dispatch::Dispatch;
use giveaway_delivery::GiveawayDelivery;
use jiff::Timestamp;
use lambda_http::aws_lambda_events::apigw::ApiGatewayV2httpResponse;
use lambda_runtime::{Context, LambdaEvent};
use ledger::LedgerFunction;
use receiver::Receiver;
use serde_json::Value;
use serde_json::value::RawValue;
use settlement::{Settle, Worker};
use verify::{ConfigError, Keys, Request, Route, Secret, Sender, Settings, Unsignable};

use crate::probe::{Probe, probe};

/// The receiving functions. A new provider is one line here.
pub const RECEIVERS: [ReceivingFunction; 5] = [
    ReceivingFunction::of::<giveaway::Giveaway>("GiveawayFunction"),
    ReceivingFunction::of::<claimr::Claimr>("ClaimrFunction"),
    ReceivingFunction::of::<devtodev::Devtodev>("DevtodevFunction"),
    ReceivingFunction::of::<inbrain::Inbrain>("InbrainFunction"),
    ReceivingFunction::of::<appvirality::AppVirality>("AppviralityFunction"),
];

/// The function that sends records from the stream to queues and bus.
pub const DISPATCH: SettlingFunction =
    SettlingFunction { id: "DispatchFunction", name: "dispatch", start: dispatch };

/// The settling functions.
pub const SETTLERS: [SettlingFunction; 4] = [
    SettlingFunction {
        id: "LedgerFunction",
        name: "ledger",
        start: |setting| work(setting, LedgerFunction::configure),
    },
    SettlingFunction {
        id: "AppviralityRedemptionFunction",
        name: "appvirality-redemption",
        start: |setting| work(setting, Redemption::configure),
    },
    SettlingFunction {
        id: "GiveawayDeliveryFunction",
        name: "giveaway-delivery",
        start: |setting| work(setting, GiveawayDelivery::configure),
    },
    SettlingFunction {
        id: "DevtodevDeliveryFunction",
        name: "devtodev-delivery",
        start: |setting| work(setting, DevtodevDelivery::configure),
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

/// A function that takes events of SQS, or of a stream: from the event's JSON to the response's, or `None` where it cannot
/// read the event.
pub type Work =
    Arc<dyn Fn(Value) -> Pin<Box<dyn Future<Output = Option<Value>> + Send>> + Send + Sync>;

/// What is known of a function behind the stream without running it.
#[derive(Debug, Clone, Copy)]
pub struct SettlingFunction {
    /// Its logical id.
    pub id: &'static str,
    /// Its binary's name.
    pub name: &'static str,
    start: fn(Settings<'_>) -> Result<Work, ConfigError>,
}

impl SettlingFunction {
    /// The function, with its settings.
    pub fn start(&self, settings: &HashMap<String, String>) -> Result<Work, ConfigError> {
        (self.start)(&|name| settings.get(name).cloned())
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
    invoke: fn(Settings<'_>, Clock) -> Result<Invoke, ConfigError>,
    sign: fn(Settings<'_>, &Route, &str, &Secret) -> Result<Request, SignError>,
    probe: fn(Settings<'_>, &Route, &Keys, Timestamp) -> Result<Probe, SignError>,
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
    pub fn start(
        &self,
        settings: &HashMap<String, String>,
        clock: Clock,
    ) -> Result<Invoke, ConfigError> {
        (self.invoke)(&|name| settings.get(name).cloned(), clock)
    }

    /// The request that the provider would send to `route`.
    pub fn sign(
        &self,
        settings: &HashMap<String, String>,
        route: &Route,
        payload: &str,
        secret: &Secret,
    ) -> Result<Request, SignError> {
        (self.sign)(&|name| settings.get(name).cloned(), route, payload, secret)
    }

    /// The request that `route` refuses only once it has authenticated it, at the time `now`.
    pub fn probe(
        &self,
        settings: &HashMap<String, String>,
        route: &Route,
        keys: &Keys,
        now: Timestamp,
    ) -> Result<Probe, SignError> {
        (self.probe)(&|name| settings.get(name).cloned(), route, keys, now)
    }
}

fn routes<P: Sender>() -> Vec<Route> {
    P::ROUTES.iter().map(|(route, _)| *route).collect()
}

fn invoke<P: Sender>(setting: Settings<'_>, clock: Clock) -> Result<Invoke, ConfigError> {
    let receiver = Arc::new(Receiver::<P>::configure(setting, clock)?);
    Ok(Arc::new(move |context, payload| {
        let receiver = Arc::clone(&receiver);
        Box::pin(async move { receiver.answer(LambdaEvent { payload, context }).await })
    }))
}

fn work<S: Settle>(
    setting: Settings<'_>,
    configure: fn(Settings<'_>) -> Result<S, ConfigError>,
) -> Result<Work, ConfigError> {
    let worker = Arc::new(Worker::configure(setting, configure(setting)?, Timestamp::now)?);
    Ok(Arc::new(move |event| {
        let worker = Arc::clone(&worker);
        Box::pin(async move {
            let event = serde_json::from_value(event).ok()?;
            serde_json::to_value(worker.handle(event).await).ok()
        })
    }))
}

fn dispatch(setting: Settings<'_>) -> Result<Work, ConfigError> {
    let dispatch = Arc::new(Dispatch::configure(setting)?);
    Ok(Arc::new(move |event| {
        let dispatch = Arc::clone(&dispatch);
        Box::pin(async move {
            let event = serde_json::from_value(event).ok()?;
            serde_json::to_value(dispatch.handle(event).await.ok()?).ok()
        })
    }))
}

fn sign<P: Sender>(
    setting: Settings<'_>,
    route: &Route,
    payload: &str,
    secret: &Secret,
) -> Result<Request, SignError> {
    let (_, hook) = P::ROUTES
        .iter()
        .find(|(known, _)| known == route)
        .ok_or_else(|| SignError::NoSuchRoute(route.to_string()))?;
    Ok(P::configure(setting)?.sign(*hook, payload, secret)?)
}
