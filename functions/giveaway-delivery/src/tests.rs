use serde_json::json;
use settlement::{Attempt, Reason, Record, Settle as _, Verdict};
use test_support::{Answer, NOW, Tables, ThirdParty, delivery_settings, record, sqs, with};

use super::*;

/// The first attempt to deliver the record with this payload.
fn attempt(payload: &str) -> Attempt {
    let record = with(record("record", "giveaway", "action"), json!({"payload": payload}));
    let record = Record::parse(&sqs::body(&record)).expect("a record");
    Attempt { record, receives: 1, now: NOW.parse().expect("a time"), random: u64::MAX }
}

/// Delivers `payload` to `third` in one attempt.
async fn deliver(table: &Tables, third: &ThirdParty, payload: &str) -> Verdict {
    let url = format!("{}/public/v1/giveaway/task/callback", third.url);
    let delivery = GiveawayDelivery::configure(&delivery_settings(table, &url)).expect("settings");
    delivery.settle(&[attempt(payload)]).await.remove(0)
}

/// The signatures are by crypto-js, node:crypto and Python's hmac, which agree.
#[tokio::test]
async fn an_action_is_signed_with_the_api_key_and_posted() {
    for (payload, body) in [
        (
            r#"{"track_id":"12345_67890","event":"send","value":"1","remark":"hello"}"#,
            concat!(
                r#"{"track_id":"12345_67890","event":"send","value":"1","remark":"hello","#,
                r#""sign":"fa13752bf46207d428337f8f6061ebfd54d5b26a45223a189913d3eb8f7aabae"}"#,
            ),
        ),
        (
            r#"{"remark":"hello","more":{"a":1},"event":"send","track_id":"12345_67890"}"#,
            concat!(
                r#"{"track_id":"12345_67890","event":"send","remark":"hello","#,
                r#""sign":"661c3219c295d2ffc290ab084eed0e07451f46459dc7496cc8a88b8cc6c66557"}"#,
            ),
        ),
        (
            r#"{"track_id":"12345_67890","event":"send","value":null,"remark":null}"#,
            concat!(
                r#"{"track_id":"12345_67890","event":"send","#,
                r#""sign":"2a11200b5ce50458af78b49733121c6160cf2de5265367dafe37d4bf36300945"}"#,
            ),
        ),
        (
            r#"{"track_id":"U$MikHklwcY","event":"sign_up","value":3,"remark":"déjà vu ✓ & more=1"}"#,
            concat!(
                r#"{"track_id":"U$MikHklwcY","event":"sign_up","value":3,"#,
                r#""remark":"déjà vu ✓ & more=1","#,
                r#""sign":"189e70b4e1a26adb5ac087672574b6035a6c705622c5cd656aa0438ab0097c62"}"#,
            ),
        ),
    ] {
        let (table, third) =
            (Tables::serve_record("record").await, ThirdParty::answering(200).await);
        assert_eq!(deliver(&table, &third, payload).await, Verdict::Done, "{payload}");
        let calls = third.calls();
        assert_eq!(calls.len(), 1);
        assert_eq!(calls[0].method, "POST");
        assert_eq!(calls[0].target, "/public/v1/giveaway/task/callback");
        assert_eq!(calls[0].headers["content-type"], "application/json");
        assert_eq!(calls[0].body, body);
        assert_eq!(table.text("record", "state").as_deref(), Some("delivered"));
    }
}

#[tokio::test]
async fn the_signature_is_not_kept_when_an_answer_repeats_it() {
    let table = Tables::serve_record("record").await;
    let third = ThirdParty::start(|call| Answer::new(400, call.body.clone()));
    let third = third.await;
    let payload = r#"{"track_id":"12345_67890","event":"send"}"#;
    assert_eq!(
        deliver(&table, &third, payload).await,
        Verdict::Refused { reason: Reason::UpstreamRefused }
    );
    assert_eq!(table.text("record", "state").as_deref(), Some("refused"));
    assert_eq!(
        table.text("record", "reply").as_deref(),
        Some(r#"{"track_id":"12345_67890","event":"send","sign":"[REDACTED]"}"#)
    );
}

/// The signature of crypto-js, node:crypto and Python's hmac.
#[tokio::test]
async fn neither_the_signature_nor_the_key_is_kept_in_any_spelling() {
    const SIGN: &str = "2a11200b5ce50458af78b49733121c6160cf2de5265367dafe37d4bf36300945";
    let payload = r#"{"track_id":"12345_67890","event":"send"}"#;
    let escaped: Vec<_> = SIGN.bytes().map(|byte| format!("\\u{byte:04X}")).collect();
    let escaped = escaped.concat();
    for (body, kept) in [
        (format!("sign {}!", SIGN.to_uppercase()), "sign [REDACTED]!"),
        (format!("{{\"sign\":\"{escaped}\"}}"), r#"{"sign":"[REDACTED]"}"#),
        (format!("expected%20{SIGN}"), "expected%20[REDACTED]"),
        ("key test&#45;API-k%65y-0000.".to_owned(), "key [REDACTED]."),
    ] {
        let (table, reply) = (Tables::serve_record("record").await, body.clone());
        let third = ThirdParty::start(move |_| Answer::new(200, reply.clone()));
        assert_eq!(deliver(&table, &third.await, payload).await, Verdict::Done, "{body}");
        assert_eq!(table.text("record", "reply").as_deref(), Some(kept), "{body}");
    }
}

#[tokio::test]
async fn what_is_no_recorded_action_is_left_to_a_person() {
    for payload in ["", "{}", r#"{"track_id":"t","event":["e"]}"#] {
        let (table, third) =
            (Tables::serve_record("record").await, ThirdParty::answering(200).await);
        let verdict = deliver(&table, &third, payload).await;
        assert_eq!(verdict, Verdict::DeadLetter { reason: Reason::Undeliverable }, "{payload}");
        assert_eq!(third.calls(), []);
    }
}
