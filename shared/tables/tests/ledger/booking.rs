//! An entry and its balance: once, exactly, or not at all.

use tables::ledger::{BookingError, BookingOutcome, Entry};

use crate::support::{Harness, amount, entry};

#[tokio::test]
async fn an_entry_counts_once_however_often_it_is_booked() {
    let harness = Harness::new().await;
    let first = entry("u", "1", "12.50");
    assert_eq!(harness.ledger.book(&first).await, Ok(BookingOutcome::New));
    for _ in 0..3 {
        assert_eq!(harness.ledger.book(&first).await, Ok(BookingOutcome::Before));
    }
    assert_eq!(harness.shows("u").await, ["p coins 12.5", "credit coins 12.5"]);
    assert_eq!(harness.ledger.book(&entry("u", "2", "12.50")).await, Ok(BookingOutcome::New));
    assert_eq!(harness.shows("u").await[0], "p coins 25");
}

#[tokio::test]
async fn sums_are_exact() {
    let harness = Harness::new().await;
    for (user, amounts, sum) in [
        ("tenths", vec!["0.1", "0.2"], "0.3"),
        ("cents", vec!["0.01"; 100], "1"),
        ("nothing", vec!["2.50", "-2.5"], "0"),
        ("below", vec!["1", "-100.01"], "-99.01"),
        ("past f64", vec!["9007199254740993", "0.01"], "9007199254740993.01"),
        ("long", vec!["9999999999999999999999999999", "1"], "10000000000000000000000000000"),
        (
            "38 digits",
            vec!["9999999999999999999999999999", "0.0000000001"],
            "9999999999999999999999999999.0000000001",
        ),
        ("small", vec!["0.0000000000000000000000000001"; 2], "0.0000000000000000000000000002"),
        ("trailing", vec!["1e2", "2.00"], "102"),
    ] {
        for (i, coins) in amounts.into_iter().enumerate() {
            let booked = harness.ledger.book(&entry(user, &i.to_string(), coins)).await;
            assert_eq!(booked, Ok(BookingOutcome::New), "{user} {coins}");
        }
        assert_eq!(harness.shows(user).await[0], format!("p coins {sum}"));
    }
}

#[tokio::test]
async fn a_balance_that_no_number_can_hold_is_impossible_and_changes_nothing() {
    let harness = Harness::new().await;
    let largest = entry("u", "1", "9999999999999999999999999999");
    assert_eq!(harness.ledger.book(&largest).await, Ok(BookingOutcome::New));
    let before = harness.shows("u").await;
    let smallest = entry("u", "2", "0.0000000000000000000000000001");
    for _ in 0..2 {
        assert_eq!(harness.ledger.book(&smallest).await, Err(BookingError::Impossible));
    }
    assert_eq!(harness.shows("u").await, before);
    // What was booked before is so, whatever else its transaction would run into.
    assert_eq!(harness.ledger.book(&largest).await, Ok(BookingOutcome::Before));
}

#[tokio::test]
async fn keys_that_dynamodb_does_not_take_are_impossible() {
    let harness = Harness::new().await;
    for unfit in [
        Entry { user: String::new(), ..entry("u", "1", "1") },
        Entry { user: "x".repeat(2049), ..entry("u", "1", "1") },
        Entry { identity: "x".repeat(998), ..entry("u", "1", "1") },
        Entry { unit: "x".repeat(1025), ..entry("u", "1", "1") },
    ] {
        assert_eq!(harness.ledger.book(&unfit).await, Err(BookingError::Impossible), "{unfit:?}");
    }
    let longest =
        Entry { identity: "x".repeat(997), unit: "y".repeat(1000), ..entry("u", "1", "1") };
    assert_eq!(harness.ledger.book(&longest).await, Ok(BookingOutcome::New));
}

#[tokio::test]
async fn what_differs_in_user_provider_or_unit_is_kept_apart() {
    let harness = Harness::new().await;
    let first = entry("u", "1", "1");
    for other in [
        first.clone(),
        Entry { user: "v".to_owned(), ..first.clone() },
        Entry { provider: "q".to_owned(), ..first.clone() },
        Entry { identity: "2".to_owned(), unit: "xp".to_owned(), ..first.clone() },
        Entry { identity: "3".to_owned(), unit: "xp#coins".to_owned(), ..first.clone() },
        Entry { provider: "p#xp".to_owned(), amount: amount("5"), ..first.clone() },
    ] {
        assert_eq!(harness.ledger.book(&other).await, Ok(BookingOutcome::New), "{other:?}");
    }
    assert_eq!(
        harness.shows("u").await[..5],
        ["p coins 1", "p xp 1", "p xp#coins 1", "p#xp coins 5", "q coins 1"]
    );
    assert_eq!(harness.shows("v").await, ["p coins 1", "credit coins 1"]);
}
