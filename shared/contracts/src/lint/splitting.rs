//! Whether a signed text can be split in two ways.
//!
//! Of `{user}{reward}`, `ab` and `c` are signed as `a` and `bc` are. The text can be split in one way only where the
//! types of the fields and what stands between them allow no second one, of whatever kind of callback.

use crate::contract::{Contract, Unit};
use crate::field_type::{FieldType, Form};
use crate::file::Text;
use crate::finding::{Finding, Rule};
use crate::lint::automaton::{Automaton, Owner, Part, Places, START, Symbol, Texts};
use crate::message::{Joined, Named, Over, Piece};

pub(super) fn check(contract: &Contract, findings: &mut Vec<Finding>) {
    findings.extend(ambiguous(contract).map(|about| Finding::new(Rule::TemplateAmbiguous, about)));
}

/// Two parts that cannot be told apart in what is signed, where there are any.
pub(super) fn ambiguous(contract: &Contract) -> Option<String> {
    let mut automaton = Automaton::new(special(contract).into_iter());
    let mut types: Vec<&[Option<FieldType>]> = Vec::new();
    for kind in contract.kinds() {
        if !types.contains(&kind.types.as_slice()) {
            types.push(&kind.types);
        }
    }
    for types in types {
        let signed = Signed { contract, types };
        match &contract.proof().over {
            Over::Template(pieces) => signed.template(pieces, &mut automaton),
            Over::Fields(joined) => signed.joined(joined, None, &mut automaton),
            Over::Select { by, cases } => {
                for (value, joined) in cases {
                    signed.joined(joined, Some((by.name, value)), &mut automaton);
                }
            }
            // What was called is signed as it is, and sorted parameters that could be split otherwise are refused.
            Over::Before { .. } | Over::Sorted { .. } | Over::Nothing => {}
        }
    }
    let name = |owner: Owner| match owner {
        Some(BODY) => "the body",
        Some(at) => contract.fields()[at].name,
        None => "what stands between",
    };
    automaton.ambiguity().map(|(one, other)| format!("{}, {}", name(one), name(other)))
}

/// The number of the body among the fields.
const BODY: usize = usize::MAX;

/// What a contract signs, by the types of one kind of callback.
struct Signed<'a> {
    contract: &'a Contract,
    types: &'a [Option<FieldType>],
}

impl<'a> Signed<'a> {
    fn template(&self, pieces: &'a [Piece], automaton: &mut Automaton<'a>) {
        let behind = pieces.iter().fold(vec![START], |before, piece| {
            let part = match piece {
                Piece::Literal(text) => fixed(text),
                Piece::Secret => Part {
                    owner: None,
                    texts: Texts::Words(vec![vec![Symbol::Secret]]),
                    or_nothing: false,
                },
                Piece::Body => {
                    Part { owner: Some(BODY), texts: Texts::Run(Symbol::Any), or_nothing: true }
                }
                Piece::Field(field) => self.field(field),
            };
            automaton.append(&before, &part)
        });
        automaton.end(behind);
    }

    /// Values with a separator between any two that are there; one field may be known to be a certain text.
    fn joined(
        &self,
        joined: &'a Joined,
        known: Option<(&str, &str)>,
        automaton: &mut Automaton<'a>,
    ) {
        let separator = fixed(joined.join);
        // Whether nothing stands there yet, not even an empty value, and where the text may be otherwise.
        let (mut nothing_yet, mut behind) = (true, Places::new());
        for (field, skipped) in &joined.fields {
            let mut before = automaton.append(&behind, &separator);
            if nothing_yet {
                before.push(START);
            }
            let mut part = self.field(field);
            if let Some((_, text)) = known.filter(|(name, _)| *name == field.name) {
                part = Part { owner: part.owner, ..fixed(text) };
            }
            if *skipped {
                // Which of several was left out, nobody can say; where nothing depends on them, nobody needs to.
                part.owner = part.owner.filter(|at| depends_on(self.contract, *at));
                part.or_nothing = false;
                behind.extend(automaton.append(&before, &part));
            } else {
                behind = automaton.append(&before, &part);
                nothing_yet = false;
            }
        }
        if nothing_yet {
            behind.push(START);
        }
        automaton.end(behind);
    }

    fn field(&self, field: &Named) -> Part<'a> {
        let at = self.contract.fields().iter().position(|known| known.name == field.name);
        let found = at.unwrap_or_else(|| unreachable!("it was looked up"));
        let kind = self.types[found].as_ref().unwrap_or(&self.contract.fields()[found].kind);
        let text = |text: &'a Text| text.chars().map(Symbol::Is).collect();
        let (texts, empty) = match &kind.form {
            Form::OneOf(texts) => (
                Texts::Words(texts.iter().map(text).collect()),
                texts.iter().any(|text| text.is_empty()),
            ),
            Form::Hex(length) => (Texts::Words(vec![vec![Symbol::In(kind); *length]]), false),
            Form::Guid => {
                let groups = [8, 4, 4, 4, 12].map(|length| vec![Symbol::HexDigit; length]);
                (Texts::Words(vec![groups.join(&Symbol::Is('-'))]), false)
            }
            Form::Text(_) | Form::Written | Form::Any => (Texts::Run(Symbol::In(kind)), true),
            _ => (Texts::Run(Symbol::In(kind)), false),
        };
        Part { owner: at, texts, or_nothing: kind.optional || empty }
    }
}

fn fixed(text: &str) -> Part<'static> {
    let word = text.chars().map(Symbol::Is).collect();
    Part { owner: None, texts: Texts::Words(vec![word]), or_nothing: false }
}

/// Characters that not every type treats as it treats all others.
fn special(contract: &Contract) -> Vec<char> {
    let others = contract.kinds().iter().flat_map(|kind| kind.types.iter().flatten());
    let types = contract.fields().iter().map(|field| &field.kind).chain(others);
    let of_types = types.flat_map(|kind| {
        match &kind.form {
            Form::OneOf(texts) => format!("{}{}", kind.without, texts.concat()),
            _ => kind.without.to_string(),
        }
        .chars()
        .collect::<Vec<_>>()
    });
    let literals = match &contract.proof().over {
        Over::Template(pieces) => pieces
            .iter()
            .filter_map(|piece| match piece {
                Piece::Literal(text) => Some(text.as_str()),
                _ => None,
            })
            .collect(),
        Over::Fields(joined) => joined.join.to_owned(),
        Over::Select { cases, .. } => cases.iter().map(|(_, joined)| joined.join).collect(),
        Over::Before { .. } | Over::Sorted { .. } | Over::Nothing => String::new(),
    };
    of_types.chain(literals.chars()).filter(|c| !c.is_ascii()).collect()
}

/// Whether anything follows from the field number `at`.
fn depends_on(contract: &Contract, at: usize) -> bool {
    let meaning = &contract.compiled.meaning;
    let mut conditions = contract.kinds().iter().flat_map(|kind| &kind.when);
    let is_it = |field: usize| field == at;
    conditions.any(|condition| is_it(condition.field))
        || meaning.test.iter().flatten().any(|condition| is_it(condition.field))
        || contract.kinds().iter().any(|kind| {
            kind.of.as_ref().is_some_and(|of| is_it(of.field)) || kind.fingerprint.contains(&at)
        })
        || meaning.key.contains(&at)
        || meaning.user.contains(&at)
        || meaning.amount.is_some_and(is_it)
        || matches!(meaning.unit, Some(Unit::Field(field)) if is_it(field))
        || contract.compiled.window.as_ref().is_some_and(|window| is_it(window.field))
}
