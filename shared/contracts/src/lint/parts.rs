//! Answers, networks, reversals and sources.

use ipnet::IpNet;

use crate::contract::Contract;
use crate::fields::HEADER;
use crate::file::{AnswerSpec, EffectSpec};
use crate::finding::{Finding, Rule};
use crate::template::{Part, Template};

pub(super) fn check(contract: &Contract, findings: &mut Vec<Finding>) {
    let file = contract.file();
    let mut find = |rule, about: &str| findings.push(Finding::new(rule, about));
    if file.sources.is_empty() {
        find(Rule::NoSource, "sources");
    }
    for network in file.networks.iter().flat_map(|networks| &*networks.from) {
        if network.parse::<IpNet>().is_err() {
            find(Rule::BadNetworks, network);
        }
    }
    let does = |effect| contract.kinds().iter().any(|kind| kind.effect == effect);
    match (does(EffectSpec::Complete), does(EffectSpec::Reverse)) {
        (false, true) => find(Rule::ReversalAlone, "callbacks"),
        (true, false) => find(Rule::CompletionAlone, "callbacks"),
        _ => {}
    }
    let mut names: Vec<_> = contract.kinds().iter().map(|kind| (kind.name, kind.hook)).collect();
    names.sort_unstable();
    if names.windows(2).any(|pair| pair[0] == pair[1]) && !distinct(contract) {
        find(Rule::BadCallback, "callbacks");
    }
    answers(contract, findings);
}

/// Whether kinds of one name differ in what has to hold.
fn distinct(contract: &Contract) -> bool {
    let kinds = contract.kinds();
    kinds.iter().all(|kind| !kind.when.is_empty() || kinds.len() == 1)
}

fn answers(contract: &Contract, findings: &mut Vec<Finding>) {
    let Some(answers) = &contract.file().answers else { return };
    let key = &contract.file().identity.key;
    let mut check = |name: &str, answer: &Option<AnswerSpec>, stored: bool, statuses: &[u16]| {
        let Some(answer) = answer else { return };
        let hundred = answer.status.map(|status| status / 100);
        let is_status = hundred.is_none_or(|hundred| statuses.contains(&hundred));
        let is_body = answer.body.as_deref().is_none_or(|body| {
            let is_named = |part: &Part| match part {
                Part::Literal(_) => true,
                Part::Field(name) => {
                    stored && key.iter().any(|key| key == name) && !name.starts_with(HEADER)
                }
                Part::Body | Part::Secret => false,
            };
            Template::read(body).is_some_and(|template| template.0.iter().all(is_named))
        });
        if !is_status || !is_body {
            findings.push(Finding::new(Rule::BadAnswer, format!("answers.{name}")));
        }
    };
    check("recorded", &answers.recorded, true, &[2]);
    check("duplicate", &answers.duplicate, true, &[2]);
    check("conflict", &answers.conflict, true, &[2, 4]);
    check("refused", &answers.refused, false, &[2, 4]);
    check("unavailable", &answers.unavailable, false, &[5]);
}
