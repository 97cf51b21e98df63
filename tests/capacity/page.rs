//! `docs/capacity.md` says what is computed.

use std::collections::BTreeMap;

use crate::ceilings::{Admitted, Ceiling};

fn page() -> String {
    std::fs::read_to_string(bundle::project_file("docs/capacity.md")).expect("a page")
}

/// The rows of the table that begins with `head`, by their first cells.
fn rows(head: &str) -> BTreeMap<String, Vec<String>> {
    let page = page();
    let rows = page.lines().skip_while(|line| !line.starts_with(head)).skip(2);
    let cells = |line: &str| -> Vec<String> {
        line.trim_matches('|').split('|').map(|cell| cell.trim().to_owned()).collect()
    };
    rows.take_while(|line| line.starts_with('|'))
        .map(|line| {
            let mut cells = cells(line);
            (cells.remove(0), cells)
        })
        .collect()
}

/// With a comma between thousands.
fn number(number: u64) -> String {
    if number < 1_000 {
        return number.to_string();
    }
    format!("{},{:03}", self::number(number / 1_000), number % 1_000)
}

fn milliseconds(time: Option<u64>) -> String {
    time.map_or_else(String::new, |time| format!("{} ms", number(time)))
}

#[test]
fn the_page_says_what_is_admitted_and_carried() {
    let row = |(name, Ceiling { admitted, carried, up_to_ms }): (&str, Ceiling)| {
        let cells = [number(admitted), number(carried), milliseconds(up_to_ms)];
        (name.to_owned(), cells.to_vec())
    };
    let computed: BTreeMap<_, _> = Admitted::read().ceilings().into_iter().map(row).collect();
    let mut documented = rows("| what |");
    // The last cell says which figure it is.
    assert!(documented.values_mut().all(|cells| cells.pop().is_some_and(|it| !it.is_empty())));
    for (name, cells) in &computed {
        println!("| {name} | {} |", cells.join(" | "));
    }
    assert_eq!(documented, computed);
}

#[test]
fn the_page_says_how_slow_third_parties_may_be() {
    let row = |(name, [rate, up_to]): (&str, [u64; 2])| {
        (name.to_owned(), vec![number(rate), milliseconds(Some(up_to))])
    };
    let computed: BTreeMap<_, _> = Admitted::read().third_parties().into_iter().map(row).collect();
    assert_eq!(rows("| settler |"), computed);
}

#[test]
fn the_page_says_what_a_new_table_carries() {
    let carried = Admitted::read().new_table_carries();
    assert!(
        page().contains(&format!("A new table carries {carried} a second of every route")),
        "{carried}"
    );
}
