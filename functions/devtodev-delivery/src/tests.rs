use serde_json::json;
use settings::Settings;
use settlement::{Attempt, Reason, Record, Settle as _, Verdict};
use test_support::{
    API_KEY, Answer, NOW, Tables, ThirdParty, delivery_settings, record, sqs, with,
};

use super::*;

const PATH: &str = "/track/install/v1/custom/";

/// The key of the record in the table: what an install without an `id` is recorded under.
const RECORD: &str = "devtodev#install#00ff";

/// The first attempt to deliver the record with this payload.
fn attempt(payload: &str) -> Attempt {
    let record = with(record(RECORD, "devtodev", "install"), json!({"payload": payload}));
    let record = Record::parse(&sqs::body(&record)).expect("a record");
    Attempt { record, receives: 1, now: NOW.parse().expect("a time"), random: u64::MAX }
}

/// Delivers `payload` to `third` in one attempt.
async fn deliver(third: &ThirdParty, path: &str, payload: &str) -> (Verdict, Tables) {
    let table = Tables::serve_record(RECORD).await;
    let url = format!("{}{path}", third.url);
    let delivery = DevtodevDelivery::configure(&delivery_settings(&table, &url)).expect("settings");
    let verdict = delivery.settle(&[attempt(payload)]).await.remove(0);
    (verdict, table)
}

#[tokio::test]
async fn an_install_is_posted_with_the_key_in_the_query() {
    let third = ThirdParty::answering(200).await;
    let payload = r#"{
        "install_timestamp": "2019-03-04T05:06:07+02:00", "publisher_name": "Example Network",
        "campaign_name": "", "country_code": "fr", "more": 1, "cost": "1.50", "id": "trk-1",
        "ios_ifa": "8D1E47B2-6C35-4F09-B7A8-5E20F963D1C4", "user_id": "player-77",
        "google_aid": "00000000-0000-0000-0000-000000000000"
    }"#;
    let (verdict, table) = deliver(&third, PATH, payload).await;
    assert_eq!(verdict, Verdict::Done);
    let calls = third.calls();
    assert_eq!(calls.len(), 1);
    assert_eq!(calls[0].method, "POST");
    assert_eq!(calls[0].target, "/track/install/v1/custom/?apikey=test-api-key-0000");
    assert_eq!(calls[0].headers["content-type"], "application/json");
    let body = concat!(
        r#"{"event_name":"install","install_timestamp":"2019-03-04 03:06:07","#,
        r#""publisher_name":"Example Network","country_code":"FR","cost":1.50,"id":"trk-1","#,
        r#""ios_ifa":"8D1E47B2-6C35-4F09-B7A8-5E20F963D1C4","user_id":"player-77"}"#,
    );
    assert_eq!(calls[0].body, body);
    assert_eq!(table.text(RECORD, "state").as_deref(), Some("delivered"));
}

#[tokio::test]
async fn an_install_without_an_id_or_a_time_has_those_of_its_record() {
    let third = ThirdParty::answering(200).await;
    let payload = r#"{"publisher_name":"p","user_id":"u"}"#;
    for _ in 0..2 {
        let (verdict, _) = deliver(&third, PATH, payload).await;
        assert_eq!(verdict, Verdict::Done);
    }
    let body = concat!(
        r#"{"event_name":"install","install_timestamp":"2026-11-21 08:49:06","#,
        r#""publisher_name":"p","id":"00ff","user_id":"u"}"#,
    );
    let bodies: Vec<_> = third.calls().into_iter().map(|call| call.body).collect();
    assert_eq!(bodies, [body, body]);
}

#[tokio::test]
async fn the_key_is_added_to_the_query_that_there_is() {
    let third = ThirdParty::answering(200).await;
    let paths = ["", "/", "/v1?", "/v1?a=b", "/v1/?a=b&"];
    for path in paths {
        deliver(&third, path, r#"{"publisher_name":"p","user_id":"u"}"#).await;
    }
    let targets: Vec<_> = third.calls().into_iter().map(|call| call.target).collect();
    let key = "apikey=test-api-key-0000";
    assert_eq!(
        targets,
        ["/?", "/?", "/v1?", "/v1?a=b&", "/v1/?a=b&"].map(|path| format!("{path}{key}"))
    );
}

#[tokio::test]
async fn the_key_is_not_kept_when_an_answer_repeats_it() {
    let third =
        ThirdParty::start(|call| Answer::new(404, format!("no such page: {}", call.target)));
    let third = third.await;
    let (verdict, table) = deliver(&third, PATH, r#"{"publisher_name":"p","user_id":"u"}"#).await;
    assert_eq!(verdict, Verdict::Refused { reason: Reason::UpstreamRefused });
    assert_eq!(table.text(RECORD, "state").as_deref(), Some("refused"));
    let reply = table.text(RECORD, "reply").expect("a reply");
    assert_eq!(reply, "no such page: /track/install/v1/custom/?apikey=[REDACTED]");
}

#[test]
fn the_url_is_shown_nowhere() {
    let settings = Settings::from([("UPSTREAM_URL", "https://a.example/custom?token=hunter2")]);
    let url = Url::configure(&settings, "UPSTREAM_URL").expect("a URL");
    let key = Secret::new(format!("{API_KEY}&é")).expect("not empty");
    let record = attempt("{}").record;
    let message = Installs::message(&url, &record, &key).expect("a message");
    let uri = message.request().uri().to_string();
    // By Python: urllib.parse.quote(key, safe="").
    assert!(uri.ends_with("?token=hunter2&apikey=test-api-key-0000%26%C3%A9"), "{uri}");
    assert_eq!(format!("{url:?} {message:?}"), r#"Url("a.example") Message { .. }"#);
}

#[tokio::test]
async fn what_is_no_recorded_install_is_left_to_a_person() {
    let third = ThirdParty::answering(200).await;
    for payload in ["", "[]", r#"{"cost":"free"}"#] {
        let (verdict, table) = deliver(&third, PATH, payload).await;
        assert_eq!(verdict, Verdict::DeadLetter { reason: Reason::Undeliverable }, "{payload}");
        assert_eq!(table.text(RECORD, "state").as_deref(), Some("dead"));
    }
    assert_eq!(third.calls(), []);
}
