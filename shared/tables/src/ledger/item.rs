//! The attributes of entries, balances and offers. The crate's own page has the list.

use std::collections::HashMap;

use aws_sdk_dynamodb::types::AttributeValue;
use verify::Amount;

use crate::ledger::Entry;

/// The attributes of one item.
pub(crate) type Item = HashMap<String, AttributeValue>;

/// What the sort keys of balances begin with.
pub(crate) const BALANCE: &str = "balance";

/// The sort key of an item of `class`; an entry's class is its time.
pub(crate) fn sort_key(class: &str, provider: &str, last: &str) -> String {
    let provider = provider.replace('%', "%25").replace('#', "%23");
    format!("{class}#{provider}#{last}")
}

/// The key of an item of `class`.
pub(crate) fn key(user: &str, class: &str, provider: &str, last: &str) -> Item {
    let sort_key = sort_key(class, provider, last);
    [("user".to_owned(), text(user)), ("entry".to_owned(), text(&sort_key))].into()
}

/// The item of `entry`.
pub(crate) fn to_item(entry: &Entry) -> Item {
    let mut item = key(&entry.user, &entry.at, &entry.provider, &entry.identity);
    for (name, value) in [
        ("provider", &entry.provider),
        ("kind", &entry.kind),
        ("unit", &entry.unit),
        ("callback", &entry.callback),
    ] {
        item.insert(name.to_owned(), text(value));
    }
    item.insert("amount".to_owned(), number(entry.amount));
    item
}

/// The text attribute `name`.
pub(crate) fn text_of<'a>(item: &'a Item, name: &str) -> Option<&'a str> {
    item.get(name)?.as_s().ok().map(String::as_str)
}

/// The digits of the number attribute `name`, as DynamoDB writes them.
pub(crate) fn digits_of<'a>(item: &'a Item, name: &str) -> Option<&'a str> {
    item.get(name)?.as_n().ok().map(String::as_str)
}

pub(crate) fn text(value: &str) -> AttributeValue {
    AttributeValue::S(value.to_owned())
}

pub(crate) fn number(amount: Amount) -> AttributeValue {
    AttributeValue::N(amount.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_two_items_share_a_key() {
        let keys = [
            sort_key("2026", "a", "b#c"),
            sort_key("2026", "a#b", "c"),
            sort_key("2026", "a%23b", "c"),
            sort_key("2026", "a", "#b#c"),
            sort_key("2026", "a#", "b#c"),
            sort_key("2027", "a", "b#c"),
            sort_key("offer", "a", "b#c"),
            sort_key("balance", "a", "b#c"),
        ];
        assert_eq!(keys[0], "2026#a#b#c");
        for (i, key) in keys.iter().enumerate() {
            assert!(!keys[i + 1..].contains(key), "{key}");
        }
    }
}
