//! What the template's rules and queues promise: who settles what, for how long it is tried, and how long
//! a dead letter is kept.

use std::time::Duration;

use bundle::pattern::Pattern;
use bundle::reference::logical_id;
use bundle::template::{Template, literal};
use dev_server::mapping::Mapping;
use jiff::Timestamp;
use serde_json::{Value, json};
use settlement::{Attempt, Reason, Record, Verdict, backoff};

const HOUR: Duration = Duration::from_hours(1);
const DAY: Duration = Duration::from_hours(24);

fn template() -> Template {
    Template::read(&bundle::project_file("template.yaml")).expect("a template")
}

/// The pause after the failed attempt `number` of the function.
fn pause(function: &str, number: u32, random: u64) -> Duration {
    use settlement::outbound::delivery;
    let backoff = |first, longest| backoff(number, first, longest, random);
    match function {
        "LedgerFunction" => backoff(ledger::FIRST_PAUSE, ledger::LONGEST_PAUSE),
        "GiveawayDeliveryFunction" | "DevtodevDeliveryFunction" => {
            backoff(delivery::FIRST_PAUSE, delivery::LONGEST_PAUSE)
        }
        "AppviralityRedemptionFunction" => {
            let record = Record {
                id: String::new(),
                provider: String::new(),
                kind: String::new(),
                user: String::new(),
                effect: None,
                test: false,
                held: false,
                received_at: String::new(),
                payload: String::new(),
            };
            let attempt = Attempt { record, number, now: Timestamp::UNIX_EPOCH, random };
            match appvirality_redemption::conclusion::again(&attempt, Reason::UpstreamFailed) {
                Verdict::Again { after, .. } => after,
                verdict => panic!("{verdict:?}"),
            }
        }
        function => panic!("{function} has no pauses here"),
    }
}

/// The time between the first of `attempts` attempts and the last one.
fn span(function: &str, attempts: u32, random: u64) -> Duration {
    (1..attempts).map(|number| pause(function, number, random)).sum()
}

#[test]
fn every_function_outlasts_an_outage_of_a_day() {
    let template = template();
    let mappings = Mapping::all(&template).expect("mappings");
    assert_eq!(mappings.len(), 4);
    for Mapping { function, queue, .. } in mappings {
        let queue = template.properties(&queue);
        let policy = &queue["RedrivePolicy"];
        let receives = policy["maxReceiveCount"].as_u64().expect("a number");
        let attempts = u32::try_from(receives).expect("a small number");
        let known = template.environment(&function).find(|(name, _)| *name == "MAX_RECEIVE_COUNT");
        let known = known.and_then(|(_, value)| literal(value));
        assert_eq!(known, Some(attempts.to_string()), "{function}");

        // Of all pauses half is certain, and half is drawn.
        let (least, most) = (span(&function, attempts, 0), span(&function, attempts, u64::MAX));
        assert!(least > DAY, "{function}: {least:?}");
        // docs/settlement.md, the runbook, the template and the functions' own pages say these hours.
        match function.as_str() {
            "LedgerFunction" => {
                assert!(29 * HOUR < least && most < 60 * HOUR, "{least:?} {most:?}");
            }
            "AppviralityRedemptionFunction" => assert!(10 * DAY < least, "{least:?}"),
            _ => assert!(38 * HOUR < least && most < 77 * HOUR, "{least:?} {most:?}"),
        }

        // What crashes every time, or cannot be postponed, comes back after the visibility timeout.
        let visibility = queue["VisibilityTimeout"].as_u64().expect("a number");
        let visibility = Duration::from_secs(visibility);
        assert!(visibility * attempts > DAY, "{function}");
        assert!(visibility >= 6 * template.timeout(&function), "{function}");

        // A dead letter of SQS itself is kept from when its message was first sent.
        let dead_letters = logical_id(&policy["deadLetterTargetArn"]).expect("a queue");
        let kept = |queue: &Value| {
            Duration::from_secs(queue["MessageRetentionPeriod"].as_u64().expect("a number"))
        };
        assert_eq!(kept(queue), 14 * DAY, "{function}");
        let oldest =
            settlement::worker::RENEWED_AFTER + settlement::queue::LONGEST_PAUSE + visibility;
        assert!(kept(template.properties(dead_letters)) >= 10 * DAY + oldest, "{function}");
    }
}

/// The queues that the event of `detail` goes to, one for each rule.
fn queues(template: &Template, detail: &Value) -> Vec<String> {
    let event = json!({"source": "callbacks", "detail-type": detail["kind"], "detail": detail});
    let mut queues = Vec::new();
    for (_, rule) in template.resources("AWS::Events::Rule") {
        let pattern = Pattern::read(&rule["EventPattern"]).expect("a pattern");
        if pattern.matches(&event) {
            let targets = rule["Targets"].as_array().expect("targets").iter();
            queues
                .extend(targets.filter_map(|target| logical_id(&target["Arn"])).map(str::to_owned));
        }
    }
    queues
}

#[test]
fn every_amount_is_settled_by_one_function() {
    let template = template();
    let detail = |provider: &str, kind: &str, amount: Option<&str>, settler: &str| {
        let mut detail = json!({
            "provider": provider, "kind": kind, "state": "recorded", "test": false, "user": "u",
            "settler": settler,
        });
        if let Some(amount) = amount {
            detail["amount"] = json!(amount);
            detail["unit"] = json!("unit");
        }
        detail
    };
    for (provider, kind, amount, settler, queue) in [
        ("inbrain", "survey_completed", Some("5"), "ledger", Some("LedgerQueue")),
        ("inbrain", "survey_disqualified", Some("5"), "ledger", Some("LedgerQueue")),
        ("inbrain", "offer_completed", Some("5"), "ledger", Some("LedgerQueue")),
        ("inbrain", "offer_completion_reversed", Some("-5"), "ledger", Some("LedgerQueue")),
        ("inbrain", "offer_completion_reversed", None, "ledger", Some("LedgerQueue")),
        ("inbrain", "offer_clicked", None, "none", None),
        ("claimr", "user_activity", Some("5"), "ledger", Some("LedgerQueue")),
        ("claimr", "user_reward", None, "none", None),
        (
            "appvirality",
            "referral_friend_reward",
            Some("5"),
            "appvirality-redemption",
            Some("AppviralityRedemptionQueue"),
        ),
        (
            "appvirality",
            "referral_friend_reward",
            None,
            "appvirality-redemption",
            Some("AppviralityRedemptionQueue"),
        ),
        ("appvirality", "referral_conversion", None, "none", None),
        ("giveaway", "action", None, "giveaway-delivery", Some("GiveawayDeliveryQueue")),
        ("devtodev", "install", None, "devtodev-delivery", Some("DevtodevDeliveryQueue")),
        // Of whom nobody has heard.
        ("sixth", "purchase", Some("5"), "ledger", Some("LedgerQueue")),
        ("sixth", "purchase", None, "none", None),
    ] {
        let mut detail = detail(provider, kind, amount, settler);
        let expected: Vec<_> = queue.into_iter().collect();
        assert_eq!(queues(&template, &detail), expected, "{detail}");
        for state in ["held", "conflict", "closed"] {
            detail["state"] = json!(state);
            assert!(queues(&template, &detail).is_empty(), "{detail}");
        }
    }
    let mut test = detail("inbrain", "survey_completed", Some("5"), "ledger");
    test["test"] = json!(true);
    assert!(queues(&template, &test).is_empty());
}
