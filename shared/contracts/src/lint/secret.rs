//! Where the secret stands, and what that is worth.

use crate::algorithm::Hash;
use crate::contract::Contract;
use crate::finding::{Finding, Rule};
use crate::message::{Over, Piece};
use crate::proof::Scheme;

pub(super) fn check(contract: &Contract, findings: &mut Vec<Finding>) {
    let proof = contract.proof();
    let mut find = |rule, about: &str| findings.push(Finding::new(rule, about));
    let pieces: &[Piece] = match &proof.over {
        Over::Template(pieces) => pieces,
        _ => &[],
    };
    let is_secret = |piece: &Piece| matches!(piece, Piece::Secret);
    let secrets = pieces.iter().filter(|piece| is_secret(piece)).count();
    match (proof.scheme, secrets) {
        (Scheme::Digest(_), 0) => find(Rule::SecretMissing, "credential.over"),
        (Scheme::Digest(_), 1) => {
            // The digest's state is all that a longer text's is made from.
            let begins = pieces.first().is_some_and(is_secret);
            if begins && pieces.len() > 1 {
                find(Rule::LengthExtension, "credential.over");
            }
        }
        (_, 0) => {}
        _ => find(Rule::SecretRepeated, "credential.over"),
    }
    match proof.scheme {
        Scheme::Digest(Hash::Md5) | Scheme::Hmac(Hash::Md5) => find(Rule::Md5, "credential.is"),
        Scheme::Digest(Hash::Sha1) | Scheme::Hmac(Hash::Sha1) => find(Rule::Sha1, "credential.is"),
        Scheme::Key => find(Rule::Bearer, "credential.is"),
        _ => {}
    }
    if let Some(why) = contract.file().accept.get(Rule::SecretShown.name()) {
        find(Rule::SecretShown, why);
    }
}
