//! What the template's queues promise: for how long it is tried, and how long a dead letter is kept.

use std::time::Duration;

use bundle::reference::logical_id;
use bundle::template::{Template, literal};
use dev_server::mapping::Mapping;
use jiff::Timestamp;
use serde_json::Value;
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
