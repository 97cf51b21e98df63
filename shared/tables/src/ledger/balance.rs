//! A balance as it is.

use crate::callbacks::{Booked, TableError};
use crate::ledger::decimal::plain;
use crate::ledger::item::{self, BALANCE, digits_of};
use crate::ledger::{Entry, Ledger};

impl Ledger {
    /// What `entry`, which is booked, says on its callback's record: the balance that it belongs to, as it is now.
    /// What was booked meanwhile is in it.
    pub async fn booked(&self, entry: &Entry) -> Result<Booked, TableError> {
        let key = item::key(&entry.user, BALANCE, &entry.provider, &entry.unit);
        let get = self
            .client
            .get_item()
            .table_name(&self.table)
            .set_key(Some(key))
            .consistent_read(true)
            .projection_expression("amount, entries");
        let got = get.send().await.map_err(|error| TableError::of(&error))?;
        let item = got.item.ok_or(TableError::Failed)?;
        let balance = digits_of(&item, "amount").and_then(plain).ok_or(TableError::Failed)?;
        let entries = digits_of(&item, "entries").and_then(|count| count.parse().ok());
        Ok(Booked {
            amount: entry.amount,
            unit: entry.unit.clone(),
            balance,
            entries: entries.ok_or(TableError::Failed)?,
        })
    }
}
