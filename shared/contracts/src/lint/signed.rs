//! What the credential does not cover.

use crate::contract::{Condition, Contract, Unit};
use crate::coverage;
use crate::file::EffectSpec;
use crate::finding::{Finding, Rule};
use crate::lint::splitting;
use crate::proof::Scheme;

pub(super) fn check(contract: &Contract, findings: &mut Vec<Finding>) {
    let covered = coverage::of(contract.proof(), contract.fields());
    let meaning = &contract.compiled.meaning;
    let mut unsigned = |fields: &[usize], rule| {
        for at in fields.iter().filter(|at| !covered[**at]) {
            findings.push(Finding::new(rule, contract.fields()[*at].name));
        }
    };
    let of = |conditions: &[Condition]| conditions.iter().map(|it| it.field).collect::<Vec<_>>();
    unsigned(&meaning.key, Rule::IdentityUnsigned);
    unsigned(&meaning.user, Rule::UserUnsigned);
    let pays = |effect| matches!(effect, EffectSpec::Credit | EffectSpec::Complete);
    let may_pay = contract.file().settings.as_ref().is_some_and(|own| own.paying.is_some());
    if may_pay || contract.kinds().iter().any(|kind| pays(kind.effect)) {
        unsigned(meaning.amount.as_slice(), Rule::MoneyUnsigned);
        if let Some(Unit::Field(at)) = meaning.unit {
            unsigned(&[at], Rule::UnitUnsigned);
        }
    }
    let mut chosen: Vec<_> = contract.kinds().iter().flat_map(|kind| of(&kind.when)).collect();
    // What is taken back is chosen as well.
    let taken = contract.kinds().iter().filter(|kind| kind.effect == EffectSpec::Reverse);
    chosen.extend(taken.filter_map(|kind| Some(kind.of.as_ref()?.field)));
    chosen.sort_unstable();
    chosen.dedup();
    chosen.retain(|at| !meaning.key.contains(at));
    unsigned(&chosen, Rule::KindUnsigned);
    unsigned(&meaning.test.as_deref().map(of).unwrap_or_default(), Rule::TestUnsigned);
    let window = contract.compiled.window.as_ref().map(|window| window.field);
    unsigned(window.as_slice(), Rule::WindowUnsigned);
    if coverage::of_the_route(contract) == Some(false) {
        findings.push(Finding::new(Rule::KindUnsigned, "the route"));
    }
    guarded(contract, &covered, findings);
}

/// What is not signed needs something in place of the signature.
fn guarded(contract: &Contract, covered: &[bool], findings: &mut Vec<Finding>) {
    let unproved = contract.proof().scheme == Scheme::None;
    let unsigned = contract.compiled.meaning.key.iter().any(|at| !covered[*at]);
    if unproved {
        findings.push(Finding::new(Rule::CredentialNone, "credential"));
    }
    let required = contract.file().networks.as_ref().is_some_and(|networks| networks.required);
    let ambiguous = splitting::ambiguous(contract).is_some();
    if (unproved || unsigned || ambiguous) && !required && !contract.proof().token {
        findings.push(Finding::new(Rule::IdentityUnguarded, "identity"));
    }
}
