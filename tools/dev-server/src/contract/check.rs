//! `contract check FILE`: what is wrong with a contract, what it protects and what not.

use std::collections::HashSet;
use std::fmt::Write as _;

use contracts::contract::Unit;
use contracts::{Checked, Contract, Finding, Rule, coverage};
use terminal::{table, visible};

/// What there is to say of the contract called `name`, whose file is at `path` and has the text `text`; and whether
/// it is safe to be served.
pub(super) fn report(path: &str, name: &str, text: &str) -> (String, bool) {
    let checked = match contracts::check(name, text) {
        Ok(checked) => checked,
        Err(error) => {
            let said = error.to_string();
            let lines: Vec<_> = said.lines().map(visible).collect();
            return (format!("{path} is no contract\n\n{}", lines.join("\n")), false);
        }
    };
    let is_safe = checked.safe().is_some();
    let mut report = match &checked.contract {
        Some(contract) => format!("{path}: {}\n\n", visible(&contract.file().title)),
        None => format!("{path}\n\n"),
    };
    for finding in &checked.findings {
        report += &said_of(finding);
    }
    if let Some(contract) = &checked.contract {
        report += &examples(contract, &checked);
        report += &protection(contract);
        report += &weaknesses(contract);
        report += &beside(contract);
    }
    report += if is_safe {
        "Safe: `cargo run` serves it."
    } else {
        "Not safe: it is not served, and with it in contracts/ the function for contracts is not built."
    };
    (report, is_safe)
}

/// A finding with its rule, its sentence and its way out.
fn said_of(finding: &Finding) -> String {
    let (rule, severity) = (finding.rule, finding.severity());
    let (name, says, way_out) = (rule.name(), rule.says(), rule.way_out());
    format!("{severity}: {name}: {}\n  {says}.\n  {way_out}.\n\n", visible(&finding.about))
}

/// Whether each published example is proved, and the samples are read as they say.
fn examples(contract: &Contract, checked: &Checked) -> String {
    let file = contract.file();
    let mut text = String::new();
    for (at, vector) in file.vectors.iter().enumerate() {
        let about = format!("vectors[{at}]");
        let is_it = |it: &Finding| it.rule == Rule::VectorFails && it.about == about;
        let proved = if checked.findings.iter().any(is_it) { "NOT proved" } else { "proved" };
        let _ = writeln!(text, "{about}: {proved} ({})", visible(&vector.source));
    }
    let failed = checked.findings.iter().filter(|it| it.rule == Rule::SampleFails).count();
    let all = file.samples.len();
    let _ =
        writeln!(text, "samples: {} of {all} are read as they say\n", all.saturating_sub(failed));
    text
}

/// Which field decides what, and whether it is signed.
fn protection(contract: &Contract) -> String {
    let (fields, meaning) = (contract.fields(), contract.meaning());
    let covered = coverage::of(contract.proof(), fields);
    let row = |what, at: usize| (what, fields[at].name.to_owned(), covered[at]);
    let mut rows = Vec::new();
    rows.extend(meaning.key.iter().map(|at| row("identity", *at)));
    rows.extend(meaning.user.iter().map(|at| row("user", *at)));
    rows.extend(meaning.amount.map(|at| row("amount", at)));
    rows.extend(meaning.unit.as_ref().map(|unit| match unit {
        Unit::Field(at) => row("unit", *at),
        Unit::Fixed(unit) => ("unit", format!("always {unit}"), true),
    }));
    let kinds = contract.kinds().iter();
    rows.extend(kinds.clone().flat_map(|kind| &kind.when).map(|it| row("kind", it.field)));
    let route = coverage::of_the_route(contract);
    rows.extend(route.map(|is_signed| ("kind", "(the route)".to_owned(), is_signed)));
    rows.extend(kinds.filter_map(|kind| Some(row("reversal", kind.of.as_ref()?.field))));
    rows.extend(meaning.test.iter().flatten().map(|it| row("test", it.field)));
    let mut said = HashSet::new();
    rows.retain(|row| said.insert(row.clone()));
    let rows: Vec<_> = rows
        .into_iter()
        .map(|(what, field, is_signed)| {
            [what.to_owned(), field, if is_signed { "yes" } else { "NO" }.to_owned()]
        })
        .collect();
    let file = contract.file();
    let at = file.credential.at.as_deref().map(|at| format!(" in {at}")).unwrap_or_default();
    let by = format!("What {}{at} protects", file.credential.is);
    format!("{by}\n{}\n", table(["What", "Field", "Signed"], None, &rows))
}

