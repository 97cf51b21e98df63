//! `contract list`: the contracts of a folder, a line each.

use bundle::folder::{ContractError, Folder};
use contracts::{Contract, Rule};

/// How much of a title is shown, so that a line has a hundred columns at most.
const TITLE: usize = 18;

/// What the columns mean.
const LEGEND: &str = "\
Examples: how many published ones prove the recipe. Accepts: the weaknesses that the file accepts:
what is not signed (all: nothing is); split: two callbacks may have one signed text; secret: the provider shows browsers digests that are made with it.";

/// The table.
pub(super) fn table(folder: &Folder) -> Result<String, ContractError> {
    let rows: Vec<_> = folder.names()?.iter().map(|name| row(name, folder)).collect();
    let headings = ["Name", "Title", "Calls", "Credential", "Examples", "Accepts"];
    Ok(format!("{}\n{LEGEND}", terminal::table(headings, Some("Examples"), &rows)))
}

fn row(name: &str, folder: &Folder) -> [String; 6] {
    let text = |text: &str| text.to_owned();
    let Ok(contract) = folder.contract(name) else {
        return [name, "not safe: see `contract check`", "", "", "", ""].map(text);
    };
    let file = contract.file();
    let examples = match file.vectors.len() {
        0 => text("none"),
        count => count.to_string(),
    };
    let calls = calls(&contract);
    [
        text(name),
        shortened(&file.title),
        calls,
        file.credential.is.to_string(),
        examples,
        accepts(&contract),
    ]
}

fn shortened(title: &str) -> String {
    match title.char_indices().nth(TITLE) {
        Some(_) => title.chars().take(TITLE - 1).chain(['…']).collect(),
        None => title.to_owned(),
    }
}

/// Its methods.
fn calls(contract: &Contract) -> String {
    let mut methods: Vec<_> =
        contract.entrances().iter().map(|entrance| entrance.route.method).collect();
    methods.dedup();
    methods.join(", ")
}

/// The weaknesses that a file accepts, a word each.
fn accepts(contract: &Contract) -> String {
    let accept = &contract.file().accept;
    if accept.contains_key(Rule::CredentialNone.name()) {
        return "all".to_owned();
    }
    let word = |name: &str| match Rule::named(name) {
        Some(Rule::TemplateAmbiguous) => "split".to_owned(),
        Some(Rule::SecretShown) => "secret".to_owned(),
        _ => name.trim_end_matches("-unsigned").to_owned(),
    };
    accept.keys().map(word).collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_contract_has_a_line_of_a_hundred_columns_at_most() {
        let folder = Folder::default();
        let table = table(&folder).expect("contracts");
        let lines: Vec<_> = table.lines().collect();
        for line in lines.iter().take_while(|line| !line.is_empty()) {
            assert!(line.chars().count() <= 100, "{line}");
        }
        for name in folder.names().expect("contracts") {
            let line = lines.iter().find(|line| line.split(' ').next() == Some(name.as_str()));
            assert!(line.is_some_and(|line| !line.contains("not safe")), "{name}");
        }
        let has =
            |words: &str| lines.iter().any(|line| line.split_whitespace().eq(words.split(' ')));
        assert!(has("cpx CPX Research GET md5 none secret user amount kind"), "{table}");
        assert!(has("adgate AdGate Media GET none none all"), "{table}");
        assert!(has("bitlabs BitLabs GET hmac-sha1 1"), "{table}");
    }
}
