//! Which fields a credential covers.

use crate::fields::{Declared, Place};
use crate::message::{Named, Over, Piece};
use crate::proof::{Proof, Scheme};

/// Whether each of `fields` is covered: nobody can change it without the key.
#[must_use]
pub fn of(proof: &Proof, fields: &[Declared]) -> Vec<bool> {
    fields.iter().map(|field| covers(proof, field)).collect()
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
