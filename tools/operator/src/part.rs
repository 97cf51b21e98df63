//! A part of a record's id, as a person types or copies it.

use crate::error::Error;
use crate::listing::Wanted;
use crate::record::{self, Item, text};
use crate::stack::Stack;

/// What stands in the place of an id's middle, where a list has shortened it.
const MIDDLE: char = '…';

/// How many records are told where a part is of several.
const TOLD: usize = 5;

/// A part of an id: some of its characters, or its begin and its end with `…` between them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Part(String);

impl Part {
    /// Reads it; any text is one.
    ///
    /// # Errors
    ///
    /// That it is empty.
    pub fn parse(text: &str) -> Result<Self, String> {
        if text.is_empty() { Err("a part of an id".to_owned()) } else { Ok(Self(text.to_owned())) }
    }

    /// Whether it is a part of `id`.
    #[must_use]
    pub fn is_of(&self, id: &str) -> bool {
        match self.0.split_once(MIDDLE) {
            Some((begin, end)) => {
                begin.len() + end.len() <= id.len() && id.starts_with(begin) && id.ends_with(end)
            }
            None => id.contains(&self.0),
        }
    }
}

/// Reads what has to be whole, as a user.
///
/// # Errors
///
/// That a list has shortened it.
pub fn whole(text: &str) -> Result<String, String> {
    if text.contains(MIDDLE) {
        return Err("it is shortened; `list --json` and `show` have it whole".to_owned());
    }
    Ok(text.to_owned())
}

/// The record with the id `text`, or else the one of the last 30 days whose id `text` is a part of.
///
/// # Errors
///
/// [`Error::NoneLike`] where there is none, [`Error::Refused`] with their ids where there are several.
pub async fn get(stack: &Stack, text: &str) -> Result<Item, Error> {
    let missing = || Error::NoneLike(text.to_owned());
    if let Some(item) = record::find(stack, text).await? {
        return Ok(item);
    }
    let part = Part::parse(text).map_err(|_| missing())?;
    let wanted = Wanted { id: Some(&part), ..Wanted::default() };
    let mut found = wanted.page(stack, TOLD).await?;
    match (found.items.len(), found.items.pop()) {
        (0, _) | (_, None) => Err(missing()),
        (1, Some(item)) => record::get(stack, id(&item)).await,
        (_, Some(last)) => {
            let ids: Vec<_> = found.items.iter().chain([&last]).map(id).collect();
            let more = if found.next.is_some() { ", and more" } else { "" };
            let ids = ids.join(", ");
            Err(Error::Refused(format!("{text} is a part of several ids: {ids}{more}")))
        }
    }
}

fn id(item: &Item) -> &str {
    text(item, "id").unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_part_is_of_the_ids_that_have_it() {
        let id = "inbrain#reward#7d3e9a52-0001";
        for (part, is_of) in [
            ("0001", true),
            ("reward#7d", true),
            (id, true),
            ("inb…001", true),
            ("…0001", true),
            ("inbrain…", true),
            ("inbrain#reward#7d3e9a52-0001…0001", false),
            ("inb…002", false),
            ("Reward", false),
        ] {
            assert_eq!(Part::parse(part).expect(part).is_of(id), is_of, "{part}");
        }
        assert!(Part::parse("").is_err());
    }

    #[test]
    fn what_a_list_shortens_is_found_again() {
        let id = "appvirality#loyalty_user_reward#6642#userkey#a7b6c5d4#rewardid#20201";
        for width in 8..80 {
            let shown = terminal::shortened(id, width);
            assert!(Part::parse(&shown).expect("a part").is_of(id), "{shown}");
        }
    }
}
