//! The API Gateway event, made safe to read.
//!
//! The event is what Lambda hands to the function for an HTTP API, payload format 2.0 ("Working with
//! AWS Lambda proxy integrations for HTTP APIs" in the API Gateway developer guide). `lambda_http`
//! turns it into an HTTP request and panics on some that cannot be one, so that those are refused
//! before.

use std::panic::catch_unwind;

use aws_lambda_events::apigw::ApiGatewayV2httpRequest;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use lambda_http::Body;
use lambda_http::http::header::{HOST, HeaderValue};
use lambda_http::http::uri::{Authority, PathAndQuery};
use lambda_http::request::LambdaRequest;
use serde_json::value::RawValue;
use verify::{Refusal, Request};

/// The largest body that is read, in bytes.
pub const LARGEST_BODY: usize = 64 * 1024;

/// A request as API Gateway hands it on.
#[derive(Debug)]
pub struct IncomingRequest {
    /// The HTTP method.
    pub method: String,
    /// The path of the route, or of the request where no route is named; without query.
    pub path: String,
    /// The address that API Gateway was called from.
    pub source_ip: Option<String>,
    /// The request itself.
    pub request: Request,
}

/// Reads an event.
///
/// # Errors
///
/// [`Refusal::TooLarge`] for a body above [`LARGEST_BODY`], [`Refusal::Undecodable`] for an event that
/// is no HTTP request.
pub fn read(event: &RawValue) -> Result<IncomingRequest, Refusal> {
    // What the libraries cannot hold makes them panic: more headers than fit into a map, for instance.
    catch_unwind(|| read_request(event)).unwrap_or(Err(Refusal::Undecodable { what: "the event" }))
}

fn read_request(event: &RawValue) -> Result<IncomingRequest, Refusal> {
    let undecodable = |what| Refusal::Undecodable { what };
    let mut event: ApiGatewayV2httpRequest =
        serde_json::from_str(event.get()).map_err(|_| undecodable("the event"))?;

    check_body(&event)?;
    let raw_path = event.raw_path.take().unwrap_or_default();
    let query = event.raw_query_string.take().unwrap_or_default();
    if !raw_path.starts_with('/') || PathAndQuery::try_from(format!("{raw_path}?{query}")).is_err()
    {
        return Err(undecodable("the path or the query string"));
    }
    // Behind a custom domain the path may have a prefix; the route that matched has none.
    let path = match event.route_key.take() {
        Some(key) => key.split_once(' ').map(|(_, path)| path.to_owned()),
        None => None,
    };
    // RFC 9112 section 3.2: a host that is none is to be refused.
    let host = event.headers.remove("host");
    if host.is_some_and(|host| Authority::try_from(host.as_bytes()).is_err()) {
        return Err(undecodable("the Host header"));
    }
    // A scheme or stage that is none must not be made into a URL.
    event.headers.remove("x-forwarded-proto");
    let domain = event.request_context.domain_name.take();
    event.request_context.stage = None;
    let source_ip = event.request_context.http.source_ip.take();

    let (mut parts, body) =
        lambda_http::Request::from(LambdaRequest::ApiGatewayV2(event)).into_parts();
    // By which name it was called, as API Gateway says it, for providers that sign the URL.
    let domain = domain.filter(|domain| Authority::try_from(domain.as_bytes()).is_ok());
    if let Some(domain) = domain.and_then(|domain| HeaderValue::try_from(domain).ok()) {
        parts.headers.insert(HOST, domain);
    }
    let request = Request {
        query,
        headers: parts.headers,
        body: match body {
            Body::Text(text) => text.into_bytes(),
            Body::Binary(bytes) => bytes,
            _ => Vec::new(),
        },
    };
    let method = parts.method.as_str().to_owned();
    Ok(IncomingRequest { method, path: path.unwrap_or(raw_path), source_ip, request })
}

