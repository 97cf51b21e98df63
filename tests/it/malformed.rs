//! Events that are no request, or none that can be read: a 4xx, and the function goes on. Every one of
//! them is followed by a good one.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};

use crate::support::event::{self, Event};
use crate::support::lambda::Output;
use crate::support::{Deployed, deploy};

/// The largest body that is read.
const LARGEST: usize = 64 * 1024;

/// Sends what is malformed to the function of the sample `good`; what the function wrote.
async fn refused(
    good: &str,
    malformed: impl IntoIterator<Item = (&'static str, String)>,
) -> Output {
    let Deployed { mut function, dynamodb } = deploy(event::provider(good)).await;
    let good = Event::sample(good);
    function.invoke(&good).await.assert_kept("recorded");
    let there = dynamodb.items();
    for (name, event) in malformed {
        let answer = function.invoke(&event).await;
        assert!(matches!(answer.status, 400 | 404 | 405), "{name}: {answer:?}");
        function.invoke(&good).await.assert_kept("duplicate");
        assert_eq!(dynamodb.items(), there, "{name}");
    }
    function.stop().await
}

#[tokio::test]
async fn events_that_are_no_requests_are_refused() {
    let good = || Event::sample("giveaway-action");
    let texts = [
        ("a list", "[]".to_owned()),
        ("a number", "1".to_owned()),
        ("text", r#""{}""#.to_owned()),
        ("null", "null".to_owned()),
        ("nothing in it", "{}".to_owned()),
        ("deep", format!("{}{}", "[".repeat(100_000), "]".repeat(100_000))),
        ("a deep member", format!(r#"{{"x":{}1{}}}"#, "[".repeat(9_000), "]".repeat(9_000))),
        ("half a character", good().to_string().replace("hello", r"\ud83d")),
    ];
    let events = [
        ("no request context", good().without("requestContext")),
        ("no HTTP in it", good().without("requestContext/http")),
        ("no method in it", good().without("requestContext/http/method")),
        ("a method of two words", good().with("requestContext/http/method", "PO ST")),
        ("an empty method", good().with("requestContext/http/method", "")),
        ("a method in lower case", good().with("requestContext/http/method", "post")),
        ("a method that is a number", good().with("requestContext/http/method", 1)),
        ("a request context that is none", good().with("requestContext", "POST")),
        ("no path and no route", good().without("rawPath").without("routeKey")),
        ("a relative path", good().with("rawPath", "giveaway/actions")),
        ("an empty path", good().with("rawPath", "")),
        ("a space in the path", good().with("rawPath", "/giveaway actions")),
        ("a line break in the path", good().with("rawPath", "/giveaway\n/actions")),
        ("a path that is a list", good().with("rawPath", json!(["/"]))),
        ("a space in the query", good().with("rawQueryString", "a=b c")),
        ("a control character in the query", good().with("rawQueryString", "a=\u{0}")),
        ("a query that is an object", good().with("rawQueryString", json!({}))),
        ("a long query", good().with("rawQueryString", "a".repeat(70_000))),
        ("a body that is an object", good().with("body", json!({"track_id": "1"}))),
        ("a body that is no base64", good().with("isBase64Encoded", true)),
        ("half a base64 body", good().with("isBase64Encoded", true).with("body", "e30")),
        ("broken base64", good().with("isBase64Encoded", true).with("body", "e30=e30=")),
        ("base64 of no UTF-8", good().with("isBase64Encoded", true).with("body", "/w==")),
        ("base64 in words", good().with("isBase64Encoded", "yes")),
        ("headers in a list", good().with("headers", json!(["host"]))),
        ("a header with a line break", good().with("headers/x-a", "a\r\nb: c")),
        ("a header with a zero", good().with("headers/x-a", "a\u{0}b")),
        ("a header without a name", good().with("headers/", "a")),
        ("a header with a space in its name", good().with("headers/x a", "a")),
        ("a header that is a number", good().with("headers/x-a", 1)),
        ("a header that is an object", good().with("headers/x-a", json!({}))),
        ("no body", good().without("body")),
        ("a body of null", good().with("body", Value::Null)),
        ("an empty body", good().with("body", "")),
    ];
    let events = events.into_iter().map(|(name, event)| (name, event.to_string()));
    let output = refused("giveaway-action", texts.into_iter().chain(events)).await;
    assert_eq!(output.stderr, "", "nothing has panicked");
}

#[tokio::test]
async fn queries_that_are_none_are_refused() {
    let good = Event::sample("devtodev-install-get");
    let query = good.0["rawQueryString"].as_str().expect("text").to_owned();
    let queries = [
        ("a space", format!("{query}&s_ad=a b")),
        ("a quote", format!("{query}&s_ad=\"a\"")),
        ("a bracket", format!("{query}&s_ad=<a>")),
        ("a line break", format!("{query}&s_ad=a\r\nb")),
        ("a zero", format!("{query}&s_ad=a\u{0}b")),
        ("a broken escape", format!("{query}&s_ad=%zz")),
        ("half an escape", format!("{query}&s_ad=%4")),
        ("no UTF-8", format!("{query}&s_ad=%ff")),
        ("a field twice", format!("{query}&cost=0.12")),
        ("a field twice, escaped", format!("{query}&c%6fst=0.12")),
    ];
    let events =
        queries.map(|(name, query)| (name, good.clone().with("rawQueryString", query).to_string()));
    let output = refused("devtodev-install-get", events).await;
    assert_eq!(output.stderr, "", "nothing has panicked");
}

/// Signed over whatever bytes there are, so that the refusal is of the body itself.
#[tokio::test]
async fn bodies_that_are_signed_and_no_json_are_refused() {
    let events = [
        ("no UTF-8", &b"{\"id\":\"\xff\"}"[..]),
        ("no JSON", b"id=1&scope=user_login"),
        ("half JSON", b"{\"id\":\"cm-1\""),
        ("a list", b"[]"),
        ("nothing", b" "),
        ("a key twice", br#"{"id":"a","id":"b","scope":"user_login","user_id":"u"}"#),
        ("a byte order mark", b"\xef\xbb\xbf{}"),
    ]
    .map(|(name, body)| {
        let signature = verify::signed_content::hmac_sha256(
            body,
            &verify::Secret::new("sample-claimr-secret".to_owned()).expect("not empty"),
        );
        let event = Event::sample("claimr-user-login")
            .with("headers/x-claimr-signature", signature.to_hex())
            .with("body", STANDARD.encode(body))
            .with("isBase64Encoded", true);
        (name, event.to_string())
    });
    let output = refused("claimr-user-login", events).await;
    assert_eq!(output.stderr, "", "nothing has panicked");
}

#[tokio::test]
async fn a_body_is_read_up_to_64_kib() {
    let Deployed { mut function, dynamodb } = deploy("giveaway").await;
    // The signature covers neither the length nor what is unknown.
    let of = |size: usize, track_id: &str| {
        let payload = format!(r#"{{"track_id":"{track_id}","event":"e"}}"#);
        let event = Event::signed("giveaway", "POST /giveaway/actions", &payload);
        let body = event.body().trim_end_matches('}').to_owned();
        let padding = "x".repeat(size - body.len() - r#","pad":""}"#.len());
        let body = format!(r#"{body},"pad":"{padding}"}}"#);
        assert_eq!(body.len(), size);
        event.with("body", body)
    };
    function.invoke(of(LARGEST - 1, "a")).await.assert_kept("recorded");
    function.invoke(of(LARGEST, "b")).await.assert_kept("recorded");
    function.invoke(of(LARGEST, "b").into_binary()).await.assert_kept("duplicate");
    dynamodb.proxy.asked();
    for size in [LARGEST + 1, LARGEST + 2, LARGEST + 3, 2 * LARGEST, 5_000_000] {
        for event in [of(size, "c"), of(size, "c").into_binary()] {
            let answer = function.invoke(&event).await;
            answer.assert_problem(413);
        }
    }
    // Too large is too large, whatever it is.
    let junk = Event::sample("giveaway-action").with("body", "%".repeat(LARGEST * 2));
    function.invoke(junk.clone()).await.assert_problem(413);
    function.invoke(junk.with("isBase64Encoded", true)).await.assert_problem(413);
    assert_eq!(dynamodb.proxy.asked(), [""; 0]);
    assert_eq!(dynamodb.items().len(), 2);
    assert_eq!(function.stop().await.stderr, "", "nothing has panicked");
}

/// A proxy on the way may add to these, and some clients leave them out: no reason to lose a callback.
#[tokio::test]
async fn what_is_beside_the_request_does_not_matter() {
    let good = || Event::sample("giveaway-action");
    let Deployed { mut function, dynamodb } = deploy("giveaway").await;
    function.invoke(good()).await.assert_kept("recorded");
    for event in [
        good().with("headers/x-forwarded-proto", "https, http"),
        good().with("headers/x-forwarded-proto", "::"),
        good().with("headers/x-forwarded-for", "203.0.113.1, 198.51.100.2"),
        good().with("headers/x-note", "caf\u{e9}\u{2713}"),
        good().without("headers/host"),
        good().with("requestContext/domainName", "not a name"),
        good().with("requestContext/stage", "a b"),
        good().with("cookies", json!(["a=b", "c=\u{0}"])),
        good().with("stageVariables", json!({"a": "b"})),
        good().with("pathParameters", json!({"a": "b"})),
        good().with("more", json!({"a": [1, null]})),
        good().with("rawQueryString", "utm_source=a&&b"),
        good().without("rawQueryString"),
        good().without("version"),
    ] {
        let answer = function.invoke(&event).await;
        assert_eq!(answer.status, 200, "{event}: {answer:?}");
        answer.assert_kept("duplicate");
    }
    dynamodb.only_item();
    assert_eq!(function.stop().await.stderr, "", "nothing has panicked");
}

/// RFC 9112 section 3.2: a server must refuse a request whose `Host` is none.
#[tokio::test]
async fn a_host_that_is_none_is_refused() {
    let hosts = ["exa mple", "[::1", "a b:99", "user@host/path", "<script>", "a\"b", "http://a"];
    let events = hosts.map(|host| {
        ("a host", Event::sample("giveaway-action").with("headers/host", host).to_string())
    });
    let output = refused("giveaway-action", events).await;
    assert_eq!(output.stderr, "", "nothing has panicked");
}

/// Lambda hands no such thing over; its emulators do.
#[tokio::test]
async fn what_is_no_json_is_an_error_and_not_the_end() {
    let Deployed { mut function, dynamodb } = deploy("giveaway").await;
    for event in [&b""[..], b"{", b"{\"a\":\xff}", b"\xff\xfe", b"not JSON"] {
        assert!(function.is_refused(event).await, "{event:?}");
        function.invoke(Event::sample("giveaway-forged")).await.assert_problem(401);
    }
    function.invoke(Event::sample("giveaway-action")).await.assert_kept("recorded");
    dynamodb.only_item();
    assert_eq!(function.stop().await.stderr, "", "nothing has panicked");
}

/// A map of headers holds so many and no more.
#[tokio::test]
async fn a_flood_of_headers_is_refused() {
    let flood: serde_json::Map<_, _> =
        (0..40_000).map(|n| (format!("x-{n}"), Value::from(""))).collect();
    let event = Event::sample("giveaway-action").with("headers", flood).to_string();
    refused("giveaway-action", [("a flood", event)]).await;
}
