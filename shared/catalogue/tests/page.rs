//! `docs/catalogue.md` says what the contracts say: a table of all, and a section for each.

#![expect(clippy::expect_used, clippy::panic, reason = "a test that cannot go on has failed")]

#[path = "../../contracts/tests/documented/page.rs"]
mod page;

use std::fmt::Write as _;

use contracts::coverage;
use contracts::file::{
    AnswerSpec, BeforeSpec, EffectSpec, EncodeSpec, KeysSpec, OfSpec, OverSpec, ParametersSpec,
    WholeSpec,
};
use contracts::{Contract, ContractFile};

const PAGE: &str = "docs/catalogue.md";

#[test]
fn the_page_has_every_contract() {
    let mut table =
        "| provider | comes as | credential | not signed | reversals | beside it | held to |\n\
                     | --- | --- | --- | --- | --- | --- | --- |\n"
            .to_owned();
    let mut sections = String::new();
    let contracts = catalogue::names().map(|name| catalogue::find(name).expect(name));
    let mut contracts: Vec<_> = contracts.collect();
    assert!(contracts.len() > 20, "the catalogue");
    contracts.sort_by_key(|contract| contract.file().title.to_lowercase());
    for contract in &contracts {
        let row = [
            format!("[{}](#{})", contract.file().title, contract.name()),
            methods(contract),
            credential(contract.file()),
            fields(contract, false),
            reversals(contract),
            guards(contract),
            proofs(contract.file()),
        ];
        let _ = writeln!(table, "| {} |", row.map(|cell| in_a_cell(&cell)).join(" | "));
        sections.push_str(&section(contract));
    }
    page::hold(PAGE, "overview", &table);
    page::hold(PAGE, "providers", &sections);
}

fn in_a_cell(text: &str) -> String {
    if text.is_empty() { "–".to_owned() } else { text.replace('|', "\\|") }
}

/// What there is to say of one contract.
fn section(contract: &Contract) -> String {
    let (name, file) = (contract.name(), contract.file());
    let mut text = format!("<a id=\"{name}\"></a>\n### {}\n\n", file.title);
    let mut say = |what: &str, said: String| {
        if !said.is_empty() {
            let _ = writeln!(text, "* {what}: {said}");
        }
    };
    say("File", format!("[`contracts/{name}.toml`](../contracts/{name}.toml)"));
    let routes = contract.entrances().iter().zip(&*file.routes).map(|(entrance, spec)| {
        let paste = spec.paste.as_deref().unwrap_or_default();
        format!("`{}{paste}`", entrance.route)
    });
    say("Routes", routes.collect::<Vec<_>>().join(", "));
    say("Credential", credential(file));
    say("Signed", fields(contract, true));
    say("Not signed", fields(contract, false));
    say("Identity", names(&file.identity.key));
    let kinds = file.callbacks.iter().map(|kind| format!("`{}` {}", kind.kind, does(kind.effect)));
    say("Kinds", kinds.collect::<Vec<_>>().join(", "));
    say("Reversals", reversals(contract));
    say("Answers", answers(file));
    say("Beside the signature", guards(contract));
    for (rule, why) in &file.accept {
        say(&format!("Accepted, `{rule}`"), why.to_string());
    }
    say("Held to", proofs(file));
    say("Unconfirmed", file.unconfirmed.as_deref().unwrap_or_default().to_owned());
    let sources = file.sources.iter().map(|source| format!("<{source}>"));
    say("Sources", sources.collect::<Vec<_>>().join(", "));
    text.push('\n');
    text
}

fn names(fields: &[impl std::fmt::Display]) -> String {
    fields.iter().map(|field| format!("`{field}`")).collect::<Vec<_>>().join(", ")
}

/// The fields that the credential covers, or those that it does not.
fn fields(contract: &Contract, covered: bool) -> String {
    let all = contract.fields().iter().zip(coverage::of(contract.proof(), contract.fields()));
    let those = all.filter(|(_, is)| *is == covered).map(|(field, _)| field.name.to_owned());
    names(&those.collect::<Vec<_>>())
}

fn methods(contract: &Contract) -> String {
    let methods = contract.entrances().iter().map(|entrance| match entrance.reads {
        contracts::contract::Reads::Query => "GET",
        contracts::contract::Reads::Form => "POST, form",
        contracts::contract::Reads::Json => "POST, JSON",
    });
    let mut methods: Vec<_> = methods.collect();
    methods.dedup();
    methods.join("; ")
}

