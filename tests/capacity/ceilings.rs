//! Ceilings on the way of a callback, and what the template admits. Where a time goes into a ceiling, up to which one it
//! holds.

use std::collections::BTreeMap;

use bundle::provider::PROVIDERS;
use bundle::template::Template;
use schedule::send::PACE;
use tables::callbacks::due::LONGEST_IN_QUEUE;

use crate::figures as aws;
use crate::sending::{read_a_second, reconciled_a_second, released_a_second};
use crate::units::{HELD, RECEIVED, SETTLED};

/// How long things take, in calls of ten milliseconds: a callback is one; ten credits are two reads, a transaction and a
/// write; 100 records of the stream are ten calls to SQS beside ten to EventBridge, and reading them.
const RECEIVING_MS: u64 = aws::CALL_MS;
const CREDITING_MS: u64 = 4 * aws::CALL_MS;
const DISPATCHING_MS: u64 = 33 * aws::CALL_MS;

/// Records a second that are to be sent again without a person.
const SENT_AGAIN: u64 = 1_000;

/// The shards of a new table's stream, one for each partition.
const STREAM_SHARDS: u64 = aws::NEW_TABLE / aws::PARTITION;

/// Bytes of a record's entry in `by_day`, generously.
const ENTRY: u64 = 400;

/// What is admitted and what can be carried.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Ceiling {
    pub(crate) admitted: u64,
    pub(crate) carried: u64,
    /// Up to how many milliseconds it holds, where it depends on a time.
    pub(crate) up_to_ms: Option<u64>,
}

/// What the template and the code say.
pub(crate) struct Admitted {
    template: Template,
    /// Callbacks a second of one route.
    pub(crate) rate: u64,
}

impl Admitted {
    pub(crate) fn read() -> Self {
        let template = Template::read(&bundle::project_file("template.yaml")).expect("a template");
        let rate = default(&template, "ThrottleRate");
        Self { template, rate }
    }

    fn parameter(&self, name: &str) -> u64 {
        default(&self.template, name)
    }

    fn routes(provider: &str) -> u64 {
        let entry = PROVIDERS.iter().find(|entry| entry.name == provider).expect("a provider");
        u64::try_from(entry.routes().len()).expect("few")
    }

    /// Callbacks a second of all routes, and of the provider that has most of them.
    fn stack(&self) -> u64 {
        PROVIDERS.iter().map(|entry| self.rate * Self::routes(entry.name)).sum()
    }

    fn most(&self) -> u64 {
        PROVIDERS.iter().map(|it| self.rate * Self::routes(it.name)).max().expect("providers")
    }

    /// Callbacks a second that the ledger has to settle.
    fn credited(&self) -> u64 {
        self.rate * (Self::routes("inbrain") + Self::routes("claimr"))
    }

