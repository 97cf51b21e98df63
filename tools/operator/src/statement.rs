//! `statement`: a user's balances and entries.

use clap::Args;
use tables::ledger::Statement as Balances;
use terminal::visible;

use crate::error::Error;
use crate::part::whole;
use crate::stack::Stack;

/// The options of `statement`.
#[derive(Debug, Args)]
pub struct Statement {
    /// The user, as the provider names them
    #[arg(value_parser = whole)]
    user: String,
}

impl Statement {
    /// The statement as it is to be printed.
    pub async fn run(&self, stack: &Stack, json: bool) -> Result<String, Error> {
        let ledger = stack.ledger()?;
        let statement = ledger.statement(&self.user).await.map_err(|error| Error::Service {
            service: "DynamoDB",
            problem: error.to_string(),
            at: stack.address("DynamoDB"),
        })?;
        if json {
            return Ok(terminal::json(&statement)?);
        }
        Ok(table(&self.user, &statement))
    }
}

/// The statement for reading.
fn table(user: &str, statement: &Balances) -> String {
    let mut text = format!("{}\n\n", visible(user));
    if statement.balances.is_empty() && statement.entries.is_empty() {
        text.push_str("Nothing is booked.");
        return text;
    }
    let balances = statement.balances.iter();
    let balances: Vec<_> = balances
        .map(|balance| [&balance.provider, &balance.amount, &balance.unit].map(String::clone))
        .collect();
    let entries = statement.entries.iter();
    let entries: Vec<_> = entries
        .map(|line| {
            [&line.at, &line.provider, &line.kind, &line.amount, &line.unit, &line.callback]
                .map(String::clone)
        })
        .collect();
    text += &terminal::table(["Provider", "Balance", "Unit"], Some("Balance"), &balances);
    text.push('\n');
    let headings = ["Received", "Provider", "Kind", "Amount", "Unit", "Callback"];
    text += &terminal::table(headings, Some("Amount"), &entries);
    text.trim_end().to_owned()
}

#[cfg(test)]
mod tests {
    use tables::ledger::statement::{Balance, Line};

    use super::*;

    #[test]
    fn a_statement_is_two_tables() {
        let text = |text: &str| text.to_owned();
        let line = |amount: &str, kind: &str| Line {
            at: text("2026-08-01T12:00:00.000Z"),
            provider: text("inbrain"),
            kind: text(kind),
            unit: text("points"),
            amount: text(amount),
            callback: text("inbrain#1"),
        };
        let balance =
            Balance { provider: text("inbrain"), unit: text("points"), amount: text("100.5") };
        let statement = Balances {
            balances: vec![balance],
            entries: vec![line("-20", "offer_completion_reversed"), line("120.5", "ad_hoc")],
        };
        let expected = "\
u

Provider  Balance  Unit
inbrain     100.5  points

Received                  Provider  Kind                       Amount  Unit    Callback
2026-08-01T12:00:00.000Z  inbrain   offer_completion_reversed     -20  points  inbrain#1
2026-08-01T12:00:00.000Z  inbrain   ad_hoc                      120.5  points  inbrain#1";
        assert_eq!(table("u", &statement), expected);
        assert_eq!(table("u", &Balances::default()), "u\n\nNothing is booked.");
    }

    #[test]
    fn nothing_of_a_statement_steers_the_terminal() {
        let hostile = "u\u{9b}31m\u{202e}\n";
        let line = Line {
            at: "2026-08-01T12:00:00.000Z".to_owned(),
            provider: "giveaway".to_owned(),
            kind: hostile.to_owned(),
            unit: hostile.to_owned(),
            amount: "1".to_owned(),
            callback: "giveaway#1".to_owned(),
        };
        let statement = Balances { balances: Vec::new(), entries: vec![line] };
        let said = table(hostile, &statement);
        assert!(said.chars().all(|c| c == '\n' || (' '..='~').contains(&c)), "{said:?}");
        assert!(said.starts_with(r"u\u{9b}31m\u{202e}\u{a}"), "{said}");
    }
}
