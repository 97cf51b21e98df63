//! What there is on AWS alone, around the bundle on one machine: CloudFormation, CloudWatch Logs, Lambda and STS, as far as
//! the operator's command asks them.
//!
//! Source: their API references; CloudFormation and STS speak the AWS query protocol.

use std::net::SocketAddr;
use std::sync::{Arc, Mutex};

use bytes::Bytes;
use dev_server::event::HttpRequest;
use dev_server::http_server::{self, Answer};
use http::header::{CONTENT_TYPE, HeaderValue};
use http::{Response, StatusCode};
use jiff::Timestamp;
use serde_json::{Value, json};
use test_support::listen;

use super::operator::Operated;

/// The stack's name.
pub(crate) const STACK: &str = "callbacks-test";

/// The URL of its own domain name.
pub(crate) const DOMAIN: &str = "https://callbacks.example.com";

/// Whose credentials they are.
pub(crate) const CALLER: &str = "arn:aws:sts::123456789012:assumed-role/operators/ann";

/// What an account's logs have.
#[derive(Debug, Default)]
pub(crate) struct Logs {
    /// The lines, each with its log's name and its time in milliseconds.
    pub(crate) lines: Vec<(String, i64, Value)>,
    /// Whether nobody can read them.
    pub(crate) closed: bool,
}

impl Logs {
    /// Adds a line that was logged so many seconds ago.
    pub(crate) fn add(&mut self, log: &str, seconds_ago: i64, line: Value) {
        let at = Timestamp::now().as_millisecond() - seconds_ago * 1_000;
        self.lines.push((log.to_owned(), at, line));
    }
}

/// An account with one stack.
pub(crate) struct FakeAws {
    /// The API's URL.
    pub(crate) api: String,
    /// Logical ids and the names that AWS gave.
    pub(crate) resources: Vec<(String, String)>,
    /// The state of what reads its stream.
    pub(crate) mapping: &'static str,
    /// Its logs.
    pub(crate) logs: Arc<Mutex<Logs>>,
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

impl FakeAws {
    /// What `FilterLogEvents` answers: a page with no line, and then one with those since the time that is asked for, the
    /// last one first. Of patterns it knows that each text in quotation marks without `*` has to be there, or, where
    /// there is an `||`, none.
    fn filtered(&self, input: &Value) -> Option<Value> {
        let logs = self.logs.lock().expect("no panic");
        if logs.closed {
            return None;
        }
        if input["nextToken"].is_null() {
            return Some(json!({"events": [], "nextToken": "more"}));
        }
        assert_eq!(input["startFromHead"], false, "{input}");
        let pattern = input["filterPattern"].as_str().expect("a pattern");
        let quoted: Vec<_> = pattern.split('"').skip(1).step_by(2).collect();
        let is_wanted = |line: &Value| {
            let text = line.to_string();
            pattern.contains("||") || quoted.iter().all(|it| text.contains(&format!("\"{it}\"")))
        };
        let since = input["startTime"].as_i64().expect("a time");
        let mut events: Vec<_> = logs
            .lines
            .iter()
            .enumerate()
            .filter(|(_, (log, at, line))| {
                input["logGroupName"] == log.as_str() && *at >= since && is_wanted(line)
            })
            .map(|(number, (_, at, line))| {
                let id = number.to_string();
                json!({"eventId": id, "timestamp": at, "message": format!("{line}\n")})
            })
            .collect();
        events.sort_by_key(|event| -event["timestamp"].as_i64().expect("a time"));
        Some(json!({ "events": events }))
    }
}

impl Answer for FakeAws {
    async fn answer(&self, request: HttpRequest, _: SocketAddr) -> Option<Response<Bytes>> {
        let target = request.headers.get("x-amz-target").and_then(|target| target.to_str().ok());
        if target == Some("Logs_20140328.FilterLogEvents") {
            let input = serde_json::from_slice(&request.body).expect("JSON");
            let refused = json!({"__type": "AccessDeniedException", "message": "not allowed"});
            return Some(match self.filtered(&input) {
                Some(events) => http_server::json(StatusCode::OK, events.to_string()),
                None => http_server::json(StatusCode::BAD_REQUEST, refused.to_string()),
            });
        }
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

/// The stack of the template whose tables, queues, bus and secrets are those of `bundle`, with these logs; and the
/// environment in which the command finds it.
pub(crate) async fn stack_of(
    bundle: &Operated,
    logs: Arc<Mutex<Logs>>,
) -> Vec<(&'static str, String)> {
    let url = |name| format!("http://127.0.0.1:{}", bundle.port(name));
    let (tables, others) = (url("DynamoDB"), url("SQS"));
    let template = bundle::template::Template::read(&bundle::project_file("template.yaml"));
    let template = template.expect("a template");
    let mut resources = Vec::new();
    for kind in [
        "AWS::SecretsManager::Secret",
        "AWS::Events::EventBus",
        "AWS::Lambda::EventSourceMapping",
        "AWS::Logs::LogGroup",
    ] {
        resources.extend(template.resources(kind).map(|(id, _)| (id.to_owned(), id.to_owned())));
    }
    let queue = |(id, _): (&str, _)| (id.to_owned(), format!("{others}/123456789012/{id}"));
    resources.extend(template.resources("AWS::SQS::Queue").map(queue));
    resources.extend(bundle::names::TABLES.map(|(id, name)| (id.to_owned(), name.to_owned())));
    let account = FakeAws { api: url("HTTP API"), resources, mapping: "Disabled", logs };
    let account = account.serve().await;
    let mut variables = vec![
        ("AWS_ACCESS_KEY_ID", "id".to_owned()),
        ("AWS_SECRET_ACCESS_KEY", "secret".to_owned()),
        ("AWS_REGION", "us-east-1".to_owned()),
        ("AWS_ENDPOINT_URL_DYNAMODB", tables),
    ];
    for name in
        ["AWS_ENDPOINT_URL_SQS", "AWS_ENDPOINT_URL_EVENTBRIDGE", "AWS_ENDPOINT_URL_SECRETS_MANAGER"]
    {
        variables.push((name, others.clone()));
    }
    for name in [
        "AWS_ENDPOINT_URL_CLOUDFORMATION",
        "AWS_ENDPOINT_URL_CLOUDWATCH_LOGS",
        "AWS_ENDPOINT_URL_LAMBDA",
        "AWS_ENDPOINT_URL_STS",
    ] {
        variables.push((name, account.clone()));
    }
    variables
}
