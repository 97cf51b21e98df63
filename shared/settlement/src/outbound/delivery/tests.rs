use std::sync::atomic::{AtomicUsize, Ordering};

use tables::callbacks::progress::LONGEST_REPLY;
use test_support::secrets_manager::Reply as SecretReply;
use test_support::{
    API_KEY, Answer, Call, Intercept, NOW, SecretsManager, Tables, ThirdParty, delivery_settings,
    nobody, record, sqs, with,
};

use super::*;
use crate::outbound::LARGEST_REPLY;

/// The setting that says where DynamoDB is.
const DYNAMODB: &str = "AWS_ENDPOINT_URL_DYNAMODB";

/// Delivers every payload but `"none"` as it is.
#[derive(Debug)]
struct Sample;

impl Upstream for Sample {
    const PROVIDER: &'static str = "sample";
    const CREDENTIAL: &'static str = "api_key";

    fn message(url: &Url, record: &Record, key: &Secret) -> Option<Message> {
        let key = key.expose_text();
        let uri = url.with_parameter("key", key)?;
        (record.payload != "none")
            .then(|| Message::post(uri, record.payload.clone()).with_secret(key))
    }
}

fn delivery(table: &Tables, url: &str) -> Delivery<Sample> {
    Delivery::configure(&delivery_settings(table, url)).expect("settings")
}

/// The first attempt to deliver the table's record.
async fn settle(table: &Tables, url: &str) -> Verdict {
    one(&delivery(table, url), &sample()).await
}

/// The first attempt to settle the record `id` with this payload.
fn attempt(id: &str, payload: &str) -> Attempt {
    let record = with(record(id, "sample", "sample"), serde_json::json!({"payload": payload}));
    let record = Record::parse(&sqs::body(&record)).expect("a record");
    Attempt { record, receives: 1, now: NOW.parse().expect("a time"), random: u64::MAX }
}

