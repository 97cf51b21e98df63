//! Whether a signed text can be read in two ways: what the linter says, against all texts of small fields.
//!
//! Fields of random types are signed in a random way. All their values over three characters are tried, the text
//! put together here and not by the engine; where two of them have one text, the linter has to have said so.

use std::collections::{BTreeMap, HashMap};

use contracts::{Checked, Rule};
use hmac::{Hmac, KeyInit as _, Mac as _};
use proptest::prelude::*;
use sha2::{Digest as _, Sha256};
use verify::Secret;

use crate::safe::rules;

/// Types, with all values of them that are no longer than two of `a`, `1` and `:`, or that stand in the type.
const TYPES: &[(&str, &[&str])] = &[
    ("\"id(9)\"", &["a", "1", ":", "aa", "a1", "a:", "1a", "11", "1:", ":a", ":1", "::"]),
    ("{ is = \"id(9)\", without = \":\" }", &["a", "1", "aa", "a1", "1a", "11"]),
    ("{ is = \"id(9)\", without = \"1\" }", &["a", ":", "aa", "a:", ":a", "::"]),
    ("{ is = \"text(9)\", without = \"a\" }", &["", "1", ":", "11", "1:", ":1", "::"]),
    ("\"word(9)\"", &["a", "1", "aa", "a1", "1a", "11"]),
    ("\"hex(1)\"", &["a", "1"]),
    ("\"hex(2)\"", &["aa", "a1", "1a", "11"]),
    ("{ is = \"hex(2)\", without = \"a\" }", &["11"]),
    ("\"digits(9)\"", &["1", "11"]),
    ("\"integer\"", &["1", "11", "-1"]),
    ("{ is = \"decimal\", without = \"-\" }", &["1", "11", "1.1"]),
    ("\"bool\"", &["true", "false", "1", "0"]),
    ("{ one_of = [\"a\", \"1\"] }", &["a", "1"]),
    ("{ one_of = [\"a\", \"a1\", \":\"] }", &["a", "a1", ":"]),
    ("{ one_of = [\"1\", \"1:\"] }", &["1", "1:"]),
    ("\"any\"", &["", "a", "1", ":", "a:", "11"]),
];

/// What stands between fields.
const LITERALS: &[&str] = &["", ":", "a", "::", "a:", "1", "-"];

/// The names of the fields.
const NAMES: [&str; 3] = ["x", "y", "z"];

/// Small fields and what is signed of them.
#[derive(Debug, Clone)]
struct Case {
    /// The number of its type, and whether it is optional.
    fields: [(usize, bool); 3],
    /// The type of the first field in a second kind of callback.
    other: Option<usize>,
    /// Whether anything follows from the fields.
    matter: bool,
    over: Over,
}

#[derive(Debug, Clone)]
enum Over {
    /// Fields in this order, each with a literal behind it, and the secret behind one of them.
    Template {
        order: Vec<usize>,
        literals: Vec<usize>,
        secret: Option<usize>,
    },
    Fields {
        order: Vec<usize>,
        join: usize,
        skipped: [bool; 3],
    },
    /// The first field is one of `a` and `1`, and chooses.
    Select {
        cases: [Vec<usize>; 2],
        join: usize,
        skipped: [bool; 3],
    },
}

fn over() -> impl Strategy<Value = Over> {
    let order = || prop::sample::subsequence(vec![0, 1, 2], 1..=3).prop_shuffle();
    let template =
        (order(), prop::collection::vec(0..LITERALS.len(), 3), prop::option::of(0..3_usize));
    let join = 0..LITERALS.len();
    prop_oneof![
        template.prop_map(|(order, literals, secret)| Over::Template { order, literals, secret }),
        (order(), join.clone(), any::<[bool; 3]>())
            .prop_map(|(order, join, skipped)| Over::Fields { order, join, skipped }),
        ([order(), order()], join, any::<[bool; 3]>())
            .prop_map(|(cases, join, skipped)| Over::Select { cases, join, skipped }),
    ]
}

fn case() -> impl Strategy<Value = Case> {
    let field = || (0..TYPES.len(), any::<bool>());
    let fields = [field(), field(), field()];
    let other = prop::option::weighted(0.3, 0..TYPES.len());
    (fields, other, any::<bool>(), over()).prop_map(|(mut fields, other, matter, over)| {
        let chooses = matches!(over, Over::Select { .. });
        if chooses {
            let ab = |(kind, _): &(&str, _)| *kind == "{ one_of = [\"a\", \"1\"] }";
            fields[0] = (TYPES.iter().position(ab).expect("it is there"), false);
        }
        Case { fields, other: other.filter(|_| !chooses), matter, over }
    })
}

