//! Redeems AppVirality's rewards: asks whether a reward is approved, credits it, and tells AppVirality
//! that it is redeemed.
//!
//! # Layout
//!
//! | module | what it is |
//! | --- | --- |
//! | `redemption` | the steps of an attempt, in the order in which nothing is lost or done twice |
//! | [`decision`] | what is to be done about a detail, after what AppVirality says of it |
//! | [`conclusion`] | what an attempt comes to, and when the next one is |
//! | [`claims`] | what keeps one reward from being paid to two people |
//! | [`steps`] | what came of each detail, as the record keeps it |
//! | [`api`] | the two calls of AppVirality's API |
//! | [`reply`] | what the API answers |
//!
//! # Limits
//!
//! * The account in the ledger is the name that identifies the recipient, as it stands in the hook, so
//!   that a statement can be asked for by it; an e-mail address in its one spelling. A `participantid` of
//!   `5` and a `storeuserid` of `5` share an account, but each is credited what is theirs.
//! * A user whose `storeuserid` is filled in between two hooks for one reward is credited once, under
//!   the name in whichever hook is settled first.
//! * A `rewarddtlid` pays one person per role. Who comes second is left to a person, also where the first
//!   hook was forged and the second is the genuine one.
//! * AppVirality says one amount per id. Where two people have rewards of one id and of different
//!   amounts, the one whose amount it does not say is left to a person.
//! * A reward that is no coupon, that was not credited here and that AppVirality calls `Rewarded` was
//!   redeemed by somebody else, and is left to a person.
//! * The parts of a reward that have to wait for a person are a dead letter only once all other parts
//!   are settled, or the time for that is up.

pub mod api;
pub mod claims;
pub mod conclusion;
pub mod decision;
mod redemption;
pub mod reply;
pub mod steps;

use appvirality::{RewardHook, Role};
use jiff::Timestamp;
use settings::{ConfigError, Settings};
use settlement::outbound::Breaker;
use settlement::{Attempt, Record, Settle, Verdict, later};
use tables::callbacks::{
    AttemptNumber, BeginOutcome, Notes, Progress, Reason, State, Store, TableError,
};
use tables::ledger::Ledger;
use tokio::time::Instant;
use verify::{HeldReason, Object};

use crate::api::Api;
use crate::conclusion::{Count, Recheck, pause_after_trouble};
use crate::decision::Coupons;
use crate::redemption::Redeeming;
use crate::steps::NOTE;

/// Settles rewards that AppVirality has to be told of.
#[derive(Debug)]
pub struct Redemption {
    api: Api,
    ledger: Ledger,
    store: Store,
    recheck: Recheck,
    coupons: Coupons,
    breaker: Breaker,
}

impl Redemption {
    /// Takes the settings `UPSTREAM_URL`, `API_SECRET` or `API_KEYS`, `RECHECK_DAYS`, `REDEEM_COUPONS`,
    /// `LEDGER_TABLE` and `CALLBACKS_TABLE`.
    pub fn configure(settings: &Settings) -> Result<Self, ConfigError> {
        Ok(Self {
            api: Api::configure(settings)?,
            ledger: Ledger::connect(settings)?,
            store: Store::connect(settings)?,
            recheck: Recheck::configure(settings)?,
            coupons: Coupons::configure(settings)?,
            breaker: Breaker::default(),
        })
    }

    /// One attempt at a reward of `role`.
    async fn attempt(&self, attempt: &Attempt, role: Role) -> Result<Verdict, TableError> {
        if let Some(verdict) = self.breaker.leaves_alone(&self.store, attempt).await {
            return Ok(verdict);
        }
        let random = attempt.random;
        let begun = self.store.begin(&attempt.record.id, attempt.now, random).await?;
        let (number, noted) = match begun {
            BeginOutcome::Go { attempts, noted, .. } => (attempts, noted),
            BeginOutcome::Leased(after) => {
                return Ok(Verdict::Again { after, reason: Reason::Leased });
            }
            BeginOutcome::Ended(_) => return Ok(Verdict::Done),
            // It was kept for less long than the review took. What is credited once, the ledger knows.
            BeginOutcome::NoRecord => (attempt.receives, Notes::default()),
        };
        let count = Count { number, random };
        Ok(match self.redeem(attempt, role, count, &noted).await {
            Ok(verdict) => verdict,
            Err(unavailable) => self.again(attempt, Some(count.counted()), unavailable).await,
        })
    }

    /// The attempt, once it has begun.
    async fn redeem(
        &self,
        attempt: &Attempt,
        role: Role,
        count: Count,
        noted: &Notes,
    ) -> Result<Verdict, TableError> {
        let (record, now) = (&attempt.record, attempt.now);
        let (hook, received_at) = match read(record, role) {
            Ok(read) => read,
            Err(reason) => {
                let dead = Progress {
                    attempt: Some(count.counted()),
                    ..Progress::because(State::Dead, reason)
                };
                self.store.finish(&record.id, now, &dead).await?;
                return Ok(Verdict::DeadLetter { reason });
            }
        };
        let steps = steps::read(noted.get(NOTE), hook.details.len());
        let redeeming = Redeeming {
            redemption: self,
            attempt,
            hook: &hook,
            received_at,
            steps,
            answer: None,
            count,
            started: Instant::now(),
        };
        redeeming.run().await
    }
}

impl Settle for Redemption {
    async fn settle(&self, attempts: &[Attempt]) -> Vec<Verdict> {
        let mut verdicts = Vec::with_capacity(attempts.len());
        for attempt in attempts {
            verdicts.push(self.settle_one(attempt).await);
        }
        verdicts
    }
}

impl Redemption {
    async fn settle_one(&self, attempt: &Attempt) -> Verdict {
        let record = &attempt.record;
        if record.provider != "appvirality" || record.held {
            return Verdict::Done;
        }
        let done = match Role::of_kind(&record.kind).filter(|_| !record.test) {
            Some(role) => self.attempt(attempt, role).await,
            // A conversion; a person may have accepted it, and waits for its end.
            None => self.store.end_accepted(&record.id, attempt.now).await.map(|()| Verdict::Done),
        };
        match done {
            Ok(verdict) => verdict,
            Err(unavailable) => self.again(attempt, None, unavailable).await,
        }
    }

    /// Another attempt, because DynamoDB is not to be had; `number` is of this one, where the record has counted it.
    async fn again(
        &self,
        attempt: &Attempt,
        number: Option<AttemptNumber>,
        unavailable: TableError,
    ) -> Verdict {
        let count = Count { number: attempt.receives, random: attempt.random };
        let after = pause_after_trouble(None, count);
        // It may be the other table that is not to be had.
        let retrying = Progress { attempt: number, ..Progress::to(State::Retrying) };
        later(&self.store, attempt, retrying, after, unavailable.reason()).await
    }
}

/// The hook that `record` keeps, and when it was received; or why nothing can be done about it, also once
/// a person has accepted it.
fn read(record: &Record, role: Role) -> Result<(RewardHook, Timestamp), Reason> {
    let payload = Object::parse(record.payload.as_bytes()).map_err(|_| Reason::Unreadable)?;
    let hook = RewardHook::parse(role, &payload).map_err(|_| Reason::Unreadable)?;
    if hook.details.is_empty() {
        return Err(HeldReason::NoDetails.into());
    }
    Ok((hook, record.received_at.parse().map_err(|_| Reason::Unreadable)?))
}
