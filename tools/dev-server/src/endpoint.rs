//! The one endpoint of the services that speak the AWS JSON protocol, DynamoDB's aside.

use std::net::SocketAddr;

use bytes::Bytes;
use http::Response;

use crate::event::HttpRequest;
use crate::events::{self, Events};
use crate::http_server::Answer;
use crate::secrets::{self, Secrets};
use crate::sqs::Sqs;

/// The services behind the endpoint.
#[derive(Debug)]
pub struct Endpoint {
    /// SQS, which answers whatever is for neither of the others.
    pub sqs: Sqs,
    /// The event bus.
    pub events: Events,
    /// Secrets Manager.
    pub secrets: Secrets,
}

impl Answer for Endpoint {
    async fn answer(&self, request: HttpRequest, peer: SocketAddr) -> Option<Response<Bytes>> {
        if events::SERVICE.is_asked(&request) {
            self.events.answer(request, peer).await
        } else if secrets::SERVICE.is_asked(&request) {
            self.secrets.answer(request, peer).await
        } else {
            self.sqs.answer(request, peer).await
        }
    }
}