/// What the file accepts, with its reasons.
fn weaknesses(contract: &Contract) -> String {
    let mut text = String::new();
    for (name, why) in &contract.file().accept {
        // What is no more than a warning is among the findings.
        if let Some(rule) = Rule::named(name).filter(|rule| rule.is_acceptable()) {
            let _ = writeln!(text, "accepted: {name}: {}\n  {}", rule.says(), visible(why));
        }
    }
    if let Some(unconfirmed) = &contract.file().unconfirmed {
        let _ = writeln!(text, "unconfirmed: {}", visible(unconfirmed));
    }
    if !text.is_empty() {
        text.push('\n');
    }
    text
}

/// What stands beside the signature.
fn beside(contract: &Contract) -> String {
    let file = contract.file();
    let mut parts = Vec::new();
    if file.token {
        parts.push("a token in the URL".to_owned());
    }
    if let Some(networks) = &file.networks {
        parts.push(format!("networks: {}", networks.from.join(", ")));
    }
    if let Some(window) = &file.credential.window {
        let (past, future) = (window.past_seconds, window.future_seconds);
        parts.push(format!("requests of {past} s ago to {future} s ahead"));
    }
    if let Some(cap) = &file.meaning.cap {
        parts.push(format!("a person looks at more than {cap}"));
    }
    let all: Vec<_> = parts.iter().map(|part| visible(part)).collect();
    if all.is_empty() { String::new() } else { format!("beside it: {}\n\n", all.join("; ")) }
}

#[cfg(test)]
mod tests {
    use bundle::folder::Folder;

    use super::*;

    fn checked(name: &str, change: impl Fn(String) -> String) -> (String, bool) {
        let text = change(Folder::default().text(name).expect("a contract"));
        report("contracts/it.toml", name, &text)
    }

    #[test]
    fn what_is_protected_and_what_not_is_said() {
        let (said, is_safe) = checked("cpx", |text| text);
        assert!(is_safe, "{said}");
        for part in [
            "contracts/it.toml: CPX Research\n",
            "warning: md5: credential.is\n  MD5 is broken",
            "identity  trans_id       yes\n",
            "user      user_id        NO\n",
            "unit      always points  yes\n",
            "kind      status         NO\n",
            "accepted: user-unsigned: whoever has seen one callback can send it for another user\n  a captured",
            "samples: 5 of 5 are read as they say\n",
            "beside it: networks: 188.40.3.73/32",
            "Safe: ",
        ] {
            assert!(said.contains(part), "{part}\n\n{said}");
        }
        let (said, _) = checked("skadnetwork", |text| text);
        assert!(said.contains("vectors[5]: proved ("), "{said}");
    }

    #[test]
    fn what_is_wrong_is_said_with_its_rule_and_the_way_out() {
        let broken = |text: String| text.replace("{trans_id}-{secret}", "{amount_local}{secret}");
        let (said, is_safe) = checked("cpx", broken);
        assert!(!is_safe, "{said}");
        assert!(said.contains("error: identity-unsigned: trans_id\n  whoever has seen"), "{said}");
        assert!(said.contains("identity  trans_id       NO\n"), "{said}");
        assert!(said.contains("Not safe: "), "{said}");
        let (said, is_safe) = checked("bitlabs", |text| text.replace("val=500&", "val=501&"));
        assert!(!is_safe && said.contains("vectors[0]: NOT proved ("), "{said}");
        let (said, is_safe) = checked("cpx", |text| text.replace("contract = 1", "contract = "));
        assert!(!is_safe && said.contains("is no contract") && said.contains("line"), "{said}");
    }
}
