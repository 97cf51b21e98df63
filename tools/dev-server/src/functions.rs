//! The functions of the bundle, started in this process.

use std::pin::Pin;
use std::sync::{Arc, LazyLock};

use appvirality_redemption::Redemption;
use bundle::provider::{ProviderEntry, Visitor};
use bundle::registry;
use devtodev_delivery::DevtodevDelivery;
use dispatch::Dispatch;
use giveaway_delivery::GiveawayDelivery;
use jiff::Timestamp;
use lambda_http::aws_lambda_events::apigw::ApiGatewayV2httpResponse;
use lambda_runtime::{Context, LambdaEvent};
use ledger::LedgerFunction;
use receiver::Receiver;
use schedule::Schedule;
use schedule::lambda::RUN;
use serde_json::Value;
use serde_json::value::RawValue;
use settings::{ConfigError, Settings};
use settlement::{Settle, Worker};
use tokio::time::Instant;
use verify::{Provider, Sender};

use crate::clock;

/// The receiving functions, in the order of the registry.
pub static RECEIVERS: LazyLock<Vec<ReceivingFunction>> = LazyLock::new(|| {
    let mut receivers = Receivers(Vec::new());
    registry::visit(&mut receivers);
    receivers.0
});

/// The function that sends records from the stream to queues and bus.
pub const DISPATCH: SettlingFunction =
    SettlingFunction { id: "DispatchFunction", name: "dispatch", start: dispatch };

/// The function that sends again what is due, and what nobody has settled.
pub const SCHEDULE: SettlingFunction =
    SettlingFunction { id: "ScheduleFunction", name: "schedule", start: schedule };

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

/// A function that takes events of SQS, or of a stream: from the event's JSON to the response's, or `None` where it cannot
/// read the event.
pub type Work =
    Arc<dyn Fn(Value) -> Pin<Box<dyn Future<Output = Option<Value>> + Send>> + Send + Sync>;

/// A settling function.
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

/// A receiving function.
#[derive(Debug, Clone)]
pub struct ReceivingFunction {
    /// The registry's entry of its provider.
    pub provider: ProviderEntry,
    invoke: fn(&Settings, Clock) -> Result<Invoke, ConfigError>,
}

impl ReceivingFunction {
    /// The function of the provider called `name`.
    #[must_use]
    pub fn of(name: &str) -> Option<&'static Self> {
        RECEIVERS.iter().find(|receiver| receiver.provider.name == name)
    }

    /// The function, with its settings; `clock` tells the time.
    pub fn start(&self, settings: &Settings, clock: Clock) -> Result<Invoke, ConfigError> {
        (self.invoke)(settings, clock)
    }
}

struct Receivers(Vec<ReceivingFunction>);

impl Visitor for Receivers {
    fn visit<P: Sender>(&mut self) {
        self.0.push(ReceivingFunction { provider: ProviderEntry::new::<P>(), invoke: invoke::<P> });
    }
}

fn invoke<P: Sender>(settings: &Settings, clock: Clock) -> Result<Invoke, ConfigError> {
    receive(P::configure(settings)?, settings, clock)
}

/// The function that receives for `provider`, with its settings; `clock` tells the time.
pub fn receive<P: Provider>(
    provider: P,
    settings: &Settings,
    clock: Clock,
) -> Result<Invoke, ConfigError> {
    let receiver = Arc::new(Receiver::of(provider, settings, clock)?);
    Ok(Arc::new(move |context, payload| {
        let receiver = Arc::clone(&receiver);
        Box::pin(async move { receiver.answer(LambdaEvent { payload, context }).await })
    }))
}

fn work<S: Settle>(
    settings: &Settings,
    configure: fn(&Settings) -> Result<S, ConfigError>,
) -> Result<Work, ConfigError> {
    let worker = Arc::new(Worker::configure(settings, configure(settings)?, clock::now)?);
    Ok(Arc::new(move |event| {
        let worker = Arc::clone(&worker);
        Box::pin(async move {
            let event = serde_json::from_value(event).ok()?;
            serde_json::to_value(worker.handle(event).await).ok()
        })
    }))
}

fn dispatch(settings: &Settings) -> Result<Work, ConfigError> {
    let dispatch = Arc::new(Dispatch::configure(settings)?);
    Ok(Arc::new(move |event| {
        let dispatch = Arc::clone(&dispatch);
        Box::pin(async move {
            let event = serde_json::from_value(event).ok()?;
            serde_json::to_value(dispatch.handle(event).await.ok()?).ok()
        })
    }))
}

fn schedule(settings: &Settings) -> Result<Work, ConfigError> {
    let schedule = Arc::new(Schedule::configure(settings)?);
    Ok(Arc::new(move |event| {
        let schedule = Arc::clone(&schedule);
        Box::pin(async move {
            let event = serde_json::from_value(event).ok()?;
            schedule.run(event, Timestamp::now(), Instant::now() + RUN).await;
            Some(Value::Null)
        })
    }))
}
