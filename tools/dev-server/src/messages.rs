//! Messages in queues, as rows: each function is one step inside a transaction.
//!
//! Times are milliseconds since 1970.

use bundle::names;
use rusqlite::{Connection, OptionalExtension as _, Result, Row, named_params, params};

/// A message as it was received.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Message {
    /// `MessageId`.
    pub id: String,
    /// What whoever received it names it by until it is received again.
    pub receipt: String,
    /// The text that was sent.
    pub body: String,
    /// Its message attributes, a JSON object in the form of the SQS API.
    pub attributes: String,
    /// When it was sent.
    pub sent_at: i64,
    /// When it was received for the first time.
    pub first_received_at: i64,
    /// How often it was received, this time counted.
    pub receives: u32,
    /// When it can be received again, unless it is deleted.
    pub visible_at: i64,
    /// The queue in which it was received too often, where this is a dead-letter queue.
    pub died_in: Option<String>,
}

/// How messages are received.
#[derive(Debug, Clone, Copy)]
pub struct Receive<'a> {
    /// The logical id of the queue to receive from.
    pub queue: &'a str,
    /// How many at most.
    pub max: usize,
    /// How long nobody else sees them, in milliseconds.
    pub hidden_for: i64,
    /// Whether a function of this process works on them: nobody does any more once the process ends.
    pub worked_on: bool,
    /// The present, in milliseconds since 1970.
    pub now: i64,
}

/// Puts a message into `queue`, to be seen at `visible_at`; its id.
pub fn send(
    db: &Connection,
    queue: &str,
    body: &str,
    attributes: &str,
    now: i64,
    visible_at: i64,
) -> Result<String> {
    let id = names::uuid();
    db.prepare_cached(
        "INSERT INTO messages (queue, id, body, attributes, sent_at, visible_at)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
    )?
    .execute(params![queue, id, body, attributes, now, visible_at])?;
    Ok(id)
}

/// Moves what was received `limit` times and is to be received again to `dead_letters`; whether there
/// was any.
pub fn send_to_dead_letters(
    db: &Connection,
    queue: &str,
    dead_letters: &str,
    limit: u32,
    now: i64,
) -> Result<bool> {
    let moved = db
        .prepare_cached(
            "UPDATE messages SET queue = ?2, died_in = ?1, receipt = NULL, visible_at = ?4
             WHERE queue = ?1 AND visible_at <= ?4 AND receives >= ?3",
        )?
        .execute(params![queue, dead_letters, limit, now])?;
    Ok(moved > 0)
}

/// Takes messages that are visible, and hides them for the visibility timeout.
pub fn receive(db: &Connection, what: Receive<'_>) -> Result<Vec<Message>> {
    let mut numbers = db.prepare_cached(
        "SELECT number FROM messages WHERE queue = ?1 AND visible_at <= ?2
         ORDER BY visible_at, number LIMIT ?3",
    )?;
    let numbers = numbers
        .query_map(params![what.queue, what.now, what.max], |row| row.get(0))?
        .collect::<Result<Vec<i64>>>()?;
    let mut take = db.prepare_cached(
        "UPDATE messages SET receives = receives + 1, receipt = :receipt, visible_at = :visible_at,
             worked_on = :worked_on, first_received_at = COALESCE(first_received_at, :now)
         WHERE number = :number RETURNING *",
    )?;
    numbers
        .into_iter()
        .map(|number| {
            let fields = named_params! {
                ":receipt": names::opaque(),
                ":visible_at": what.now.saturating_add(what.hidden_for),
                ":worked_on": what.worked_on,
                ":now": what.now,
                ":number": number,
            };
            take.query_row(fields, message)
        })
        .collect()
}

fn message(row: &Row<'_>) -> Result<Message> {
    Ok(Message {
        id: row.get("id")?,
        receipt: row.get("receipt")?,
        body: row.get("body")?,
        attributes: row.get("attributes")?,
        sent_at: row.get("sent_at")?,
        first_received_at: row.get("first_received_at")?,
        receives: row.get("receives")?,
        visible_at: row.get("visible_at")?,
        died_in: row.get("died_in")?,
    })
}

