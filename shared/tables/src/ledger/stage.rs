//! How far an offer is, as its item says.

use crate::callbacks::TableError;
use verify::Amount;

use crate::ledger::item::{Item, digits_of, text, text_of};
use crate::ledger::offer::{Debit, Reversal};
use crate::ledger::{Entry, item};

/// The class of the sort keys of offers.
const OFFER: &str = "offer";

/// How far an offer is.
#[derive(Debug)]
pub(crate) enum Stage {
    /// The reversal is here, the completion is not.
    Pending(Reversal),
    /// The completion is booked.
    Completed {
        /// How much it gave.
        amount: Amount,
        /// The provider's own word, for instance `Coins` or `xp`.
        unit: String,
    },
    /// Both are booked.
    Reversed(Debit),
}

/// The key of `offer`.
pub(crate) fn key(user: &str, provider: &str, offer: &str) -> Item {
    item::key(user, OFFER, provider, offer)
}

/// The item with `key` of an offer that `entry` completes.
pub(crate) fn completed(key: Item, entry: &Entry) -> Item {
    let mut item = staged(key, "completed", &entry.provider);
    item.insert("unit".to_owned(), text(&entry.unit));
    item.insert("amount".to_owned(), item::number(entry.amount));
    item
}

/// The item with `key` of an offer whose completion `reversal` waits for.
pub(crate) fn pending(key: Item, reversal: &Reversal) -> Item {
    let mut item = staged(key, "pending", &reversal.provider);
    for (name, value) in [
        ("reversal_at", &reversal.at),
        ("reversal_identity", &reversal.identity),
        ("reversal_kind", &reversal.kind),
        ("reversal_callback", &reversal.callback),
    ] {
        item.insert(name.to_owned(), text(value));
    }
    item
}

fn staged(key: Item, stage: &str, provider: &str) -> Item {
    let mut item = key;
    item.insert("stage".to_owned(), text(stage));
    item.insert("provider".to_owned(), text(provider));
    item
}

impl Stage {
    /// Reads the item of an offer.
    pub(crate) fn read(item: &Item) -> Result<Self, TableError> {
        Self::of(item).ok_or(TableError::Failed)
    }

    fn of(item: &Item) -> Option<Self> {
        let text = |name| text_of(item, name).map(str::to_owned);
        let amount = || Amount::parse(digits_of(item, "amount")?);
        Some(match text_of(item, "stage")? {
            "pending" => Self::Pending(Reversal {
                user: text("user")?,
                identity: text("reversal_identity")?,
                provider: text("provider")?,
                kind: text("reversal_kind")?,
                callback: text("reversal_callback")?,
                at: text("reversal_at")?,
            }),
            "completed" => Self::Completed { amount: amount()?, unit: text("unit")? },
            "reversed" => Self::Reversed(Debit {
                callback: text("reversal_callback")?,
                amount: amount()?.negated(),
                unit: text("unit")?,
            }),
            _ => return None,
        })
    }

    /// What took it back, where it is reversed.
    pub(crate) fn reversed_by(self) -> Option<Debit> {
        match self {
            Self::Reversed(debit) => Some(debit),
            Self::Pending(_) | Self::Completed { .. } => None,
        }
    }
}