/// Refuses a body that is too large, or encoded as base64 and cannot be decoded.
fn check_body(event: &ApiGatewayV2httpRequest) -> Result<(), Refusal> {
    let body = event.body.as_deref().unwrap_or_default();
    let size = if event.is_base64_encoded {
        // Four characters carry three bytes; whoever sends more need not be decoded to be refused.
        if body.len() / 4 * 3 > LARGEST_BODY + 2 {
            return Err(Refusal::TooLarge { limit: LARGEST_BODY });
        }
        STANDARD.decode(body).map_err(|_| Refusal::Undecodable { what: "the body" })?.len()
    } else {
        body.len()
    };
    if size > LARGEST_BODY {
        return Err(Refusal::TooLarge { limit: LARGEST_BODY });
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    /// An event as in the developer guide, with `change` made.
    fn event(change: impl FnOnce(&mut Value)) -> Value {
        let mut event = json!({
            "version": "2.0",
            "routeKey": "POST /provider/callbacks",
            "rawPath": "/provider/callbacks",
            "rawQueryString": "a=1&a=2&b=%20+",
            "cookies": ["c=1", "d=2"],
            "headers": {"host": "id.execute-api.us-east-1.amazonaws.com", "x-a": "1,2"},
            "queryStringParameters": {"a": "1,2", "b": "  "},
            "requestContext": {
                "accountId": "123456789012",
                "apiId": "id",
                "domainName": "id.execute-api.us-east-1.amazonaws.com",
                "domainPrefix": "id",
                "http": {
                    "method": "POST",
                    "path": "/provider/callbacks",
                    "protocol": "HTTP/1.1",
                    "sourceIp": "192.0.2.1",
                    "userAgent": "agent",
                },
                "requestId": "JKJaXmPLvHcESHA=",
                "routeKey": "POST /provider/callbacks",
                "stage": "$default",
                "time": "01/Aug/2026:12:00:00 +0000",
                "timeEpoch": 1_785_585_600_000_u64,
            },
            "body": "{}",
            "isBase64Encoded": false,
        });
        change(&mut event);
        event
    }

    fn read(event: &Value) -> Result<IncomingRequest, Refusal> {
        super::read(&serde_json::value::to_raw_value(event).expect("JSON"))
    }

    fn arrived(change: impl FnOnce(&mut Value)) -> IncomingRequest {
        read(&event(change)).expect("a request")
    }

    fn refused(change: impl FnOnce(&mut Value)) -> Refusal {
        read(&event(change)).expect_err("no request")
    }

    fn undecodable(what: &'static str) -> Refusal {
        Refusal::Undecodable { what }
    }

    #[test]
    fn a_request_is_what_was_sent() {
        let IncomingRequest { method, path, source_ip, request } = arrived(|_| ());
        assert_eq!((&*method, &*path), ("POST", "/provider/callbacks"));
        assert_eq!(source_ip.as_deref(), Some("192.0.2.1"));
        assert_eq!(request.query, "a=1&a=2&b=%20+");
        assert_eq!(request.headers["x-a"], "1,2");
        assert_eq!(request.body, b"{}");
    }

    #[test]
    fn a_body_may_be_encoded_or_absent() {
        let body = |body: Value, encoded: bool| {
            arrived(|event| {
                event["body"] = body;
                event["isBase64Encoded"] = encoded.into();
            })
            .request
            .body
        };
        assert_eq!(body("é%".into(), false), "é%".as_bytes());
        assert_eq!(body("/wBhYg==".into(), true), b"\xff\x00ab");
        for encoded in [false, true] {
            assert_eq!(body("".into(), encoded), b"");
            assert_eq!(body(Value::Null, encoded), b"");
        }
    }

    #[test]
    fn a_body_has_a_largest_size_however_it_comes() {
        let large = Refusal::TooLarge { limit: 65_536 };
        for (size, fits) in [
            (65_535, true),
            (65_536, true),
            (65_537, false),
            (65_538, false),
            (65_539, false),
            (1 << 20, false),
        ] {
            let text = event(|event| event["body"] = "x".repeat(size).into());
            let binary = event(|event| {
                event["body"] = STANDARD.encode("x".repeat(size)).into();
                event["isBase64Encoded"] = true.into();
            });
            for event in [text, binary] {
                let read = read(&event).map(|arrived| arrived.request.body.len());
                assert_eq!(read, if fits { Ok(size) } else { Err(large.clone()) });
            }
        }
        // Two bytes each.
        assert_eq!(refused(|event| event["body"] = "é".repeat(32_769).into()), large);
    }

    #[test]
    fn a_body_that_is_not_what_it_is_said_to_be_is_refused() {
        for body in ["{}", "e30", "e30=e30=", "e3 0=", "_-8=", "e30==", "e31="] {
            let refused = refused(|event| {
                event["body"] = body.into();
                event["isBase64Encoded"] = true.into();
            });
            assert_eq!(refused, undecodable("the body"), "{body}");
        }
    }

    #[test]
    fn what_is_no_url_is_refused() {
        for query in ["a=b c", "a=\"b\"", "a=<b>", "a=b\r\n", "a=\u{0}", "a=\u{7f}"] {
            let refused = refused(|event| event["rawQueryString"] = query.into());
            assert_eq!(refused, undecodable("the path or the query string"), "{query}");
        }
        for path in ["", "provider", "/a b", "/a\u{0}", "http://a/b", "*"] {
            let refused = refused(|event| event["rawPath"] = path.into());
            assert_eq!(refused, undecodable("the path or the query string"), "{path}");
        }
        let long = refused(|event| event["rawQueryString"] = "a".repeat(70_000).into());
        assert_eq!(long, undecodable("the path or the query string"));
    }

    #[test]
    fn what_is_no_host_is_refused() {
        for host in ["", "a b", "[::1", "a\"b", "<a>", "a/b", "http://a", "a@b/c"] {
            let refused = refused(|event| event["headers"]["host"] = host.into());
            assert_eq!(refused, undecodable("the Host header"), "{host}");
        }
        for host in ["localhost:3000", "[::1]:3000", "192.0.2.1", "a_b.example.com"] {
            arrived(|event| event["headers"]["host"] = host.into());
        }
    }

    #[test]
    fn what_is_no_event_is_refused() {
        let no = |pointer: &str, value: Value| {
            refused(|event| *event.pointer_mut(pointer).expect(pointer) = value)
        };
        for refused in [
            no("/headers/x-a", "a\r\nb".into()),
            no("/headers/x-a", "a\u{0}".into()),
            no("/headers/x-a", 1.into()),
            no("/headers", json!({"a b": "c"})),
            no("/headers", json!({"": "c"})),
            no("/headers", (0..40_000).map(|n| (n.to_string(), Value::from(""))).collect()),
            no("/requestContext/http/method", "PO ST".into()),
            no("/requestContext/http/method", 1.into()),
            no("/requestContext", "POST".into()),
            no("/rawPath", json!([])),
            no("/body", json!({})),
            no("/isBase64Encoded", "yes".into()),
            read(&json!([])).expect_err("a list"),
            read(&json!("")).expect_err("text"),
            read(&Value::Null).expect_err("null"),
        ] {
            assert_eq!(refused, undecodable("the event"));
        }
    }

    #[test]
    fn what_is_beside_the_request_does_not_matter() {
        let base = arrived(|_| ());
        for (pointer, value) in [
            ("/headers", json!({"x-forwarded-proto": "https, http", "x-a": "1,2"})),
            ("/headers", json!({"x-forwarded-proto": "::", "host": "a", "x-a": "1,2"})),
            ("/requestContext/domainName", "no name".into()),
            ("/requestContext/stage", "a b".into()),
            ("/requestContext/requestId", Value::Null),
            ("/queryStringParameters", json!({"a": "other"})),
            ("/cookies", json!(["a=\u{0}"])),
            ("/version", "3.0".into()),
        ] {
            let read = arrived(|event| *event.pointer_mut(pointer).expect(pointer) = value);
            assert_eq!(
                (read.method, read.path, read.request.query, read.request.body),
                (
                    base.method.clone(),
                    base.path.clone(),
                    base.request.query.clone(),
                    base.request.body.clone()
                ),
                "{pointer}"
            );
            assert_eq!(read.request.headers["x-a"], "1,2");
        }
    }

    #[test]
    fn the_host_is_what_api_gateway_says() {
        let called = arrived(|event| {
            event["headers"]["host"] = "elsewhere.example.com".into();
        });
        assert_eq!(called.request.headers[HOST], "id.execute-api.us-east-1.amazonaws.com");
        for domain in [json!("no name"), json!("a/b"), Value::Null] {
            let called = arrived(|event| event["requestContext"]["domainName"] = domain);
            assert!(!called.request.headers.contains_key(HOST));
        }
    }

    #[test]
    fn a_path_is_that_of_the_route_where_one_is_named() {
        // Behind a custom domain with the mapping `callbacks`.
        let mapped = arrived(|event| event["rawPath"] = "/callbacks/provider/callbacks".into());
        assert_eq!(mapped.path, "/provider/callbacks");
        for route in [json!("$default"), Value::Null] {
            let unnamed = arrived(|event| {
                event["rawPath"] = "/other".into();
                event["routeKey"] = route;
            });
            assert_eq!(unnamed.path, "/other");
        }
    }
}