fn list<'a>(names: impl Iterator<Item = &'a str>) -> String {
    format!("[{}]", names.map(|name| format!("\"{name}\"")).collect::<Vec<_>>().join(", "))
}

impl Case {
    fn toml(&self) -> String {
        let named = |order: &[usize]| list(order.iter().map(|at| NAMES[*at]));
        let skip = |skipped: &[bool; 3], signed: &[usize]| {
            let is_skipped = |at: &usize| skipped[*at] && signed.contains(at);
            list((0..3).filter(is_skipped).map(|at| NAMES[at]))
        };
        let (is, over) = match &self.over {
            Over::Template { order, literals, secret } => {
                let part = |(place, at): (usize, &usize)| {
                    let secret = if *secret == Some(place) { "{secret}" } else { "" };
                    format!("{{{}}}{}{secret}", NAMES[*at], LITERALS[literals[place]])
                };
                let text: String = order.iter().enumerate().map(part).collect();
                let is = if text.contains("{secret}") { "sha256" } else { "hmac-sha256" };
                (is, format!("\"{text}\""))
            }
            Over::Fields { order, join, skipped } => {
                let (order, join, skip) = (named(order), LITERALS[*join], skip(skipped, order));
                (
                    "hmac-sha256",
                    format!("{{ fields = {order}, join = \"{join}\", skip_empty = {skip} }}"),
                )
            }
            Over::Select { cases: [one, other], join, skipped } => {
                let skip = skip(skipped, &[one.as_slice(), other].concat());
                let (one, other) = (named(one), named(other));
                let join = LITERALS[*join];
                (
                    "hmac-sha256",
                    format!(
                        "{{ select = \"x\", cases = {{ a = {one}, 1 = {other} }}, join = \"{join}\", skip_empty = {skip} }}"
                    ),
                )
            }
        };
        let written = |(kind, optional): (usize, bool)| match (TYPES[kind].0, optional) {
            (kind, false) => kind.to_owned(),
            (kind, true) if kind.starts_with('{') => kind.replace(" }", ", optional = true }"),
            (kind, true) => kind.replacen('"', "", 1).replace('"', "?\"").replacen("", "\"", 1),
        };
        let [x, y, z] = self.fields.map(written);
        let second = self.other.map(|kind| {
            let x = written((kind, self.fields[0].1));
            format!(
                "[[callbacks]]\nkind = \"second\"\neffect = \"nothing\"\nfields = {{ x = {x} }}"
            )
        });
        let first = if second.is_some() { "when = { first = \"true\" }" } else { "" };
        let fingerprint = if self.matter { list(NAMES.into_iter()) } else { "[]".to_owned() };
        format!(
            "contract = 1\ntitle = \"Small\"\nsources = [\"https://provider.example\"]\n\
             [[routes]]\nget = \"/small\"\n\
             [fields]\nid = \"id(9)\"\nfirst = \"bool?\"\nx = {x}\ny = {y}\nz = {z}\n\
             [credential]\nis = \"{is}\"\nat = \"query.h\"\nover = {over}\n\
             [identity]\nkey = [\"id\"]\nfingerprint = {fingerprint}\n\
             [meaning]\nuser = \"id\"\n\
             [[callbacks]]\nkind = \"first\"\n{first}\neffect = \"nothing\"\n{}",
            second.unwrap_or_default()
        )
    }

    /// All values of all fields, of either kind of callback; empty is absent.
    fn values(&self) -> Vec<[&'static str; 3]> {
        let of = |at: usize| {
            let (kind, optional) = self.fields[at];
            let mut values = TYPES[kind].1.to_vec();
            if at == 0 {
                values.extend(self.other.iter().flat_map(|kind| TYPES[*kind].1));
            }
            if optional {
                values.push("");
            }
            values.sort_unstable();
            values.dedup();
            values
        };
        let (xs, ys, zs) = (of(0), of(1), of(2));
        let pairs = xs.iter().flat_map(|x| ys.iter().map(move |y| (*x, *y)));
        pairs.flat_map(|(x, y)| zs.iter().map(move |z| [x, y, *z])).collect()
    }

