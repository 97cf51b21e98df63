//! `cargo run -- statement`: a user's balances and entries.

use settings::ConfigError;
use tables::ledger::{Ledger, Statement as Balances, TableError};
use terminal::visible;

use crate::settle::on_this_machine;

/// The options of `statement`.
#[derive(Debug, clap::Args)]
pub struct Statement {
    /// The user, as the provider names them
    user: String,
    /// Print JSON
    #[arg(long)]
    json: bool,
    /// The port of the embedded DynamoDB of the running bundle
    #[arg(long, default_value_t = bundle::names::DYNAMODB_PORT)]
    dynamodb_port: u16,
}

/// Why there is no statement.
#[derive(Debug, thiserror::Error)]
pub enum StatementError {
    /// The ledger cannot be connected to.
    #[error(transparent)]
    ConfigError(#[from] ConfigError),
    /// It cannot be read.
    #[error(
        "{error}: is the bundle running, with its DynamoDB on port {port}? --dynamodb-port names another"
    )]
    Unavailable {
        /// What the table says.
        error: TableError,
        /// Where it was looked for.
        port: u16,
    },
    /// It cannot be printed.
    #[error("the statement cannot be printed: {0}")]
    Unprintable(#[from] serde_json::Error),
}

impl Statement {
    /// The statement as it is to be printed.
    pub async fn run(&self) -> Result<String, StatementError> {
        let port = self.dynamodb_port;
        let settings = on_this_machine(&format!("http://127.0.0.1:{port}"));
        let ledger = Ledger::connect(&settings.with("LEDGER_TABLE", "ledger"))?;
        let statement = ledger
            .statement(&self.user)
            .await
            .map_err(|error| StatementError::Unavailable { error, port })?;
        if self.json {
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
