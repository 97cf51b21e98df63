//! `docs/app.md` says which field of each contract is the user, and what ids it takes.

#![expect(clippy::expect_used, clippy::panic, reason = "a test that cannot go on has failed")]

#[path = "../../contracts/tests/documented/page.rs"]
mod page;

use std::fmt::Write as _;

use contracts::Contract;
use contracts::field_type::{FieldType, Form};

#[test]
fn the_page_has_the_user_of_every_contract() {
    let contracts = catalogue::names().map(|name| catalogue::find(name).expect(name));
    let mut contracts: Vec<_> = contracts.filter(|contract| !has_a_function(contract)).collect();
    assert!(contracts.len() > 20, "the catalogue");
    contracts.sort_by_key(|contract| contract.file().title.to_lowercase());
    let mut table = "| provider | the user | takes | in the URL that is pasted |\n\
                     | --- | --- | --- | --- |\n"
        .to_owned();
    for contract in &contracts {
        let title = &contract.file().title;
        let _ = writeln!(
            table,
            "| [{title}](catalogue.md#{}) | {} | {} | {} |",
            contract.name(),
            users(contract).iter().map(|user| format!("`{user}`")).collect::<Vec<_>>().join(", "),
            taken(contract),
            macros(contract)
        );
    }
    page::hold("docs/app.md", "users", &table);
}

fn has_a_function(contract: &Contract) -> bool {
    page::project("functions").join(contract.name()).is_dir()
}

fn users(contract: &Contract) -> Vec<String> {
    contract.file().meaning.user.as_slice().iter().map(ToString::to_string).collect()
}

/// What the fields of the user may be.
fn taken(contract: &Contract) -> String {
    let types = users(contract).into_iter().map(|user| {
        let declared = contract.fields().iter().find(|field| field.name == user).expect("declared");
        let FieldType { form, without, .. } = &declared.kind;
        let form = match form {
            Form::Id(longest) => format!("{longest} characters"),
            Form::Guid => "a GUID".to_owned(),
            other => panic!("{user}: say what {other:?} is to whoever chooses ids"),
        };
        let without: Vec<_> = without.chars().map(|c| format!("`{c}`")).collect();
        if without.is_empty() { form } else { format!("{form} without {}", without.join(" or ")) }
    });
    let mut types: Vec<_> = types.collect();
    types.dedup();
    types.join("; ")
}

/// Where the user stands in what is pasted into the dashboard.
fn macros(contract: &Contract) -> String {
    let users = users(contract);
    let pasted = contract.file().routes.iter().filter_map(|route| route.paste.as_deref());
    let pairs = pasted.flat_map(|paste| paste.trim_start_matches('?').split('&'));
    let of_user =
        pairs.filter(|pair| users.iter().any(|user| pair.split('=').next() == Some(user)));
    let mut of_user: Vec<_> = of_user.map(|pair| format!("`{pair}`")).collect();
    of_user.dedup();
    if of_user.is_empty() { "–".to_owned() } else { of_user.join(", ") }
}
