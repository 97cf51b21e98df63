//! Completions and reversals, one after the other.

use tables::ledger::{BookingOutcome, Completed, Debit, Entry, Reversal, Reversed};

use crate::support::{Harness, amount, entry, reversal};

fn completed(booked: BookingOutcome, reversed: bool) -> Completed {
    Completed { booked, reversed_by: reversed.then(debit) }
}

/// What the reversal of 2.50 coins takes.
fn debit() -> Debit {
    Debit {
        callback: "p#callback#reversal".to_owned(),
        amount: amount("-2.50"),
        unit: "coins".to_owned(),
    }
}

#[tokio::test]
async fn a_reversal_after_its_completion_debits_it_once() {
    let harness = Harness::new().await;
    let gives = entry("u", "1", "2.50");
    for (expected, count) in [(BookingOutcome::New, 1), (BookingOutcome::Before, 2)] {
        let booked = harness.ledger.complete("o", &gives).await;
        assert_eq!(booked, Ok(completed(expected, false)), "{count}");
    }
    assert_eq!(harness.shows("u").await, ["p coins 2.5", "credit coins 2.5"]);
    for expected in [BookingOutcome::New, BookingOutcome::Before, BookingOutcome::Before] {
        let reversed = harness.ledger.reverse("o", &reversal("u")).await;
        assert_eq!(reversed, Ok(Reversed::Debited(expected, debit())));
    }
    // The completion once more: neither credited again nor debited again.
    assert_eq!(
        harness.ledger.complete("o", &gives).await,
        Ok(completed(BookingOutcome::Before, true))
    );
    assert_eq!(harness.shows("u").await, ["p coins 0", "debit coins -2.5", "credit coins 2.5"]);
}

#[tokio::test]
async fn a_reversal_before_its_completion_touches_no_balance_until_it_comes() {
    let harness = Harness::new().await;
    for _ in 0..3 {
        let reversed = harness.ledger.reverse("o", &reversal("u")).await;
        assert_eq!(reversed, Ok(Reversed::Pending));
    }
    assert!(harness.shows("u").await.is_empty());
    harness.ledger.book(&entry("u", "other", "10")).await.expect("booked");

    let gives = entry("u", "1", "2.50");
    assert_eq!(
        harness.ledger.complete("o", &gives).await,
        Ok(completed(BookingOutcome::New, true))
    );
    let shown = ["p coins 10", "debit coins -2.5", "credit coins 2.5", "credit coins 10"];
    assert_eq!(harness.shows("u").await, shown);
    assert_eq!(
        harness.ledger.complete("o", &gives).await,
        Ok(completed(BookingOutcome::Before, true))
    );
    assert_eq!(
        harness.ledger.reverse("o", &reversal("u")).await,
        Ok(Reversed::Debited(BookingOutcome::Before, debit()))
    );
    assert_eq!(harness.shows("u").await, shown);
}

#[tokio::test]
async fn entries_say_where_they_came_from_and_when() {
    let harness = Harness::new().await;
    for (user, reversal_first) in [("before", true), ("after", false)] {
        if reversal_first {
            harness.ledger.reverse("o", &reversal(user)).await.expect("noted");
        }
        harness.ledger.complete("o", &entry(user, "1", "3")).await.expect("booked");
        harness.ledger.reverse("o", &reversal(user)).await.expect("reversed");
        let statement = harness.ledger.statement(user).await.expect("a statement");
        let lines: Vec<_> = statement
            .entries
            .iter()
            .map(|line| [&line.at, &line.callback, &line.provider, &line.unit, &line.amount])
            .collect();
        assert_eq!(
            lines,
            [
                ["2026-11-21T19:00:00.000Z", "p#callback#reversal", "p", "coins", "-3"],
                ["2026-11-21T18:00:00.000Z", "p#callback#1", "p", "coins", "3"],
            ],
            "{user}"
        );
        assert_eq!(statement.balances.len(), 1, "{user}");
    }
}

#[tokio::test]
async fn a_reversal_meets_only_the_completion_of_its_own_offer_user_and_provider() {
    let harness = Harness::new().await;
    harness.ledger.complete("o", &entry("u", "1", "2")).await.expect("booked");
    // Booked under the same identity as an offer's, and no completion.
    harness.ledger.book(&entry("u", "p2", "5")).await.expect("booked");
    let before = harness.shows("u").await;
    for (offer, reversal) in [
        ("p", reversal("u")),
        ("p2", reversal("u")),
        ("O", reversal("u")),
        ("o", reversal("v")),
        ("o", Reversal { provider: "q".to_owned(), ..reversal("u") }),
    ] {
        let reversed = harness.ledger.reverse(offer, &reversal).await;
        assert_eq!(reversed, Ok(Reversed::Pending), "{offer} {reversal:?}");
    }
    assert_eq!(harness.shows("u").await, before);
    assert!(harness.shows("v").await.is_empty());
}

#[tokio::test]
async fn the_completion_says_how_much_is_taken_back() {
    let harness = Harness::new().await;
    for (user, coins, unit) in [
        ("a", "0.10", "IAC"),
        ("b", "9999999999999999999999999999", "coins"),
        ("c", "0.0000000000000000000000000001", "coins"),
        ("d", "1e2", "coins"),
    ] {
        let gives = Entry { unit: unit.to_owned(), ..entry(user, "1", coins) };
        harness.ledger.complete("o", &gives).await.expect("booked");
        harness.ledger.reverse("o", &reversal(user)).await.expect("reversed");
        let shown = harness.shows(user).await;
        assert_eq!(shown[0], format!("p {unit} 0"));
        let taken = shown[1].strip_prefix("debit ").expect("a debit").replace('-', "");
        assert_eq!(shown[2], format!("credit {taken}"));
    }
}