/// Deletes the message that was last received under `receipt`; whether there was one.
pub fn delete(db: &Connection, queue: &str, receipt: &str) -> Result<bool> {
    let mut delete = db.prepare_cached("DELETE FROM messages WHERE queue = ?1 AND receipt = ?2")?;
    Ok(delete.execute([queue, receipt])? > 0)
}

/// Lets the message that was last received under `receipt` be seen at `visible_at`; whether there is
/// one, which is invisible now.
pub fn hide(
    db: &Connection,
    queue: &str,
    receipt: &str,
    now: i64,
    visible_at: i64,
) -> Result<bool> {
    let mut hide = db.prepare_cached(
        "UPDATE messages SET visible_at = ?4 WHERE queue = ?1 AND receipt = ?2 AND visible_at > ?3",
    )?;
    Ok(hide.execute(params![queue, receipt, now, visible_at])? > 0)
}

/// Notes that nobody works any more on the message that was received under `receipt`. Unless its
/// visibility was changed meanwhile from `was`, it is seen at `visible_at`.
pub fn release(db: &Connection, receipt: &str, was: i64, visible_at: i64) -> Result<()> {
    db.prepare_cached(
        "UPDATE messages SET worked_on = 0,
             visible_at = CASE visible_at WHEN ?2 THEN ?3 ELSE visible_at END
         WHERE receipt = ?1",
    )?
    .execute(params![receipt, was, visible_at])?;
    Ok(())
}

/// Lets everything be seen at once that a function worked on when the process ended.
pub fn recover(db: &Connection, now: i64) -> Result<()> {
    db.execute("UPDATE messages SET worked_on = 0, visible_at = ?1 WHERE worked_on", [now])?;
    Ok(())
}

/// Forgets what was sent before `then`.
pub fn expire(db: &Connection, queue: &str, then: i64) -> Result<()> {
    db.prepare_cached("DELETE FROM messages WHERE queue = ?1 AND sent_at < ?2")?
        .execute(params![queue, then])?;
    Ok(())
}

/// When the next message of `queue` can be received.
pub fn next_visible(db: &Connection, queue: &str) -> Result<Option<i64>> {
    db.prepare_cached("SELECT MIN(visible_at) FROM messages WHERE queue = ?1")?
        .query_row([queue], |row| row.get(0))
}

/// How many messages of `queue` can be received, are being worked on, and wait without having been
/// received.
pub fn count(db: &Connection, queue: &str, now: i64) -> Result<[u64; 3]> {
    db.prepare_cached(
        "SELECT COALESCE(SUM(visible_at <= ?2), 0),
             COALESCE(SUM(visible_at > ?2 AND receives > 0), 0),
             COALESCE(SUM(visible_at > ?2 AND receives = 0), 0)
         FROM messages WHERE queue = ?1",
    )?
    .query_row(params![queue, now], |row| Ok([row.get(0)?, row.get(1)?, row.get(2)?]))
}

/// Deletes all messages of `queue`.
pub fn purge(db: &Connection, queue: &str) -> Result<()> {
    db.execute("DELETE FROM messages WHERE queue = ?1", [queue])?;
    Ok(())
}

/// Moves the messages of `from` that can be received to `to`, where they are new; how many.
pub fn put_back(db: &Connection, from: &str, to: &str, now: i64) -> Result<usize> {
    db.execute(
        "UPDATE messages SET queue = ?2, sent_at = ?3, visible_at = ?3, receives = 0,
             first_received_at = NULL, receipt = NULL, died_in = NULL
         WHERE queue = ?1 AND visible_at <= ?3",
        params![from, to, now],
    )
}

/// How far the mapping `id` has read its stream.
pub fn checkpoint(db: &Connection, id: &str) -> Result<Option<String>> {
    db.query_row("SELECT sequence_number FROM checkpoints WHERE mapping = ?1", [id], |row| {
        row.get(0)
    })
    .optional()
}

/// Notes how far the mapping `id` has read its stream.
pub fn set_checkpoint(db: &Connection, id: &str, sequence_number: &str) -> Result<()> {
    db.prepare_cached("INSERT OR REPLACE INTO checkpoints VALUES (?1, ?2)")?
        .execute([id, sequence_number])?;
    Ok(())
}

#[cfg(test)]
mod tests;
