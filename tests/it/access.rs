//! Who may ask the ports of `cargo run`: no web page, whatever its name points at.

use bytes::Bytes;
use http::Request;
use http::header::HeaderMap;
use http_body_util::Full;
use serde_json::{Value, json};

use crate::support::dev_server::{Connection, DevServer};
use crate::support::event::Event;

const PORTS: [&str; 4] = ["HTTP API", "DynamoDB", "SQS", "Providers"];

/// The status and the headers of the answer to a request with `headers` and `body`.
async fn ask(
    address: &str,
    method: &str,
    path: &str,
    headers: &[(&str, &str)],
    body: &Value,
) -> (u16, HeaderMap) {
    let mut request = Request::builder().method(method).uri(path);
    for (name, value) in headers {
        request = request.header(*name, *value);
    }
    let body = if body.is_null() { String::new() } else { body.to_string() };
    let request = request.body(Full::new(Bytes::from(body))).expect("a request");
    let (parts, _) = Connection::open(address).await.answer(request).await;
    (parts.status.as_u16(), parts.headers)
}

/// A header's name and value.
type Header = (&'static str, &'static str);

/// What a page could ask for with effect: port, method, path, headers, body.
fn dangerous() -> Vec<(&'static str, &'static str, &'static str, Vec<Header>, Value)> {
    let aws = |target| {
        vec![
            ("x-amz-target", target),
            ("content-type", "application/x-amz-json-1.0"),
            ("x-amz-date", "20260801T120000Z"),
            (
                "authorization",
                "AWS4-HMAC-SHA256 Credential=l/20260801/us-east-1/s/aws4_request, \
                 SignedHeaders=host, Signature=0",
            ),
        ]
    };
    let json = vec![("content-type", "application/json")];
    let event = json!({"Entries": [{
        "Source": "callbacks", "DetailType": "survey_completed", "EventBusName": "CallbacksBus",
        "Detail": json!({"id": "i", "provider": "inbrain", "kind": "survey_completed"}).to_string(),
    }]});
    let scan = json!({"TableName": "callbacks"});
    let fault = json!({"provider": "giveaway", "status": 503});
    vec![
        (
            "SQS",
            "POST",
            "/",
            aws("secretsmanager.GetSecretValue"),
            json!({"SecretId": "InbrainKeys"}),
        ),
        ("SQS", "POST", "/", aws("AWSEvents.PutEvents"), event),
        ("SQS", "POST", "/", aws("AmazonSQS.ListQueues"), json!({})),
        ("DynamoDB", "POST", "/", aws("DynamoDB_20120810.Scan"), scan),
        ("Providers", "GET", "/calls", json.clone(), Value::Null),
        ("Providers", "POST", "/faults", json.clone(), fault),
        ("Providers", "PUT", "/rewards/1", json, json!({"reward_status": "Approved"})),
        ("HTTP API", "POST", "/claimr/webhooks", vec![], json!({"id": "i"})),
    ]
}

#[tokio::test]
async fn no_port_answers_a_page_or_a_host_that_is_not_this_machine() {
    let bundle = DevServer::start().await;
    for (port, method, path, headers, body) in dangerous() {
        let address = bundle.address(port);
        let with = |more: &[Header]| [&headers[..], more].concat();
        for strange in [
            &[("host", "evil.example")][..],
            &[("host", "evil.example:8000")],
            &[("host", "localhost.evil.example")],
            &[("host", "host.docker.internal:8000")],
            &[("host", "localhost"), ("origin", "https://evil.example")],
            &[("host", "localhost"), ("origin", "http://localhost:3000")],
            &[("host", "localhost"), ("origin", "null")],
            &[("host", "localhost"), ("sec-fetch-site", "cross-site")],
        ] {
            let (status, answered) = ask(address, method, path, &with(strange), &body).await;
            assert_eq!(status, 403, "{port} {path} {strange:?}");
            let cors = answered.keys().any(|name| name.as_str().starts_with("access-control"));
            assert!(!cors, "{port} {path} {strange:?}");
        }
        for own in [&[][..], &[("host", "localhost")], &[("host", "[::1]:1")]] {
            let (status, _) = ask(address, method, path, &with(own), &body).await;
            // Without a signature the API refuses in its own way, and no secret has such a name.
            assert!([200, 400, 401].contains(&status), "{port} {path} {own:?}: {status}");
        }
    }
}

#[tokio::test]
async fn no_port_lets_a_page_ask_whether_it_may() {
    let bundle = DevServer::start().await;
    for port in PORTS {
        let preflight = [
            ("origin", "https://evil.example"),
            ("access-control-request-method", "POST"),
            ("access-control-request-headers", "x-amz-target,content-type"),
        ];
        let (status, headers) =
            ask(bundle.address(port), "OPTIONS", "/", &preflight, &Value::Null).await;
        assert_eq!(status, 403, "{port}");
        assert!(!headers.keys().any(|name| name.as_str().starts_with("access-control")), "{port}");
    }
}

#[tokio::test]
async fn nothing_is_steered_by_what_a_form_can_send() {
    let bundle = DevServer::start().await;
    let address = bundle.address("Providers");
    let fault = json!({"provider": "giveaway", "status": 503});
    for kind in ["text/plain", "application/x-www-form-urlencoded", "multipart/form-data"] {
        let headers = [("content-type", kind)];
        assert_eq!(ask(address, "POST", "/faults", &headers, &fault).await.0, 415, "{kind}");
        assert_eq!(ask(address, "PUT", "/rewards/1", &headers, &json!({})).await.0, 415, "{kind}");
    }
    assert_eq!(bundle.ask_providers("GET", "/faults", &Value::Null).await, (200, json!([])));
}

#[tokio::test]
async fn containers_are_answered_where_they_were_asked_for() {
    let bundle = DevServer::start_with(&["--listen-for-containers=127.0.0.1"]).await;
    for port in PORTS {
        for (host, reaches) in [
            ("localhost", true),
            ("host.docker.internal:8000", port != "HTTP API"),
            ("host.containers.internal", port != "HTTP API"),
            ("evil.example", false),
        ] {
            let headers = [("host", host)];
            let (status, _) = ask(bundle.address(port), "GET", "/", &headers, &Value::Null).await;
            assert_eq!(status != 403, reaches, "{port} {host}: {status}");
        }
    }
}

#[tokio::test]
async fn a_tunnel_reaches_the_api_alone_and_under_its_name() {
    let bundle = DevServer::start_with(&["--allow-host", "mine.tunnel.example"]).await;
    for port in PORTS {
        let headers = [("host", "mine.tunnel.example")];
        let (status, _) = ask(bundle.address(port), "GET", "/", &headers, &Value::Null).await;
        assert_eq!(status != 403, port == "HTTP API", "{port}: {status}");
    }
    let (status, _) = bundle.send(&Event::sample("giveaway-action")).await;
    assert_eq!(status, 200);
}
