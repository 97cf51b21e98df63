//! Which fields a credential covers.

use crate::contract::Contract;
use crate::fields::{Declared, Place};
use crate::message::{Named, Over, Piece};
use crate::proof::{Proof, Scheme};

/// Whether each of `fields` is covered: nobody can change it without the key.
#[must_use]
pub fn of(proof: &Proof, fields: &[Declared]) -> Vec<bool> {
    fields.iter().map(|field| covers(proof, field)).collect()
}

/// Whether it is signed which route is called, where that decides what a callback is; none where it does not. It is
/// signed with the URL alone, or where the key itself is sent.
#[must_use]
pub fn of_the_route(contract: &Contract) -> Option<bool> {
    let by_route = contract.kinds().iter().any(|kind| kind.hook.is_some());
    let decides = by_route && contract.entrances().len() > 1;
    decides.then(|| contract.signs_url() || contract.proof().scheme == Scheme::Key)
}

fn covers(proof: &Proof, field: &Declared) -> bool {
    let in_content = matches!(field.place, Place::Content(_));
    match proof.scheme {
        Scheme::None => return false,
        // Whoever has the key can say anything, and nobody else anything.
        Scheme::Key => return true,
        Scheme::Jws => return in_content,
        Scheme::Digest(_) | Scheme::Hmac(_) | Scheme::Ecdsa => {}
    }
    let is_it = |signed: &Named| signed.name == field.name;
    match &proof.over {
        Over::Nothing => false,
        Over::Template(pieces) => pieces.iter().any(|piece| match piece {
            Piece::Field(field) => is_it(field),
            Piece::Body => in_content,
            Piece::Literal(_) | Piece::Secret => false,
        }),
        Over::Before { .. } | Over::Sorted { .. } => in_content,
        Over::Fields(joined) => joined.fields.iter().any(|(field, _)| is_it(field)),
        // What is signed for some values only is not signed for whoever may choose the value; that one is
        // signed by what follows from it, where it is among the fields itself.
        Over::Select { cases, .. } => {
            cases.iter().all(|(_, joined)| joined.fields.iter().any(|(field, _)| is_it(field)))
        }
    }
}
