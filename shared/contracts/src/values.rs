//! Reads the fields of a contract in the order of its file, and so which kind of callback it is.

use http::HeaderMap;
use verify::Refusal;

use crate::contract::{Contract, Kind};
use crate::field_type::Value;
use crate::fields::Content;
use crate::reading::all_hold;

/// The values of a contract's fields, in its order.
pub(crate) type Values = Vec<Option<Value>>;

/// Reads the fields one after the other, none of them twice, so that the first in the file that breaks a rule is the
/// one that is refused.
pub(crate) struct Reader<'a> {
    contract: &'a Contract,
    content: &'a Content<'a>,
    headers: &'a HeaderMap,
    values: Values,
    read: Vec<bool>,
}

impl<'a> Reader<'a> {
    pub(crate) fn new(
        contract: &'a Contract,
        content: &'a Content<'a>,
        headers: &'a HeaderMap,
    ) -> Self {
        let fields = contract.fields().len();
        Self { contract, content, headers, values: vec![None; fields], read: vec![false; fields] }
    }

    /// The kind of callback, and all values.
    ///
    /// # Errors
    ///
    /// The first field of the file that is not of its form; where none of the kinds is meant, the field that says
    /// which one it is.
    pub(crate) fn all(mut self, hook: Option<&str>) -> Result<(&'a Kind, Values), Refusal> {
        let kind = self.kind(hook)?;
        let meaning = &self.contract.compiled.meaning;
        let last = meaning.user.iter().copied().max();
        for (at, own) in kind.types.iter().enumerate() {
            if own.is_some() || !self.read[at] {
                self.values[at] =
                    if self.is_passed_over(at) { None } else { self.value(at, kind)? };
                self.read[at] = true;
            }
            // Who it is about is told before anything behind it is.
            if last == Some(at) {
                self.contract.user(&self.values)?;
            }
        }
        Ok((kind, self.values))
    }

    /// The first kind of callback whose conditions hold.
    fn kind(&mut self, hook: Option<&str>) -> Result<&'a Kind, Refusal> {
        let contract = self.contract;
        let mut asked = None;
        for kind in contract.kinds() {
            for condition in &kind.when {
                asked = Some(condition.field);
                self.read_to(condition.field)?;
            }
            let here = kind.hook.is_none_or(|wanted| hook == Some(wanted));
            if here && all_hold(&kind.when, |at| self.values[at].as_ref()) {
                return Ok(kind);
            }
        }
        let name = asked.map_or("the route", |at| contract.fields()[at].name);
        Err(Refusal::malformed(name, "one of those that the contract names, on this route"))
    }

    /// Reads the field at `end`, and those before it that are read in one way whatever kind it is.
    fn read_to(&mut self, end: usize) -> Result<(), Refusal> {
        let contract = self.contract;
        for at in 0..=end {
            let differs = || contract.kinds().iter().any(|kind| kind.types[at].is_some());
            let spare = || contract.compiled.meaning.spare.contains(&at);
            if !self.read[at] && (at == end || !(differs() || spare())) {
                let field = &contract.fields()[at];
                self.values[at] = field.read(&field.kind, self.content, self.headers)?;
                self.read[at] = true;
            }
        }
        Ok(())
    }

    fn value(&self, at: usize, kind: &Kind) -> Result<Option<Value>, Refusal> {
        let field = &self.contract.fields()[at];
        field.read(kind.types[at].as_ref().unwrap_or(&field.kind), self.content, self.headers)
    }

    /// Whether a user is not looked at, because one that counts before it is there.
    fn is_passed_over(&self, at: usize) -> bool {
        let meaning = &self.contract.compiled.meaning;
        let mut before = meaning.user.iter().take_while(|user| **user != at);
        meaning.spare.contains(&at) && before.any(|user| self.values[*user].is_some())
    }
}
