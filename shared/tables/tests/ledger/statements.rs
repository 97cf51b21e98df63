//! What a user is shown.

use serde_json::json;
use tables::ledger::{Entry, Statement};

use crate::support::{Harness, entry, reversal};

#[tokio::test]
async fn a_statement_has_the_balances_and_then_the_entries_newest_first() {
    let harness = Harness::new().await;
    for (identity, at, unit, coins) in [
        ("1", "2026-11-21T18:00:00.000Z", "coins", "100"),
        ("3", "2027-01-01T00:00:00.000Z", "xp", "0.50"),
        ("2", "2026-11-21T18:00:00.001Z", "coins", "-1.00"),
        ("0", "2026-11-21T18:00:00.000Z", "coins", "1"),
    ] {
        let (at, unit) = (at.to_owned(), unit.to_owned());
        let booked = Entry { at, unit, ..entry("u", identity, coins) };
        harness.ledger.book(&booked).await.expect("booked");
    }
    // Neither a reversal that waits nor another user is in it.
    harness.ledger.reverse("o", &reversal("u")).await.expect("noted");
    harness.ledger.book(&entry("v", "1", "9")).await.expect("booked");

    let line = |at: &str, unit: &str, amount: &str, identity: &str| {
        json!({"at": at, "provider": "p", "kind": "credit", "unit": unit, "amount": amount,
            "callback": format!("p#callback#{identity}")})
    };
    let statement = harness.ledger.statement("u").await.expect("a statement");
    assert_eq!(
        serde_json::to_value(&statement).expect("JSON"),
        json!({
            "balances": [
                {"provider": "p", "unit": "coins", "amount": "100"},
                {"provider": "p", "unit": "xp", "amount": "0.5"},
            ],
            "entries": [
                line("2027-01-01T00:00:00.000Z", "xp", "0.5", "3"),
                line("2026-11-21T18:00:00.001Z", "coins", "-1", "2"),
                line("2026-11-21T18:00:00.000Z", "coins", "1", "0"),
                line("2026-11-21T18:00:00.000Z", "coins", "100", "1"),
            ],
        })
    );
}

#[tokio::test]
async fn nobody_has_an_empty_statement() {
    let harness = Harness::new().await;
    for user in ["nobody", ""] {
        assert_eq!(harness.ledger.statement(user).await, Ok(Statement::default()));
    }
}

#[tokio::test]
async fn a_long_statement_is_read_to_its_end() {
    let harness = Harness::new().await;
    // A page has at most 1 MB.
    for i in 0..5 {
        let mut long = entry("u", &i.to_string(), "1");
        long.callback = "c".repeat(300_000);
        harness.ledger.book(&long).await.expect("booked");
    }
    let statement = harness.ledger.statement("u").await.expect("a statement");
    assert_eq!(statement.entries.len(), 5);
    assert_eq!(statement.balances[0].amount, "5");
}
