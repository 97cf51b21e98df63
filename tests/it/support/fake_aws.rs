//! What there is on AWS alone, around the bundle on one machine: CloudFormation, Lambda and STS, as far as
//! the operator's command asks them.
//!
//! Source: their API references; the first and the last speak the AWS query protocol.

use std::net::SocketAddr;
use std::sync::Arc;

use bytes::Bytes;
use dev_server::event::HttpRequest;
use dev_server::http_server::{self, Answer};
use http::header::{CONTENT_TYPE, HeaderValue};
use http::{Response, StatusCode};
use serde_json::json;
use test_support::listen;

/// The stack's name.
pub(crate) const STACK: &str = "callbacks-test";

/// The URL of its own domain name.
pub(crate) const DOMAIN: &str = "https://callbacks.example.com";

/// Whose credentials they are.
pub(crate) const CALLER: &str = "arn:aws:sts::123456789012:assumed-role/operators/ann";

/// An account with one stack.
pub(crate) struct FakeAws {
    /// The API's URL.
    pub(crate) api: String,
    /// Logical ids and the names that AWS gave.
    pub(crate) resources: Vec<(String, String)>,
    /// The state of what reads its stream.
    pub(crate) mapping: &'static str,
}

impl FakeAws {
    /// Serves it until the test's runtime ends; its URL.
    pub(crate) async fn serve(self) -> String {
        let (listener, address) = listen().await;
        tokio::spawn(http_server::serve(Arc::new(self), listener));
        format!("http://{address}")
    }

    /// The answer to an operation of the query protocol.
    fn operate(&self, body: &str) -> Option<String> {
        let parameter = |name: &str| {
            let mut pairs = body.split('&').filter_map(|pair| pair.split_once('='));
            pairs.find_map(|(key, value)| (key == name).then_some(value))
        };
        let result = match parameter("Action")? {
            "GetCallerIdentity" => format!("<Arn>{CALLER}</Arn><Account>123456789012</Account>"),
            "DescribeStacks" if parameter("StackName") == Some(STACK) => format!(
                "<Stacks><member><StackName>{STACK}</StackName>\
                 <CreationTime>2026-11-21T18:00:00Z</CreationTime>\
                 <StackStatus>CREATE_COMPLETE</StackStatus><Outputs><member>\
                 <OutputKey>ApiUrl</OutputKey><OutputValue>{}</OutputValue></member><member>\
                 <OutputKey>CustomUrl</OutputKey><OutputValue>{DOMAIN}</OutputValue></member>\
                 </Outputs></member></Stacks>",
                self.api
            ),
            // In two pages.
            "ListStackResources" => {
                let (first, second) = self.resources.split_at(self.resources.len() / 2);
                let (page, next) = match parameter("NextToken") {
                    None => (first, "<NextToken>second</NextToken>"),
                    Some(_) => (second, ""),
                };
                let members: String = page.iter().map(member).collect();
                let summaries = "StackResourceSummaries";
                format!("{next}<{summaries}>{members}</{summaries}>")
            }
            _ => return None,
        };
        let action = parameter("Action")?;
        Some(format!(
            "<{action}Response><{action}Result>{result}</{action}Result>\
             <ResponseMetadata><RequestId>1</RequestId></ResponseMetadata></{action}Response>"
        ))
    }
}

fn member((id, name): &(String, String)) -> String {
    format!(
        "<member><LogicalResourceId>{id}</LogicalResourceId>\
         <PhysicalResourceId>{name}</PhysicalResourceId><ResourceType>-</ResourceType>\
         <LastUpdatedTimestamp>2026-11-21T18:00:00Z</LastUpdatedTimestamp>\
         <ResourceStatus>CREATE_COMPLETE</ResourceStatus></member>"
    )
}

impl Answer for FakeAws {
    async fn answer(&self, request: HttpRequest, _: SocketAddr) -> Option<Response<Bytes>> {
        if let Some(uuid) = request.path.strip_prefix("/2015-03-31/event-source-mappings/") {
            let mapping = json!({"UUID": uuid, "State": self.mapping});
            return Some(http_server::json(StatusCode::OK, mapping.to_string()));
        }
        let body = String::from_utf8(request.body).expect("text");
        let (status, answer) = match self.operate(&body) {
            Some(answer) => (StatusCode::OK, answer),
            None => (
                StatusCode::BAD_REQUEST,
                "<ErrorResponse><Error><Code>ValidationError</Code>\
                 <Message>no such stack</Message></Error></ErrorResponse>"
                    .to_owned(),
            ),
        };
        let mut response = http_server::json(status, answer);
        response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static("text/xml"));
        Some(response)
    }
}