    /// The settlers that call a third party, the callbacks a second that they may get, and up to how many milliseconds
    /// one may take so that they keep up. Two of AppVirality's five hooks are not settled.
    pub(crate) fn third_parties(&self) -> BTreeMap<&'static str, [u64; 2]> {
        let at_once = 10 * self.parameter("SettlementConcurrency");
        let settlers = [
            ("appvirality-redemption", Self::routes("appvirality") - 2),
            ("devtodev-delivery", Self::routes("devtodev")),
            ("giveaway-delivery", Self::routes("giveaway")),
        ];
        let sustained = |routes| [self.rate * routes, at_once * 1_000 / (self.rate * routes)];
        settlers.map(|(settler, routes)| (settler, sustained(routes))).into()
    }

    /// Write units a second of the callbacks table with all that settles it.
    fn written(&self) -> u64 {
        let parties = self.third_parties();
        let called: u64 = parties.values().map(|[rate, _]| rate * SETTLED[0]).sum();
        // A redemption notes what it did before it is done.
        let noted = parties["appvirality-redemption"][0];
        self.stack() * RECEIVED[0] + self.credited() + called + noted
    }

    /// Callbacks a second of each route at once that a new table carries with what settles them.
    pub(crate) fn new_table_carries(&self) -> u64 {
        aws::NEW_TABLE * self.rate / self.written()
    }

    /// All ceilings.
    pub(crate) fn ceilings(&self) -> BTreeMap<&'static str, Ceiling> {
        let (stack, most, credited) = (self.stack(), self.most(), self.credited());
        let settling = self.parameter("SettlementConcurrency");
        let parallel = self.parameter("DispatchParallelization");
        let burst = self.rate + self.parameter("ThrottleBurst");
        let batch = self.parameter("DispatchBatchSize");
        let settlers = 1 + u64::try_from(self.third_parties().len()).expect("few");
        let executions = |rate: u64| rate.div_ceil(1_000 / RECEIVING_MS);
        let called: u64 = self.third_parties().values().map(|[rate, _]| rate).sum();
        let polled = aws::STREAM_RECORDS * aws::STREAM_POLLS;
        let is = |admitted, carried| Ceiling { admitted, carried, up_to_ms: None };
        // So many things at once, each of so many callbacks.
        let timed = |admitted, things: u64, took_ms| Ceiling {
            admitted,
            carried: things * 1_000 / took_ms,
            up_to_ms: Some(things * 1_000 / admitted),
        };
        let read = read_a_second(aws::CALL_MS) * f64::from(u32::try_from(ENTRY).expect("few"));
        [
            ("API, account", is(stack, aws::API)),
            ("API, account in a small region", is(stack, aws::API_SMALL_REGION)),
            ("API, a second of bursts", is(burst * stack / self.rate, aws::API + aws::API_BUCKET)),
            (
                "Lambda, receiving",
                Ceiling {
                    up_to_ms: Some(aws::EXECUTIONS * 1_000 / stack),
                    ..is(executions(stack), aws::EXECUTIONS)
                },
            ),
            (
                "Lambda, a burst on one function",
                Ceiling {
                    up_to_ms: Some(aws::NEW_ENVIRONMENTS * 1_000 / (burst * most / self.rate)),
                    ..is(executions(burst * most / self.rate), aws::NEW_ENVIRONMENTS)
                },
            ),
            (
                "Lambda, all functions",
                is(
                    executions(stack) + STREAM_SHARDS * parallel + settlers * settling + 1,
                    aws::EXECUTIONS,
                ),
            ),
            ("callbacks table, receiving", is(stack * RECEIVED[0], aws::NEW_TABLE)),
            ("callbacks table, settling too", is(self.written(), aws::GROWN_TABLE)),
            (
                "index by_day, one provider",
                is(most * RECEIVED[1], aws::PARTITION * self.parameter("IndexShards")),
            ),
            ("index by_day, all", is(stack * RECEIVED[1], aws::NEW_TABLE)),
            ("index by_attention, all held", is(stack * HELD[2], aws::NEW_TABLE)),
            ("index by_due, all third parties down", is(called + u64::from(PACE), aws::NEW_TABLE)),
            (
                "reads of by_day, one partition",
                is(whole(read / 2.0 / 4_096.0), aws::PARTITION_READS),
            ),
            ("stream, one shard", {
                let dispatched = timed(aws::PARTITION, batch * parallel, DISPATCHING_MS);
                Ceiling { carried: dispatched.carried.min(polled), ..dispatched }
            }),
            ("event bus, deliveries", is(2 * stack, aws::DELIVERED_EVENTS)),
            // Ten events a call, and a call for each invocation, which takes two calls at least.
            (
                "event bus, calls",
                is(
                    2 * stack / 10 + STREAM_SHARDS * parallel * 1_000 / (2 * aws::CALL_MS),
                    aws::PUT_EVENTS,
                ),
            ),
            ("ledger function", timed(credited, 10 * settling, CREDITING_MS)),
            // Two units for each entry, and two for the balance of ten of them.
            ("ledger table", is(credited * 22 / 10, aws::NEW_TABLE)),
            ("one user's balance", is(0, aws::PARTITION * 10 / 22)),
            ("queue, in flight", is(most * LONGEST_IN_QUEUE.as_secs(), aws::IN_FLIGHT)),
            ("queue, batches at once", is(settling, aws::FIRST_BATCHES)),
            ("schedule, lost", sent_again(reconciled_a_second)),
            ("schedule, due", sent_again(released_a_second)),
        ]
        .into()
    }
}

/// What is sent again a second, and up to which time of a call it is enough.
fn sent_again(rate: fn(u64) -> f64) -> Ceiling {
    let up_to_ms = (aws::CALL_MS..1_000).take_while(|ms| whole(rate(*ms)) >= SENT_AGAIN).last();
    Ceiling { admitted: SENT_AGAIN, carried: whole(rate(aws::CALL_MS)), up_to_ms }
}

fn default(template: &Template, name: &str) -> u64 {
    template.parameter(name).expect(name).parse().expect("a number")
}

fn whole(number: f64) -> u64 {
    format!("{:.0}", number.floor()).parse().expect("a whole number")
}

#[test]
fn nothing_is_admitted_that_cannot_be_carried() {
    for (name, Ceiling { admitted, carried, .. }) in Admitted::read().ceilings() {
        assert!(admitted <= carried, "{name}: {admitted} of {carried}");
    }
}
