//! What was set for `AppVirality`'s rewards, and which of them were redeemed, as rows.

use std::collections::HashSet;

use rusqlite::{Connection, OptionalExtension as _, Result, named_params};
use serde::Deserialize;
use serde_json::value::RawValue;
use verify::Amount;

/// The states of a reward, as the provider documents them.
pub const STATUSES: [&str; 5] = ["Approved", "Rejected", "Suspicious", "UnderReview", "Rewarded"];

/// What was set for a reward; what is absent was not.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Set {
    /// `reward_status`.
    pub status: Option<String>,
    /// `amount`.
    pub amount: Option<String>,
    /// `rewardunit`.
    pub unit: Option<String>,
}

impl Set {
    /// Reads `{"reward_status":"UnderReview","amount":"10","rewardunit":"Coins"}`, each optional.
    ///
    /// # Errors
    ///
    /// What is wrong with it.
    pub fn parse(body: &[u8]) -> std::result::Result<Self, String> {
        #[derive(Deserialize)]
        #[serde(deny_unknown_fields)]
        struct Body<'a> {
            reward_status: Option<String>,
            #[serde(borrow)]
            amount: Option<&'a RawValue>,
            rewardunit: Option<String>,
        }
        let body: Body<'_> = serde_json::from_slice(body).map_err(|error| error.to_string())?;
        let status = body.reward_status;
        if status.as_ref().is_some_and(|status| !STATUSES.contains(&status.as_str())) {
            return Err(format!("reward_status is none of {}", STATUSES.join(", ")));
        }
        // A number by its own digits.
        let amount = body.amount.map(|amount| amount.get().trim_matches('"').to_owned());
        if amount.as_ref().is_some_and(|amount| Amount::parse(amount).is_none()) {
            return Err("amount is no decimal number".to_owned());
        }
        Ok(Self { status, amount, unit: body.rewardunit })
    }
}

/// The ids of the rewards that something was set for.
pub fn ids(db: &Connection) -> Result<Vec<String>> {
    let mut ids = db.prepare_cached("SELECT rewarddtlid FROM rewards")?;
    ids.query_map([], |row| row.get(0))?.collect()
}

/// What was set for the reward `id`.
pub fn read(db: &Connection, id: &str) -> Result<Option<Set>> {
    db.prepare_cached("SELECT reward_status, amount, unit FROM rewards WHERE rewarddtlid = ?1")?
        .query_row([id], |row| {
            Ok(Set { status: row.get(0)?, amount: row.get(1)?, unit: row.get(2)? })
        })
        .optional()
}

/// Sets what `set` has for the reward `id`. With a status, nobody has redeemed it any more.
pub fn write(db: &Connection, id: &str, set: &Set) -> Result<()> {
    let Set { status, amount, unit } = set;
    db.prepare_cached(
        "INSERT INTO rewards VALUES (:id, :status, :amount, :unit)
         ON CONFLICT (rewarddtlid) DO UPDATE SET
             reward_status = COALESCE(:status, reward_status),
             amount = COALESCE(:amount, amount),
             unit = COALESCE(:unit, unit)",
    )?
    .execute(named_params! {":id": id, ":status": status, ":amount": amount, ":unit": unit})?;
    if status.is_some() {
        db.execute("DELETE FROM redemptions WHERE rewarddtlid = ?1", [id])?;
    }
    Ok(())
}

/// Notes that `owner` redeemed the reward `id`.
pub fn redeem(db: &Connection, id: &str, owner: &str) -> Result<()> {
    db.prepare_cached("INSERT OR IGNORE INTO redemptions VALUES (?1, ?2)")?.execute([id, owner])?;
    Ok(())
}

/// Who redeemed the reward `id`.
pub fn redeemed(db: &Connection, id: &str) -> Result<HashSet<String>> {
    let mut owners =
        db.prepare_cached("SELECT recipient FROM redemptions WHERE rewarddtlid = ?1")?;
    owners.query_map([id], |row| row.get(0))?.collect()
}