fn credential(file: &ContractFile) -> String {
    let spec = &file.credential;
    let Some(at) = &spec.at else { return spec.is.to_string() };
    let over = spec.over.as_ref().map(|over| format!(", over {}", signed(over)));
    let keys = match &spec.keys {
        None => String::new(),
        Some(KeysSpec::Fixed(keys)) => {
            format!(", of {} in the file", counted(keys.len(), "public key"))
        }
        Some(KeysSpec::Fetched(list)) => format!(", of the public keys at <{}>", list.fetch),
    };
    format!("{} in `{at}`{}{keys}", spec.is, over.unwrap_or_default())
}

/// What is signed, in words.
fn signed(over: &OverSpec) -> String {
    match over {
        OverSpec::Template(template) => format!("`{template}`"),
        OverSpec::Before(BeforeSpec { before, of, decoded }) => {
            let whole = match of {
                WholeSpec::Url => "the URL",
                WholeSpec::Query => "the query",
            };
            let decoded = if *decoded { ", decoded" } else { "" };
            format!("{whole} up to `{before}`{decoded}")
        }
        OverSpec::Sorted(sorted) => {
            let of = match sorted.sorted {
                ParametersSpec::Query => "the query",
                ParametersSpec::Form => "the form",
            };
            let encoded = match sorted.encode {
                EncodeSpec::None => "decoded",
                EncodeSpec::Form => "encoded as a form",
                EncodeSpec::Percent => "percent-encoded",
            };
            format!("all parameters of {of}, sorted, {encoded}, with `{}` between", sorted.join)
        }
        OverSpec::Fields(fields) => {
            format!("{} with `{}` between", names(&fields.fields), shown(&fields.join))
        }
        OverSpec::Select(select) => {
            format!(
                "fields that `{}` chooses, with `{}` between",
                select.select,
                shown(&select.join)
            )
        }
    }
}

/// A separator that can be seen.
fn shown(join: &str) -> String {
    let shown = |c: char| {
        if c.is_ascii_graphic() { c.to_string() } else { format!("U+{:04X}", u32::from(c)) }
    };
    join.chars().map(shown).collect()
}

const fn does(effect: EffectSpec) -> &'static str {
    match effect {
        EffectSpec::Credit => "pays",
        EffectSpec::Complete => "pays until reversed",
        EffectSpec::Reverse => "takes back",
        EffectSpec::Nothing => "is kept",
    }
}

/// By which id what was paid is taken back.
fn reversals(contract: &Contract) -> String {
    let file = contract.file();
    let reverse = file.callbacks.iter().filter(|kind| kind.effect == EffectSpec::Reverse);
    let by = reverse.map(|kind| match (&kind.of, &file.identity.key[..]) {
        (Some(OfSpec::Field(field)), _) => format!("by `{field}`"),
        (Some(OfSpec::Stripped(spec)), _) => {
            format!("by `{}` without `{}`", spec.field, spec.without_prefix)
        }
        (None, key) => format!("by {}", names(key)),
    });
    let mut by: Vec<_> = by.collect();
    by.sort();
    by.dedup();
    if by.is_empty() { "none".to_owned() } else { by.join(", ") }
}

/// What stands beside the signature.
fn guards(contract: &Contract) -> String {
    let file = contract.file();
    let networks = file.networks.as_ref().map(|networks| match networks.from.len() {
        0 => "networks, which have to be set".to_owned(),
        count => counted(count, "network"),
    });
    let token = file.token.then(|| "token".to_owned());
    let cap = file.meaning.cap.as_ref().map(|cap| format!("cap {cap}"));
    networks.into_iter().chain(token).chain(cap).collect::<Vec<_>>().join(", ")
}

fn proofs(file: &ContractFile) -> String {
    match file.vectors.len() {
        0 => "no published example".to_owned(),
        count => counted(count, "published example"),
    }
}

fn counted(count: usize, noun: &str) -> String {
    format!("{count} {noun}{}", if count == 1 { "" } else { "s" })
}

fn answers(file: &ContractFile) -> String {
    let Some(answers) = &file.answers else { return "ours".to_owned() };
    let written = [
        ("recorded", &answers.recorded),
        ("duplicate", &answers.duplicate),
        ("conflict", &answers.conflict),
        ("refused", &answers.refused),
        ("unavailable", &answers.unavailable),
    ];
    let write = |(name, answer): (&str, &Option<AnswerSpec>)| {
        let AnswerSpec { status, body } = answer.as_ref()?;
        let status = status.map(|status| format!(" {status}")).unwrap_or_default();
        let body = body.as_ref().map(|body| format!(" `{body}`")).unwrap_or_default();
        Some(format!("{name}{status}{body}"))
    };
    written.into_iter().filter_map(write).collect::<Vec<_>>().join(", ")
}