    /// What is signed of `values`, the secret as `$`; and what it has to say, field by field.
    fn signed(&self, values: [&'static str; 3]) -> (String, BTreeMap<usize, &'static str>) {
        let joined = |order: &[usize], join: &usize, skipped: &[bool; 3]| {
            let is_there = |at: &&usize| !(skipped[**at] && values[**at].is_empty());
            let there: Vec<_> = order.iter().filter(is_there).map(|at| values[*at]).collect();
            let matter = |at: &&usize| self.matter || !skipped[**at];
            let matter: Vec<_> = order.iter().filter(matter).copied().collect();
            (there.join(LITERALS[*join]), matter)
        };
        let (text, order) = match &self.over {
            Over::Template { order, literals, secret } => {
                let part = |(place, at): (usize, &usize)| {
                    let secret = if *secret == Some(place) { "$" } else { "" };
                    format!("{}{}{secret}", values[*at], LITERALS[literals[place]])
                };
                (order.iter().enumerate().map(part).collect(), order.clone())
            }
            Over::Fields { order, join, skipped } => joined(order, join, skipped),
            Over::Select { cases: [a, _], join, skipped } if values[0] == "a" => {
                joined(a, join, skipped)
            }
            Over::Select { cases: [_, one], join, skipped } => joined(one, join, skipped),
        };
        let says = order.into_iter().map(|at| (at, values[at]));
        (text, says.filter(|(_, value)| !value.is_empty()).collect())
    }

    /// Two sets of values that have one text, where there are any.
    fn collision(&self) -> Option<(String, [&'static str; 3], [&'static str; 3])> {
        let mut texts = HashMap::new();
        self.values().into_iter().find_map(|values| {
            let (text, says) = self.signed(values);
            let (others, said) = texts.entry(text.clone()).or_insert((values, says.clone()));
            (*said != says).then_some((text, *others, values))
        })
    }

    fn checked(&self) -> Checked {
        let toml = self.toml();
        contracts::check("small", &toml).unwrap_or_else(|error| panic!("{error}\n{toml}"))
    }
}

fn is_ambiguous(checked: &Checked) -> bool {
    assert!(checked.contract.is_some(), "{:?}", checked.findings);
    rules(checked).contains(&Rule::TemplateAmbiguous)
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(1500) })]

    #[test]
    fn no_two_callbacks_have_one_text_unless_the_linter_says_so(case in case()) {
        let collision = case.collision();
        if !is_ambiguous(&case.checked()) {
            prop_assert_eq!(collision, None, "{}", case.toml());
        }
    }

    /// The text that the engine signs is the one that is put together here.
    #[test]
    fn the_engine_signs_the_text_that_is_tried(case in case(), place in any::<prop::sample::Index>()) {
        let values = case.values();
        let values = values[place.index(values.len())];
        let mut payload = serde_json::json!({ "id": "t" });
        for (name, value) in NAMES.iter().zip(values).filter(|(_, value)| !value.is_empty()) {
            payload[*name] = value.into();
        }
        let contract = case.checked().contract.expect("of the form");
        let secret = Secret::new("$".to_owned()).expect("not empty");
        let request = contract.sign(0, "", &payload.to_string(), &secret).expect("signed");
        let (text, _) = case.signed(values);
        let mac = if case.toml().contains("is = \"sha256\"") {
            hex::encode(Sha256::digest(text))
        } else {
            let mut mac = Hmac::<Sha256>::new_from_slice(b"$").expect("of any length");
            mac.update(text.as_bytes());
            hex::encode(mac.finalize().into_bytes())
        };
        prop_assert!(request.query.ends_with(&format!("h={mac}")), "{}: {}", text_of(values), case.toml());
    }
}

fn text_of(values: [&str; 3]) -> String {
    values.join("|")
}

/// What is signed by a template of fields of these types: `x`, `y` and `z`.
fn template(over: &str, [x, y, z]: [&str; 3]) -> bool {
    let case = Case {
        fields: [(0, false); 3],
        other: None,
        matter: true,
        over: Over::Fields { order: vec![0], join: 0, skipped: [false; 3] },
    };
    let toml = case.toml();
    let toml = toml.replace(
        "over = { fields = [\"x\"], join = \"\", skip_empty = [] }",
        &format!("over = {over}"),
    );
    let toml = toml.replace(
        "x = \"id(9)\"\ny = \"id(9)\"\nz = \"id(9)\"",
        &format!("x = {x}\ny = {y}\nz = {z}"),
    );
    let route = if over.contains("{body}") { "post" } else { "get" };
    let toml = toml.replace("get = ", &format!("{route} = "));
    assert!(toml.contains(over) && toml.contains(&format!("z = {z}")), "{toml}");
    is_ambiguous(&contracts::check("small", &toml).unwrap_or_else(|error| panic!("{error}")))
}

