//! Ceilings and admitted rates, and the page that says them.
//!
//! AWS's figures are typed out here once, each with the page that has it (as of November 2026).

use std::collections::BTreeMap;
use std::time::Duration;

use bundle::provider::PROVIDERS;
use bundle::template::Template;
use tables::callbacks::due::LONGEST_IN_QUEUE;

/// Requests a second that an account's HTTP APIs take ("Amazon API Gateway quotas", account-level quotas).
const API: u64 = 10_000;

/// Write units a second of a new on-demand table ("DynamoDB on-demand capacity mode").
const NEW_TABLE: u64 = 4_000;

/// Write units a second of one partition ("Best practices for designing and using partition keys effectively").
const PARTITION: u64 = 1_000;

/// Concurrent executions of an account ("Understanding Lambda function scaling").
const EXECUTIONS: u64 = 1_000;

/// Messages of one queue that are received and not deleted ("Quotas related to queues" of Amazon SQS).
const IN_FLIGHT: u64 = 120_000;

/// Events a second that the bus delivers in eu-central-1, in the middle of the regions ("Invocations throttle limit" in
/// "Amazon EventBridge quotas").
const EVENTS: u64 = 4_500;

/// How long things take, assumed: a callback, from which the concurrency of a receiver follows; a batch of ten credits,
/// of two reads, a transaction and a write, each 10 ms; 100 records of the stream in ten calls beside ten.
const RECEIVING: Duration = Duration::from_millis(10);
const CREDITING: Duration = Duration::from_millis(40);
const DISPATCHING: Duration = Duration::from_millis(330);

fn template() -> Template {
    Template::read(&bundle::project_file("template.yaml")).expect("a template")
}

fn default(template: &Template, name: &str) -> u64 {
    template.parameter(name).expect(name).parse().expect("a number")
}

/// How often `took` goes into a second, for `at_once` things of `each`.
fn a_second(each: u64, at_once: u64, took: Duration) -> u64 {
    each * at_once * 1_000 / u64::try_from(took.as_millis()).expect("short")
}

/// Every ceiling with its rate: what is admitted, and what can be carried, callbacks a second.
fn ceilings() -> BTreeMap<&'static str, [u64; 2]> {
    let template = template();
    let rate = default(&template, "ThrottleRate");
    let routes = |provider: &str| {
        let entry = PROVIDERS.iter().find(|entry| entry.name == provider).expect("a provider");
        u64::try_from(entry.routes().len()).expect("few")
    };
    let stack: u64 = PROVIDERS.iter().map(|entry| rate * routes(entry.name)).sum();
    let most = PROVIDERS.iter().map(|entry| rate * routes(entry.name)).max().expect("providers");
    let credited = rate * (routes("inbrain") + routes("claimr"));
    let shards = default(&template, "IndexShards");
    let settling = default(&template, "SettlementConcurrency");
    let batch = default(&template, "DispatchBatchSize");
    let parallel = default(&template, "DispatchParallelization");
    let receiving = u64::try_from(RECEIVING.as_millis()).expect("short");
    [
        ("API, account", [stack, API]),
        ("Lambda, receiving", [stack * receiving / 1_000, EXECUTIONS]),
        ("callbacks table", [stack, NEW_TABLE]),
        ("index by_day, one provider", [most, PARTITION * shards]),
        ("stream, one shard", [PARTITION, a_second(batch, parallel, DISPATCHING)]),
        ("event bus", [2 * stack, EVENTS]),
        ("ledger function", [credited, a_second(10, settling, CREDITING)]),
        // Two units for each entry, and two for the balance of ten of them.
        ("ledger table", [credited * 22 / 10, NEW_TABLE]),
        ("one user's balance", [0, PARTITION * 10 / 22]),
        ("queue, in flight", [most * LONGEST_IN_QUEUE.as_secs(), IN_FLIGHT]),
    ]
    .into()
}

#[test]
fn nothing_is_admitted_that_cannot_be_carried() {
    for (name, [admitted, ceiling]) in ceilings() {
        assert!(admitted <= ceiling, "{name}: {admitted} of {ceiling}");
    }
}

/// The rows of the page's table: name, admitted, ceiling.
fn documented() -> BTreeMap<String, [u64; 2]> {
    let page = std::fs::read_to_string(bundle::project_file("docs/capacity.md")).expect("a page");
    let rows = page.lines().skip_while(|line| !line.starts_with("| what |")).skip(2);
    let number = |cell: &str| cell.trim().replace(',', "").parse().unwrap_or_default();
    rows.take_while(|line| line.starts_with('|'))
        .map(|line| {
            let cells: Vec<_> = line.split('|').collect();
            let [_, name, admitted, ceiling, ..] = cells[..] else { panic!("cells: {line}") };
            (name.trim().to_owned(), [number(admitted), number(ceiling)])
        })
        .collect()
}

#[test]
fn the_page_says_what_is_computed() {
    let computed: BTreeMap<_, _> =
        ceilings().into_iter().map(|(name, rates)| (name.to_owned(), rates)).collect();
    assert_eq!(documented(), computed);
}
