//! A ledger to test, and short ways of asking it.

use tables::ledger::{Entry, Ledger, Reversal};
use test_support::tables::statement_lines;
use test_support::{Tables, settings};
use verify::Amount;

/// A ledger of one's own.
pub(crate) struct Harness {
    pub(crate) tables: Tables,
    pub(crate) ledger: Ledger,
}

impl Harness {
    pub(crate) async fn new() -> Self {
        let tables = Tables::serve().await;
        let ledger = at(tables.url());
        Self { tables, ledger }
    }

    /// The user's balances and entries, one line each: `PROVIDER UNIT AMOUNT` and `KIND UNIT AMOUNT`.
    pub(crate) async fn shows(&self, user: &str) -> Vec<String> {
        statement_lines(&self.ledger.statement(user).await.expect("a statement"))
    }
}

/// The ledger behind `url`.
pub(crate) fn at(url: &str) -> Ledger {
    Ledger::connect(&settings("DYNAMODB", url)).expect("configured")
}

pub(crate) fn amount(text: &str) -> Amount {
    Amount::parse(text).expect("an amount")
}

/// An entry of `user`'s for so many `coins` of the provider `p`.
pub(crate) fn entry(user: &str, identity: &str, coins: &str) -> Entry {
    Entry {
        user: user.to_owned(),
        identity: identity.to_owned(),
        provider: "p".to_owned(),
        kind: "credit".to_owned(),
        unit: "coins".to_owned(),
        amount: amount(coins),
        callback: format!("p#callback#{identity}"),
        at: "2026-11-21T18:00:00.000Z".to_owned(),
    }
}

/// The reversal of what `user` got for an offer.
pub(crate) fn reversal(user: &str) -> Reversal {
    Reversal {
        user: user.to_owned(),
        identity: "reversal".to_owned(),
        provider: "p".to_owned(),
        kind: "debit".to_owned(),
        callback: "p#callback#reversal".to_owned(),
        at: "2026-11-21T19:00:00.000Z".to_owned(),
    }
}