#[test]
fn what_is_known_to_be_ambiguous_is_found() {
    let (id, digits, guid) = ("\"id(64)\"", "\"digits(9)\"", "\"guid\"");
    let colon = "{ is = \"id(64)\", without = \":\" }";
    for (over, types) in [
        // The recipes of many walls: two ids, or an id and an amount, with nothing between.
        ("\"{x}{y}\"", [id, id, id]),
        ("\"{x}{y}{z}\"", [id, "\"decimal>=0\"", id]),
        ("\"{x}{y}\"", [digits, digits, id]),
        // A separator that both may have.
        ("\"{x}:{y}\"", [id, id, id]),
        ("\"{x}-{y}\"", [id, "\"integer\"", id]),
        ("\"{x}:{y}:{z}\"", [id, colon, id]),
        // What has a fixed length, and may be absent.
        ("\"{x}{y}\"", ["\"hex(8)?\"", "\"id(64)?\"", id]),
        ("\"{x}{y}{z}\"", [guid, id, digits]),
        ("\"{x}{y}\"", ["{ one_of = [\"1\", \"11\"] }", digits, id]),
        ("\"{x}{body}\"", [id, id, id]),
        // The one that is left out, and the last that may have the separator.
        (
            "{ fields = [\"x\", \"y\"], join = \":\", skip_empty = [\"x\"] }",
            ["{ is = \"id(64)\", without = \":\", optional = true }", id, id],
        ),
        (
            "{ fields = [\"x\", \"y\", \"z\"], join = \":\", skip_empty = [\"x\", \"z\"] }",
            [
                "{ is = \"id(64)\", without = \":\", optional = true }",
                colon,
                "{ is = \"id(64)\", without = \":\", optional = true }",
            ],
        ),
        // A value that chooses and is not the first.
        (
            "{ select = \"x\", cases = { a = [\"x\", \"y\"], 1 = [\"y\", \"x\"] }, join = \":\" }",
            ["{ one_of = [\"a\", \"1\"] }", colon, id],
        ),
        (
            "{ select = \"x\", cases = { a = [\"x\", \"y\"], \"a:1\" = [\"x\", \"y\"] }, join = \":\" }",
            ["{ one_of = [\"a\", \"a:1\"] }", "\"id(64)\"", id],
        ),
    ] {
        assert!(template(over, types), "{over} of {types:?}");
    }
}

#[test]
fn what_comes_apart_in_one_way_only_is_not_refused() {
    let (id, digits, guid) = ("\"id(64)\"", "\"digits(9)\"", "\"guid\"");
    let colon = "{ is = \"id(64)\", without = \":\" }";
    for (over, types) in [
        ("\"{x}{secret}\"", [id, id, id]),
        ("\"{x}{secret}{y}\"", [id, id, id]),
        ("\"{x}:{y}\"", [colon, id, id]),
        ("\"{x}:{y}\"", [id, colon, id]),
        ("\"{x}:{y}:{z}\"", [colon, id, colon]),
        ("\"{x}{y}{z}\"", [guid, id, "\"hex(40)\""]),
        ("\"{x}{y}\"", ["{ is = \"id(64)\", without = \"0123456789\" }", digits, id]),
        (
            "\"{x}{y}{z}\"",
            [
                "{ is = \"id(64)\", without = \"0123456789-\" }",
                guid,
                "{ is = \"id(64)\", without = \"0123456789-\" }",
            ],
        ),
        ("\"{x}{y}\"", ["{ one_of = [\"1\", \"2\"] }", id, id]),
        ("\"{x}{y}\"", ["{ one_of = [\"a\", \"bb\"] }", id, id]),
        ("\"{x}. {body}\"", ["{ is = \"id(64)\", without = \".\" }", id, id]),
        (
            "{ fields = [\"x\", \"y\"], join = \":\", skip_empty = [\"x\"] }",
            ["{ is = \"id(64)\", without = \":\", optional = true }", colon, id],
        ),
        (
            "{ select = \"x\", cases = { a = [\"x\", \"y\"], 1 = [\"x\", \"z\"] }, join = \":\" }",
            ["{ one_of = [\"a\", \"1\"] }", id, id],
        ),
    ] {
        assert!(!template(over, types), "{over} of {types:?}");
    }
}