fn sample() -> Attempt {
    attempt("record", r#"{"a":1}"#)
}

/// One attempt.
async fn one(delivery: &Delivery<Sample>, attempt: &Attempt) -> Verdict {
    delivery.settle(std::slice::from_ref(attempt)).await.remove(0)
}

/// Another attempt: of the message up to a minute, otherwise of the record.
fn again(after: u64, reason: &str) -> Verdict {
    let (reason, in_queue) = (reason.parse().expect("a reason"), after <= 60);
    let after = Duration::from_secs(after);
    if in_queue { Verdict::Again { after, reason } } else { Verdict::Due { after, reason } }
}

/// A reply with a `Retry-After`.
fn later(status: u16, value: &'static str) -> impl Fn(&Call) -> Answer {
    move |_| Answer::new(status, "").with_header("retry-after", value)
}

/// The first pause with all of its jitter, rounded up as the queue does.
fn whole(verdict: Verdict) -> Verdict {
    match verdict {
        Verdict::Again { after, reason } | Verdict::Due { after, reason } => {
            again(after.as_secs() + u64::from(after.subsec_nanos() > 0), reason.as_str())
        }
        other => other,
    }
}

#[tokio::test]
async fn what_is_taken_is_done() {
    for status in [200, 201, 202, 204, 299] {
        let (table, third) =
            (Tables::serve_record("record").await, ThirdParty::answering(status).await);
        assert_eq!(settle(&table, &third.url).await, Verdict::Done, "{status}");
        let text = |name| table.text("record", name);
        assert_eq!(text("state").as_deref(), Some("delivered"));
        assert_eq!(text("last_status"), Some(status.to_string()));
        assert_eq!(text("attempts").as_deref(), Some("1"));
        assert_eq!(text("last_attempt_at").as_deref(), Some("2026-11-21T08:49:07.789Z"));
        assert_eq!(text("reply").as_deref(), Some(if status == 204 { "" } else { "{}" }));
        assert_eq!(text("reason"), None);
        assert_eq!(kept(&table, "record"), [""; 0], "there is nothing to tell");
        assert_eq!(third.calls().len(), 1);
    }
}

#[tokio::test]
async fn what_may_be_taken_later_is_tried_again() {
    for (status, reason) in [
        (408, "upstream_timed_out"),
        (425, "upstream_failed"),
        (429, "upstream_throttled"),
        (500, "upstream_failed"),
        (502, "upstream_failed"),
        (503, "upstream_failed"),
        (504, "upstream_failed"),
        (599, "upstream_failed"),
    ] {
        let (table, third) =
            (Tables::serve_record("record").await, ThirdParty::answering(status).await);
        assert_eq!(whole(settle(&table, &third.url).await), again(2, reason), "{status}");
        let text = |name| table.text("record", name);
        assert_eq!(text("state").as_deref(), Some("retrying"));
        assert_eq!(text("last_status"), Some(status.to_string()));
        assert_eq!(text("attempts").as_deref(), Some("1"));
        assert_eq!(text("reason").as_deref(), Some(reason));
        assert_eq!(third.calls().len(), 1);
    }
}

/// What comes of an attempt that the third party refuses for good.
const REFUSED: Verdict = Verdict::Refused { reason: Reason::UpstreamRefused };

#[tokio::test]
async fn what_is_refused_is_done_and_kept_for_a_person() {
    for status in [300, 301, 302, 307, 308, 400, 401, 403, 404, 409, 410, 413, 422, 499] {
        let table = Tables::serve_record("record").await;
        let third = ThirdParty::start(move |_| {
            Answer::new(status, r#"{"error":"no"}"#)
                .with_header("location", "/elsewhere")
                .with_header("retry-after", "5")
        });
        let third = third.await;
        assert_eq!(settle(&table, &third.url).await, REFUSED, "{status}");
        let text = |name| table.text("record", name);
        assert_eq!(text("state").as_deref(), Some("refused"));
        assert_eq!(text("last_status"), Some(status.to_string()));
        assert_eq!(text("reply").as_deref(), Some(r#"{"error":"no"}"#));
        assert_eq!(text("reason").as_deref(), Some("upstream_refused"));
        assert_eq!(third.calls().len(), 1, "a redirect is not followed");
    }
}

/// What a third party answers with this status and body comes to.
async fn answered(status: u16, body: Vec<u8>) -> (Verdict, Tables) {
    let table = Tables::serve_record("record").await;
    let third = ThirdParty::start(move |_| Answer::new(status, body.clone()));
    let verdict = settle(&table, &third.await.url).await;
    (verdict, table)
}

#[tokio::test]
async fn what_is_declined_inside_a_2xx_is_refused_and_kept_for_a_person() {
    let far = format!(r#"{{"padding":"{}","success":false}}"#, "x".repeat(LARGEST_REPLY - 100));
    for body in [r#"{"code":400,"msg":"no"}"#, "\u{feff}{\"success\":false}", &far] {
        let (verdict, table) = answered(200, body.as_bytes().to_vec()).await;
        assert_eq!(verdict, Verdict::Refused { reason: Reason::UpstreamDeclined }, "{body:.40}");
        let text = |name| table.text("record", name);
        assert_eq!(text("state").as_deref(), Some("refused"));
        assert_eq!(text("last_status").as_deref(), Some("200"));
        assert_eq!(text("reason").as_deref(), Some("upstream_declined"));
        let kept = &body.trim_start_matches('\u{feff}');
        assert_eq!(text("reply").as_deref(), Some(&kept[..kept.len().min(LONGEST_REPLY)]));
    }
    for body in ["", "OK", r#"{"code":0,"error":null}"#, r#"{"success":true,"status":201}"#] {
        let (verdict, table) = answered(201, body.as_bytes().to_vec()).await;
        assert_eq!(verdict, Verdict::Done, "{body}");
        assert_eq!(table.text("record", "state").as_deref(), Some("delivered"));
    }
}

/// Nobody can say whether it was taken: it may be declined behind what is read.
#[tokio::test]
async fn what_is_answered_with_more_than_can_be_read_is_tried_again() {
    let (verdict, table) = answered(200, vec![b' '; LARGEST_REPLY + 1]).await;
    assert_eq!(whole(verdict), again(2, "upstream_reply_too_long"));
    assert_eq!(table.text("record", "state").as_deref(), Some("retrying"));
    let (verdict, _) = answered(404, vec![b' '; LARGEST_REPLY + 1]).await;
    assert_eq!(verdict, REFUSED);
    let (verdict, _) = answered(200, vec![b' '; LARGEST_REPLY]).await;
    assert_eq!(verdict, Verdict::Done);
}

#[tokio::test]
async fn a_third_party_may_ask_for_a_longer_pause() {
    for (value, seconds) in [
        ("90", 90),
        ("0", 2),
        ("1", 2),
        ("soon", 2),
        ("86400", 86_400),
        ("86401", 86_400),
        ("Sat, 21 Nov 2026 08:50:08 GMT", 61),
        ("Sat, 21 Nov 2026 08:49:00 GMT", 2),
        ("Sat, 28 Nov 2026 08:49:00 GMT", 86_400),
    ] {
        for (status, reason) in [(429, "upstream_throttled"), (503, "upstream_failed")] {
            let table = Tables::serve_record("record").await;
            let third = ThirdParty::start(later(status, value)).await;
            let verdict = whole(settle(&table, &third.url).await);
            assert_eq!(verdict, again(seconds, reason), "{value}");
        }
    }
}

#[tokio::test]
async fn pauses_grow_with_the_attempts_on_the_record() {
    let (table, third) = (Tables::serve().await, ThirdParty::answering(500).await);
    for (number, seconds) in [(1, 2), (2, 4), (3, 8), (10, 1024), (12, 4096), (13, 7200)] {
        for (random, part) in [(u64::MAX, 1), (0, 2)] {
            put_attempted(&table, number - 1);
            let attempt = Attempt { random, receives: 1, ..sample() };
            let verdict = whole(one(&delivery(&table, &third.url), &attempt).await);
            assert_eq!(verdict, again(seconds / part, "upstream_failed"), "{number}");
            assert_eq!(table.text("record", "attempts"), Some(number.to_string()));
        }
    }
}

/// The attempts that the record keeps, the first one first.
fn kept(table: &Tables, id: &str) -> Vec<String> {
    let record = table.record(id);
    let attributes = record.as_object().expect("a record").iter();
    let mut kept: Vec<String> = attributes
        .filter(|(name, _)| name.starts_with("attempt_"))
        .map(|(_, value)| value["S"].as_str().expect("text").to_owned())
        .collect();
    kept.sort_by_key(|text| text.split(' ').next().and_then(|it| it.parse::<u32>().ok()));
    kept
}

#[tokio::test]
async fn every_attempt_that_is_not_taken_is_kept() {
    let table = Tables::serve_record("record").await;
    let count = AtomicUsize::new(0);
    let third = ThirdParty::start(move |_| match count.fetch_add(1, Ordering::Relaxed) {
        0 | 1 => Answer::new(503, ""),
        2 => Answer::HangUp,
        _ => Answer::new(200, ""),
    });
    let third = third.await;
    let delivery = delivery(&table, &third.url);
    let failed = [
        "1 2026-11-21T08:49:07.789Z 503 upstream_failed",
        "2 2026-11-21T08:50:07.789Z 503 upstream_failed",
        "3 2026-11-21T08:51:07.789Z - upstream_unreachable",
    ];
    for minute in 0..4 {
        let now = sample().now + jiff::SignedDuration::from_mins(minute);
        one(&delivery, &Attempt { now, ..sample() }).await;
        let so_many = usize::try_from(minute + 1).expect("few").min(failed.len());
        assert_eq!(kept(&table, "record"), failed[..so_many]);
    }
    assert_eq!(table.text("record", "state").as_deref(), Some("delivered"));
    assert_eq!(table.text("record", "attempts").as_deref(), Some("4"));
}

#[tokio::test]
async fn of_many_attempts_the_last_twenty_are_kept() {
    let (table, third) = (Tables::serve_record("record").await, ThirdParty::answering(503).await);
    for number in 1..=25_u32 {
        // Each in an environment of its own: one that has seen five failures leaves the third party alone.
        settle(&table, &third.url).await;
        let so_many = usize::try_from(number.min(20)).expect("few");
        assert_eq!(kept(&table, "record").len(), so_many);
    }
    let expected =
        (6..=25).map(|number| format!("{number} 2026-11-21T08:49:07.789Z 503 upstream_failed"));
    assert_eq!(kept(&table, "record"), expected.collect::<Vec<_>>());
}

#[tokio::test]
async fn what_ends_without_being_taken_keeps_its_attempt() {
    let time = "2026-11-21T08:49:07.789Z";
    let (table, third) = (Tables::serve_record("record").await, ThirdParty::answering(404).await);
    settle(&table, &third.url).await;
    assert_eq!(kept(&table, "record"), [format!("1 {time} 404 upstream_refused")]);

    let (_, table) = answered(200, br#"{"success":false}"#.to_vec()).await;
    assert_eq!(kept(&table, "record"), [format!("1 {time} 200 upstream_declined")]);

    let table = Tables::serve_record("record").await;
    one(&delivery(&table, &third.url), &attempt("record", "none")).await;
    assert_eq!(kept(&table, "record"), [format!("1 {time} - undeliverable")]);

    let settings = delivery_settings(&table, &third.url).with("API_KEYS", "{}");
    let without_key = Delivery::<Sample>::configure(&settings).expect("settings");
    table.put_record("record", "recorded");
    one(&without_key, &sample()).await;
    assert_eq!(kept(&table, "record"), [format!("1 {time} - credentials_unusable")]);

    put_attempted(&table, MOST_ATTEMPTS - 1);
    settle(&table, &third.url).await;
    assert_eq!(kept(&table, "record"), [format!("{MOST_ATTEMPTS} {time} 404 upstream_refused")]);
}

/// Puts the record there as one that was attempted so often.
fn put_attempted(table: &Tables, attempts: u32) {
    let item = serde_json::json!({
        "id": {"S": "record"}, "state": {"S": "retrying"}, "attempts": {"N": attempts.to_string()},
    });
    table.put(test_support::tables::CALLBACKS, &item);
}

#[tokio::test]
async fn after_the_last_attempt_a_person_has_to_look_at_it() {
    let (table, third) = (Tables::serve().await, ThirdParty::answering(500).await);
    put_attempted(&table, MOST_ATTEMPTS - 1);
    let verdict = settle(&table, &third.url).await;
    assert_eq!(verdict, Verdict::DeadLetter { reason: Reason::UpstreamFailed });
    let text = |name| table.text("record", name);
    assert_eq!(text("state").as_deref(), Some("dead"));
    assert_eq!(text("attention").as_deref(), Some("dead#12"));
    assert_eq!([text("due"), text("due_at"), text("lease")], [None, None, None]);
}

/// The function was killed whenever it came to this record.
#[tokio::test]
async fn a_record_that_was_attempted_too_often_is_given_up_without_another_attempt() {
    let (table, third) = (Tables::serve().await, ThirdParty::answering(200).await);
    put_attempted(&table, MOST_ATTEMPTS);
    let verdict = settle(&table, &third.url).await;
    assert_eq!(verdict, Verdict::DeadLetter { reason: Reason::LastAttempt });
    assert_eq!(table.text("record", "state").as_deref(), Some("dead"));
    assert_eq!(third.calls(), []);
    // Put back by a person, it is attempted again.
    assert_eq!(settle(&table, &third.url).await, Verdict::Done);
}

#[tokio::test]
async fn of_two_who_come_at_once_one_delivers() {
    let table = Tables::serve_record("record").await;
    let third = ThirdParty::answering(200).await;
    let mut wire = Intercept::listen().await;
    let (first, second) = (delivery(&table, wire.url()), delivery(&table, &third.url));
    let attempt = sample();
    let other = Attempt { random: 7, ..sample() };
    let both = async {
        let held = wire.held().await;
        // The first one has the record, and its call is under way.
        let late = one(&second, &other).await;
        let sent = third.calls().len();
        held.answer(200, "{}");
        (late, sent)
    };
    let (done, (late, sent)) = tokio::join!(one(&first, &attempt), both);
    assert_eq!(done, Verdict::Done);
    assert_eq!((late, sent), (again(60, "leased"), 0));
    // It comes back, and there is nothing more to do.
    assert_eq!(one(&second, &other).await, Verdict::Done);
    assert_eq!(third.calls(), []);
}

#[tokio::test]
async fn a_lease_that_its_holder_left_is_over_after_a_minute() {
    let (table, third) = (Tables::serve_record("record").await, ThirdParty::answering(200).await);
    let mut wire = Intercept::listen().await;
    let killed = delivery(&table, wire.url());
    let killed = tokio::spawn(async move { one(&killed, &sample()).await });
    let _held = wire.held().await;
    killed.abort();
    let delivery = delivery(&table, &third.url);
    let after = |seconds| Attempt {
        now: sample().now + jiff::SignedDuration::from_secs(seconds),
        random: 7,
        ..sample()
    };
    assert_eq!(one(&delivery, &after(59)).await, again(1, "leased"));
    assert_eq!(third.calls(), []);
    assert_eq!(one(&delivery, &after(61)).await, Verdict::Done);
    assert_eq!(third.calls().len(), 1);
}

#[tokio::test]
async fn a_third_party_that_is_down_is_left_alone() {
    let table = Tables::serve().await;
    let third = ThirdParty::answering(503).await;
    let delivery = delivery(&table, &third.url);
    let new = |number: u32, seconds| {
        let id = format!("record {number}");
        table.put_record(&id, "recorded");
        let now = sample().now + jiff::SignedDuration::from_secs(seconds);
        Attempt { now, ..attempt(&id, "{}") }
    };
    for number in 0..5 {
        assert_eq!(whole(one(&delivery, &new(number, 0)).await), again(2, "upstream_failed"));
    }
    // Nothing is sent, and nothing waits in the queue.
    let verdict = whole(one(&delivery, &new(5, 1)).await);
    assert_eq!(verdict, again(90, "upstream_down"));
    // It waits with all others of its settler, from now on.
    let text = |name| table.text("record 5", name);
    assert_eq!(text("state").as_deref(), Some("retrying"));
    let settler = sample().record.settler;
    assert_eq!(text("due"), Some(format!("{settler}#3")));
    assert_eq!(text("due_at").as_deref(), Some("2026-11-21T08:49:08.789Z"));
    assert_eq!(text("attempts"), None, "there was none");
    assert_eq!(kept(&table, "record 5"), [""; 0], "nor is one kept");
    assert_eq!(kept(&table, "record 4").len(), 1);
    assert_eq!(third.calls().len(), 5);
}

#[tokio::test]
async fn whoever_is_there_again_is_sent_what_is_new_at_once() {
    let table = Tables::serve().await;
    let count = AtomicUsize::new(0);
    let third = ThirdParty::start(move |_| {
        let down = count.fetch_add(1, Ordering::Relaxed) < 5;
        Answer::new(if down { 503 } else { 200 }, "")
    });
    let third = third.await;
    let delivery = delivery(&table, &third.url);
    for number in 0..5 {
        table.put_record(&number.to_string(), "recorded");
        one(&delivery, &attempt(&number.to_string(), "{}")).await;
    }
    for number in 5..8 {
        let id = number.to_string();
        table.put_record(&id, "recorded");
        let now = sample().now + jiff::SignedDuration::from_secs(30);
        let verdict = one(&delivery, &Attempt { now, ..attempt(&id, "{}") }).await;
        assert_eq!(verdict, Verdict::Done, "{number}");
    }
}

#[tokio::test]
async fn no_answer_is_tried_again() {
    let table = Tables::serve_record("record").await;
    let verdict = whole(settle(&table, &format!("http://{}", nobody().await)).await);
    assert_eq!(verdict, again(2, "upstream_unreachable"));
    assert_eq!(table.text("record", "state").as_deref(), Some("retrying"));
    assert_eq!(table.text("record", "reason").as_deref(), Some("upstream_unreachable"));
    assert_eq!(table.text("record", "last_status"), None);

    let third = ThirdParty::start(|_| Answer::HangUp).await;
    let verdict = whole(settle(&table, &third.url).await);
    assert_eq!(verdict, again(4, "upstream_unreachable"));

    let third = ThirdParty::start(|_| Answer::Silence).await;
    let patience = Duration::from_millis(100);
    let delivery =
        Delivery::<Sample>::with_patience(&delivery_settings(&table, &third.url), patience);
    let verdict = whole(one(&delivery.expect("settings"), &sample()).await);
    assert_eq!(verdict, again(8, "upstream_timed_out"));
    assert_eq!(table.text("record", "reason").as_deref(), Some("upstream_timed_out"));
    assert_eq!(table.text("record", "attempts").as_deref(), Some("3"));
}

#[tokio::test]
async fn what_has_ended_is_not_sent_again() {
    let (table, third) = (Tables::serve_record("record").await, ThirdParty::answering(200).await);
    let delivery = delivery(&table, &third.url);
    for _ in 0..3 {
        assert_eq!(one(&delivery, &sample()).await, Verdict::Done);
    }
    assert_eq!(third.calls().len(), 1);
    assert_eq!(table.text("record", "attempts").as_deref(), Some("1"));
    for state in ["delivered", "refused", "held", "conflict", "closed"] {
        table.put_record(state, state);
        let verdict = one(&delivery, &attempt(state, "{}")).await;
        assert_eq!(verdict, Verdict::Done, "{state}");
        assert_eq!(table.text(state, "state").as_deref(), Some(state));
    }
    assert_eq!(third.calls().len(), 1);
}

#[tokio::test]
async fn every_attempt_sends_the_same() {
    let table = Tables::serve_record("record").await;
    let count = AtomicUsize::new(0);
    let third = ThirdParty::start(move |_| {
        let first = count.fetch_add(1, Ordering::Relaxed) == 0;
        Answer::new(if first { 503 } else { 200 }, "")
    });
    let third = third.await;
    let first = settle(&table, &third.url).await;
    assert_eq!(whole(first), again(2, "upstream_failed"));
    let second = Attempt { receives: 2, random: 7, ..sample() };
    assert_eq!(one(&delivery(&table, &third.url), &second).await, Verdict::Done);
    let calls = third.calls();
    assert_eq!(calls.len(), 2);
    assert_eq!(calls[0], calls[1]);
    assert_eq!(table.text("record", "state").as_deref(), Some("delivered"));
    assert_eq!(table.text("record", "last_status").as_deref(), Some("200"));
    assert_eq!(table.text("record", "attempts").as_deref(), Some("2"));
    assert_eq!(table.text("record", "reason"), None);
}

#[tokio::test]
async fn without_a_record_or_of_another_provider_nothing_is_sent() {
    let (table, third) = (Tables::serve_record("record").await, ThirdParty::answering(200).await);
    let delivery = delivery(&table, &third.url);
    let verdict = one(&delivery, &attempt("gone", "{}")).await;
    assert_eq!(verdict, Verdict::DeadLetter { reason: Reason::NoRecord });
    assert_eq!(table.text("gone", "id"), None);
    let mut misrouted = attempt("record", "{}");
    misrouted.record.provider = "other".to_owned();
    let verdict = one(&delivery, &misrouted).await;
    assert_eq!(verdict, Verdict::DeadLetter { reason: Reason::Misrouted });
    assert_eq!(table.text("record", "attempts"), None);
    assert_eq!(third.calls(), []);
}

#[tokio::test]
async fn what_cannot_be_delivered_waits_for_a_person_and_can_be_put_back() {
    let (table, third) = (Tables::serve_record("record").await, ThirdParty::answering(200).await);
    let delivery = delivery(&table, &third.url);
    let verdict = one(&delivery, &attempt("record", "none")).await;
    assert_eq!(verdict, Verdict::DeadLetter { reason: Reason::Undeliverable });
    assert_eq!(table.text("record", "state").as_deref(), Some("dead"));
    assert_eq!(table.text("record", "reason").as_deref(), Some("undeliverable"));
    assert_eq!(third.calls(), []);
    assert_eq!(one(&delivery, &sample()).await, Verdict::Done);
    assert_eq!(table.text("record", "state").as_deref(), Some("delivered"));
}

#[tokio::test]
async fn without_the_table_nothing_is_sent() {
    let (table, third) = (Tables::serve_record("record").await, ThirdParty::answering(200).await);
    let nowhere = format!("http://{}", nobody().await);
    let settings = delivery_settings(&table, &third.url).with(DYNAMODB, nowhere);
    let delivery = Delivery::<Sample>::configure(&settings).expect("settings");
    let verdict = whole(one(&delivery, &sample()).await);
    assert_eq!(verdict, again(2, "store_unreachable"));
    assert_eq!(third.calls(), []);
    assert_eq!(table.text("record", "attempts"), None);
}

#[tokio::test]
async fn what_the_record_was_not_told_of_is_sent_again() {
    for (status, value, seconds, state) in [
        (200, "0", 2, "delivered"),
        (404, "0", 2, "refused"),
        (503, "0", 2, "retrying"),
        (503, "60", 60, "retrying"),
    ] {
        let (table, mut wire) = (Tables::serve_record("record").await, Intercept::listen().await);
        let third = ThirdParty::start(later(status, value)).await;
        let settings = delivery_settings(&table, &third.url).with(DYNAMODB, wire.url());
        let delivery = Delivery::<Sample>::configure(&settings).expect("settings");
        let url = table.url().to_owned();
        let down = async {
            // The attempt is counted; what came of it is not taken.
            wire.held().await.forward(&url).await;
            wire.held().await.answer(400, r#"{"__type":"ResourceNotFoundException"}"#);
        };
        let attempt = sample();
        let (verdict, ()) = tokio::join!(one(&delivery, &attempt), down);
        assert_eq!(whole(verdict), again(seconds, "store_refused"), "{status}");
        assert_eq!(table.text("record", "state").as_deref(), Some("recorded"));

        tokio::spawn(async move { wire.forward_all(&url).await });
        // The lease is over.
        let now = attempt.now + jiff::SignedDuration::from_secs(61);
        one(&delivery, &Attempt { now, ..attempt }).await;
        assert_eq!(table.text("record", "state").as_deref(), Some(state));
        assert_eq!(table.text("record", "attempts").as_deref(), Some("2"));
        let calls = third.calls();
        assert_eq!(calls.len(), 2);
        assert_eq!(calls[0], calls[1]);
    }
}

#[tokio::test]
async fn what_the_record_was_told_of_with_its_answer_lost_is_done() {
    let (table, mut wire) = (Tables::serve_record("record").await, Intercept::listen().await);
    let third = ThirdParty::answering(200).await;
    let settings = delivery_settings(&table, &third.url).with(DYNAMODB, wire.url());
    let delivery = Delivery::<Sample>::configure(&settings).expect("settings");
    let url = table.url().to_owned();
    let lossy = async {
        wire.held().await.forward(&url).await;
        wire.held().await.forward_and_lose_answer(&url).await;
        wire.held().await.forward(&url).await;
    };
    let attempt = sample();
    let (verdict, ()) = tokio::join!(one(&delivery, &attempt), lossy);
    assert_eq!(verdict, Verdict::Done);
    assert_eq!(table.text("record", "state").as_deref(), Some("delivered"));
    assert_eq!(third.calls().len(), 1);
}

#[tokio::test]
async fn without_a_key_nothing_is_sent() {
    for keys in ["{}", r#"{"api_key":""}"#, r#"{"api_key":null}"#, "not JSON"] {
        let (table, third) =
            (Tables::serve_record("record").await, ThirdParty::answering(200).await);
        let settings = delivery_settings(&table, &third.url).with("API_KEYS", keys);
        let delivery = Delivery::<Sample>::configure(&settings).expect("settings");
        let verdict = whole(one(&delivery, &sample()).await);
        assert_eq!(verdict, again(2, "credentials_unusable"), "{keys}");
        assert_eq!(table.text("record", "state").as_deref(), Some("retrying"));
        assert_eq!(table.text("record", "reason").as_deref(), Some("credentials_unusable"));
        assert_eq!(third.calls(), []);
    }
}

/// The secret with this key in it.
fn secret(key: &str) -> String {
    serde_json::json!({"api_key": key}).to_string()
}

/// Secrets Manager, with the old key.
fn secrets_manager() -> SecretsManager {
    SecretsManager::up("secret", SecretReply::secret(&secret("old")))
}

#[tokio::test]
async fn a_refused_key_is_tried_again_only_if_it_has_changed() {
    let (table, secrets) = (Tables::serve_record("record").await, secrets_manager());
    let third = ThirdParty::start(|call| {
        let status = if call.target.ends_with("=new") { 200 } else { 401 };
        Answer::new(status, "")
    });
    let third = third.await;
    let settings = delivery_settings(&table, &third.url)
        .with("API_KEYS", "")
        .with("API_SECRET", "secret")
        .with("AWS_ENDPOINT_URL_SECRETS_MANAGER", secrets.url());
    let delivery = Delivery::<Sample>::configure(&settings).expect("settings");

    // Just read, so that it is not read again: it is the key of now that is refused.
    assert_eq!(one(&delivery, &sample()).await, REFUSED);
    assert_eq!(table.text("record", "state").as_deref(), Some("refused"));
    assert_eq!(secrets.reads(), 1);

    secrets.serve(&secret("new"));
    // The credentials keep the refusal in mind, and know the new key before the next attempt.
    tokio::time::pause();
    tokio::time::advance(Duration::from_secs(31)).await;
    tokio::time::resume();
    table.put_record("record", "recorded");
    assert_eq!(one(&delivery, &sample()).await, Verdict::Done);
    assert_eq!(table.text("record", "state").as_deref(), Some("delivered"));
    let targets: Vec<_> = third.calls().into_iter().map(|call| call.target).collect();
    assert_eq!(targets, ["/?key=old", "/?key=new"]);
}

#[tokio::test]
async fn a_key_that_was_changed_meanwhile_is_used_by_the_next_attempt() {
    let (table, secrets) = (Tables::serve_record("record").await, secrets_manager());
    let third = ThirdParty::start(|call| {
        let old = call.target.ends_with("=old");
        let status = if old && call.body == "refuse" { 403 } else { 200 };
        Answer::new(status, "")
    });
    let third = third.await;
    let settings = delivery_settings(&table, &third.url)
        .with("API_KEYS", "")
        .with("API_SECRET", "secret")
        .with("AWS_ENDPOINT_URL_SECRETS_MANAGER", secrets.url());
    let delivery = Delivery::<Sample>::configure(&settings).expect("settings");
    assert_eq!(one(&delivery, &sample()).await, Verdict::Done);

    secrets.serve(&secret("new"));
    tokio::time::pause();
    tokio::time::advance(Duration::from_secs(31)).await;
    tokio::time::resume();
    table.put_record("record", "recorded");
    let refused = attempt("record", "refuse");
    let verdict = whole(one(&delivery, &refused).await);
    assert_eq!(verdict, again(2, "key_changed"));
    assert_eq!(table.text("record", "state").as_deref(), Some("retrying"));
    assert_eq!(table.text("record", "reason").as_deref(), Some("key_changed"));
    assert_eq!(one(&delivery, &refused).await, Verdict::Done);
    assert_eq!(table.text("record", "state").as_deref(), Some("delivered"));
    let targets: Vec<_> = third.calls().into_iter().map(|call| call.target).collect();
    assert_eq!(targets, ["/?key=old", "/?key=old", "/?key=new"]);
    assert_eq!(secrets.reads(), 2);
}

#[tokio::test]
async fn an_answer_is_kept_harmless_short_and_without_the_key() {
    for (status, state) in [(200, "delivered"), (400, "refused"), (500, "retrying")] {
        let table = Tables::serve_record("record").await;
        let third = ThirdParty::start(move |call| {
            let mut body = format!("you\0sent\n{}\u{202e}", call.target).into_bytes();
            body.push(0xff);
            body.resize(3 * LONGEST_REPLY, b'.');
            Answer::new(status, body)
        });
        let third = third.await;
        settle(&table, &third.url).await;
        assert_eq!(table.text("record", "state").as_deref(), Some(state));
        let reply = table.text("record", "reply").expect("a reply");
        let beginning = "you\u{fffd}sent /?key=[REDACTED]\u{fffd}\u{fffd}.....";
        assert!(reply.starts_with(beginning), "{reply}");
        assert!(reply.len() <= LONGEST_REPLY, "{}", reply.len());
        assert!(!reply.contains(API_KEY));
    }
}

#[tokio::test]
async fn nothing_shows_the_url_or_the_key() {
    let table = Tables::serve_record("record").await;
    let delivery = delivery(&table, "http://127.0.0.1:1/path?token=hunter2");
    let printed = format!("{delivery:?}");
    assert!(!printed.contains("hunter2") && !printed.contains(API_KEY), "{printed}");
    let key = Secret::new(API_KEY.to_owned()).expect("not empty");
    let message = Sample::message(&delivery.url, &sample().record, &key);
    assert_eq!(format!("{message:?}"), "Some(Message { .. })");
}

#[tokio::test]
async fn settings_that_cannot_be_used_are_named() {
    let table = Tables::serve_record("record").await;
    for (variable, value) in [
        ("UPSTREAM_URL", ""),
        ("UPSTREAM_URL", "example.com/path"),
        ("UPSTREAM_URL", "ftp://example.com/"),
        ("CALLBACKS_TABLE", ""),
        ("API_SECRET", ""),
        ("AWS_REGION", ""),
    ] {
        let mut settings = delivery_settings(&table, "http://127.0.0.1:1/").with(variable, value);
        if variable == "API_SECRET" {
            settings = settings.with("API_KEYS", "");
        }
        let error = Delivery::<Sample>::configure(&settings).expect_err(value);
        assert_eq!(error.variable, variable, "{value}");
    }
}
