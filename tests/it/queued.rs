//! What the template's queues promise: for how long it is tried, and how long a dead letter is kept.

use std::time::Duration;

use bundle::reference::logical_id;
use bundle::template::Template;
use dev_server::mapping::Mapping;
use serde_json::Value;
use settlement::backoff;

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
            let count = appvirality_redemption::conclusion::Count { number, random };
            appvirality_redemption::conclusion::pause_after_trouble(None, count)
        }
        function => panic!("{function} has no pauses here"),
    }
}

/// The time between the first of `attempts` attempts and the last one.
fn span(function: &str, attempts: u32, random: u64) -> Duration {
    (1..attempts).map(|number| pause(function, number, random)).sum()
}

/// How often a function tries by itself; none where it goes by days.
fn attempts(function: &str) -> Option<u32> {
    match function {
        "LedgerFunction" => Some(ledger::MOST_ATTEMPTS),
        "AppviralityRedemptionFunction" => None,
        _ => Some(settlement::outbound::delivery::MOST_ATTEMPTS),
    }
}

#[test]
fn every_function_outlasts_an_outage_of_a_day() {
    let template = template();
    let mappings = Mapping::all(&template).expect("mappings");
    assert_eq!(mappings.len(), 4);
    for Mapping { function, queue, .. } in mappings {
        // Of all pauses half is certain, and half is drawn.
        if let Some(attempts) = attempts(&function) {
            let (least, most) = (span(&function, attempts, 0), span(&function, attempts, u64::MAX));
            assert!(least > DAY, "{function}: {least:?}");
            // docs/settlement.md and the functions' own pages say these hours.
            let hours = if function == "LedgerFunction" { 29..60 } else { 38..77 };
            assert!(hours.start * HOUR < least && most < hours.end * HOUR, "{least:?} {most:?}");
        }

        let queue = template.properties(&queue);
        let policy = &queue["RedrivePolicy"];
        let receives = policy["maxReceiveCount"].as_u64().expect("a number");
        let receives = u32::try_from(receives).expect("a small number");
        // What the tables cannot be asked about comes back again and again, for longer than a day.
        let without_tables: Duration = (1..receives)
            .map(|number| pause(&function, number, 0).min(settlement::queue::LONGEST_PAUSE))
            .sum();
        assert!(without_tables > 20 * HOUR, "{function}: {without_tables:?}");

        let visibility = queue["VisibilityTimeout"].as_u64().expect("a number");
        let visibility = Duration::from_secs(visibility);
        assert!(visibility >= 6 * template.timeout(&function), "{function}");
        // A dead letter of SQS itself is kept from when its message was first sent.
        let dead_letters = logical_id(&policy["deadLetterTargetArn"]).expect("a queue");
        let kept = |queue: &Value| {
            Duration::from_secs(queue["MessageRetentionPeriod"].as_u64().expect("a number"))
        };
        assert_eq!(kept(queue), 14 * DAY, "{function}");
        let oldest = settlement::queue::LONGEST_PAUSE * receives;
        assert!(kept(template.properties(dead_letters)) >= 10 * DAY + oldest, "{function}");
    }
}
