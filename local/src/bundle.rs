//! The functions of the bundle, by their logical ids in the template.

use std::collections::HashMap;
use std::pin::Pin;
use std::sync::Arc;

use jiff::Timestamp;
use lambda_http::aws_lambda_events::apigw::ApiGatewayV2httpResponse;
use lambda_runtime::{Context, LambdaEvent};
use receiver::Receiver;
use serde_json::value::RawValue;
use verify::{Misconfigured, Request, Route, Secret, Sender, Settings, Unsignable};

/// The receiving functions. A new provider is one line here.
pub const RECEIVERS: [ReceivingFunction; 5] = [
    ReceivingFunction::of::<giveaway::Giveaway>("GiveawayFunction"),
    ReceivingFunction::of::<claimr::Claimr>("ClaimrFunction"),
    ReceivingFunction::of::<devtodev::Devtodev>("DevtodevFunction"),
    ReceivingFunction::of::<inbrain::Inbrain>("InbrainFunction"),
    ReceivingFunction::of::<appvirality::AppVirality>("AppviralityFunction"),
];

/// A function that answers API Gateway events.
pub type Invoke = Arc<
    dyn Fn(Context, Box<RawValue>) -> Pin<Box<dyn Future<Output = ApiGatewayV2httpResponse> + Send>>
        + Send
        + Sync,
>;

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
    invoke: fn(Settings<'_>) -> Result<Invoke, Misconfigured>,
    sign: fn(Settings<'_>, &Route, &str, &Secret) -> Result<Request, SignError>,
}

/// Why a payload cannot be signed.
#[derive(Debug, thiserror::Error)]
pub enum SignError {
    /// A setting of the provider cannot be used.
    #[error(transparent)]
    Misconfigured(#[from] Misconfigured),
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
        }
    }

    /// The provider's routes.
    #[must_use]
    pub fn routes(&self) -> Vec<Route> {
        (self.routes)()
    }

    /// The function, with its settings.
    ///
    /// # Errors
    ///
    /// [`Misconfigured`].
    pub fn start(&self, settings: &HashMap<String, String>) -> Result<Invoke, Misconfigured> {
        (self.invoke)(&|name| settings.get(name).cloned())
    }

    /// The request that the provider would send to `route`.
    ///
    /// # Errors
    ///
    /// [`SignError`].
    pub fn sign(
        &self,
        settings: &HashMap<String, String>,
        route: &Route,
        payload: &str,
        secret: &Secret,
    ) -> Result<Request, SignError> {
        (self.sign)(&|name| settings.get(name).cloned(), route, payload, secret)
    }
}

fn routes<P: Sender>() -> Vec<Route> {
    P::ROUTES.iter().map(|(route, _)| *route).collect()
}

fn invoke<P: Sender>(setting: Settings<'_>) -> Result<Invoke, Misconfigured> {
    let receiver = Arc::new(Receiver::<P>::configure(setting, Timestamp::now)?);
    Ok(Arc::new(move |context, payload| {
        let receiver = Arc::clone(&receiver);
        Box::pin(async move { receiver.answer(LambdaEvent { payload, context }).await })
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
