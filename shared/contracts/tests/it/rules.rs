//! Every rule, by the safe contract with as little changed as it takes.

use std::collections::BTreeSet;

use contracts::Rule;

use crate::safe::{HASH, SAFE, broken, changed, checked};

/// A rule, what is changed for it, and what else is then said.
struct Case {
    rule: Rule,
    changes: &'static [(&'static str, &'static str)],
    /// Other rules that are broken by the same.
    with: &'static [Rule],
}

const fn only(rule: Rule, changes: &'static [(&'static str, &'static str)]) -> Case {
    Case { rule, changes, with: &[] }
}

/// Takes the vector out of the safe contract, whose recipe is another then.
const NO_VECTOR: (&str, &str) = (
    "\n[[vectors]]\nsecret = \"example key\"\nquery = \"id=t1&user=u1&points=5&currency=coins&status=1&debug=false&hash=1a1b6184a5a2ffe56dbe8c3d401851aa5a7d4b7aa485aabbd3c8dded0f628a84\"\nsource = \"https://provider.example/callbacks\"\n",
    "",
);

const OVER: &str = "{id}:{user}:{points}:{currency}:{status}:{debug}";

const CASES: &[Case] = &[
    only(Rule::BadVersion, &[("contract = 1", "contract = 2")]),
    only(Rule::NoSource, &[("sources = [\"https://provider.example/callbacks\"]", "sources = []")]),
    only(Rule::BadRoute, &[("get = \"/example\"", "get = \"/other\"")]),
    only(Rule::BadType, &[("time = \"epoch-s?\"", "time = \"epoch\"")]),
    only(
        Rule::UndeclaredField,
        &[("fingerprint = [\"user\", \"points\"]", "fingerprint = [\"usr\"]")],
    ),
    only(Rule::BadCallback, &[("kind = \"completed\"", "kind = \"Completed\"")]),
    only(Rule::BadCredential, &[("is = \"hmac-sha256\"", "is = \"hmac-sha3\"")]),
    only(Rule::BadTemplate, &[(OVER, "{id}:{user:{points}")]),
    // `printf %s 't1:u1:5:coins:1:falseexample key' | sha256sum`
    only(
        Rule::SecretMissing,
        &[
            ("hmac-sha256", "sha256"),
            (HASH, "d5c62020dc098efec3daf98ffb23318e14d9f8e691316010b6c7c0c0d26135e9"),
        ],
    ),
    Case {
        rule: Rule::SecretRepeated,
        changes: &[
            ("hmac-sha256", "sha256"),
            (OVER, "{secret}{id}:{user}:{points}:{currency}:{status}:{debug}{secret}"),
            NO_VECTOR,
            ("token = false", "unconfirmed = \"All.\""),
        ],
        with: &[Rule::Unconfirmed],
    },
    // `printf t1u1:5:coins:1:false | openssl dgst -sha256 -hmac 'example key'`
    Case {
        rule: Rule::TemplateAmbiguous,
        changes: &[
            (OVER, "{id}{user}:{points}:{currency}:{status}:{debug}"),
            (HASH, "84db3d62e1ca226f186b0c65ea61ce97540bf70e2efb3aeb6c26cbe81ae40a09"),
            ("required = false", "required = true"),
        ],
        with: &[],
    },
    // `printf u1:5:coins:1:false | openssl dgst -sha256 -hmac 'example key'`
    only(
        Rule::IdentityUnsigned,
        &[
            (OVER, "{user}:{points}:{currency}:{status}:{debug}"),
            (HASH, "aa9941fc833fd4c6b46fc22ebe01a924e702a10527dcbdba1436b4565f576a64"),
            ("required = false", "required = true"),
        ],
    ),
    only(
        Rule::IdentityUnguarded,
        &[
            (OVER, "{user}:{points}:{currency}:{status}:{debug}"),
            (HASH, "aa9941fc833fd4c6b46fc22ebe01a924e702a10527dcbdba1436b4565f576a64"),
            ("[accept]", "[accept]\nidentity-unsigned = \"somehow\""),
        ],
    ),
    // `printf t1:u1:coins:1:false | openssl …`, and so on for what is left out.
    only(
        Rule::MoneyUnsigned,
        &[
            (OVER, "{id}:{user}:{currency}:{status}:{debug}"),
            (HASH, "cbecf28e3399d8974df5224a14a3c5dcc159bd64b8df4c7fe7c77bce02bc24bd"),
        ],
    ),
    only(
        Rule::UserUnsigned,
        &[
            (OVER, "{id}:{points}:{currency}:{status}:{debug}"),
            (HASH, "da5808370d4a9d7895f675a4403527b00dd35e9ad181efab2589641a7bf6d6b7"),
        ],
    ),
    only(
        Rule::KindUnsigned,
        &[
            (OVER, "{id}:{user}:{points}:{currency}:{debug}"),
            (HASH, "9977531630af02fdb5d07545c675cd7fc2e333ae46a6b9cd85ec9fcb3efeb9e4"),
        ],
    ),
    only(
        Rule::TestUnsigned,
        &[
            (OVER, "{id}:{user}:{points}:{currency}:{status}"),
            (HASH, "94da2e21fcb3ac8ea3e36b51b432837d92a01bfa789cbb7117c255f8fa3d9a23"),
        ],
    ),
    only(
        Rule::UnitUnsigned,
        &[
            (OVER, "{id}:{user}:{points}:{status}:{debug}"),
            (HASH, "569f2779b20f53d68567328236d44936c008a26d09482a48ff937188190e1997"),
        ],
    ),
    // The sample says no time, which it then has to.
    Case {
        rule: Rule::WindowUnsigned,
        changes: &[(
            "over = ",
            "window = { at = \"time\", past_seconds = 300, future_seconds = 60 }\nover = ",
        )],
        with: &[Rule::SampleFails],
    },
    only(Rule::UnusedAccept, &[("[accept]", "[accept]\nuser-unsigned = \"it is signed\"")]),
    only(
        Rule::VectorFails,
        &[(HASH, "1a1b6184a5a2ffe56dbe8c3d401851aa5a7d4b7aa485aabbd3c8dded0f628a85")],
    ),
    only(Rule::SampleFails, &[("name = \"example-completed\"", "name = \"other-completed\"")]),
    only(Rule::BadAnswer, &[("unavailable = { status = 503 }", "unavailable = { status = 200 }")]),
    only(Rule::BadNetworks, &[("192.0.2.0/24", "192.0.2.0/33")]),
    only(Rule::ReversalAlone, &[("effect = \"complete\"", "effect = \"credit\"")]),
    only(Rule::CompletionAlone, &[("effect = \"reverse\"\nof = \"id\"", "effect = \"nothing\"")]),
    // `printf %s "example key$text" | sha256sum`
    only(
        Rule::LengthExtension,
        &[
            ("hmac-sha256", "sha256"),
            (OVER, "{secret}{id}:{user}:{points}:{currency}:{status}:{debug}"),
            (HASH, "b882d7b5d5ea0891cb810f84aa939b1a35d3fb015326c4d5f3fe7b8c7c679073"),
        ],
    ),
    only(Rule::Md5, &[("hmac-sha256", "hmac-md5"), (HASH, "0f3d37dde74ac6cf0750324388311179")]),
    only(
        Rule::Sha1,
        &[("hmac-sha256", "hmac-sha1"), (HASH, "ae6193a5df8de4da13ea19e3609c72385eb44895")],
    ),
    only(
        Rule::Bearer,
        &[
            ("hmac-sha256", "key"),
            ("over = \"{id}:{user}:{points}:{currency}:{status}:{debug}\"", ""),
            (HASH, "example%20key"),
        ],
    ),
    only(Rule::Unconfirmed, &[NO_VECTOR, ("token = false", "unconfirmed = \"Everything.\"")]),
    Case { rule: Rule::Unexplained, changes: &[NO_VECTOR], with: &[Rule::Unconfirmed] },
    only(
        Rule::BadSettings,
        &[("[accept]", "[settings]\nheader = \"SIGNATURE_HEADER\"\n\n[accept]")],
    ),
    only(Rule::SecretShown, &[("[accept]", "[accept]\nsecret-shown = \"a browser sees it\"")]),
];

/// Nothing is signed: then everything else is unsigned as well.
const NOTHING_SIGNED: &[(&str, &str)] = &[
    ("hmac-sha256", "none"),
    ("at = \"query.hash\"\n", ""),
    ("over = \"{id}:{user}:{points}:{currency}:{status}:{debug}\"", ""),
    ("token = false", "token = true\nunconfirmed = \"Everything.\""),
    NO_VECTOR,
    (
        "[accept]",
        "[accept]\nidentity-unsigned = \"a\"\namount-unsigned = \"b\"\nuser-unsigned = \"c\"\nkind-unsigned = \"d\"\ntest-unsigned = \"e\"\nunit-unsigned = \"f\"",
    ),
];

/// Cases that a list of changes cannot say.
fn others() -> Vec<(Rule, Vec<Rule>)> {
    let (head, _) = SAFE.split_once("[[callbacks]]").expect("callbacks");
    let (_, behind) = SAFE.split_once("[answers]").expect("answers");
    let none = format!("callbacks = []\n{head}[answers]{behind}");
    let named = contracts::check("Example", SAFE).expect("of the form");
    vec![
        (Rule::NoCallback, broken(&none)),
        (Rule::BadName, crate::safe::rules(&named)),
        (Rule::CredentialNone, broken(&changed(NOTHING_SIGNED))),
    ]
}

#[test]
fn nothing_is_said_about_a_safe_contract() {
    let checked = checked(SAFE);
    assert_eq!(checked.findings, []);
    assert!(checked.safe().is_some());
}

#[test]
fn each_rule_is_broken_alone() {
    for case in CASES {
        let mut expected = [&[case.rule], case.with].concat();
        expected.sort_unstable();
        let checked = checked(&changed(case.changes));
        assert_eq!(crate::safe::rules(&checked), expected, "{:?}", checked.findings);
        let is_error = expected.iter().any(|rule| rule.is_error());
        assert_eq!(checked.safe().is_none(), is_error, "{:?}", case.rule);
    }
    for (rule, found) in others() {
        // A route of another name is not below that name, and without a vector nothing is confirmed.
        let beside = [Rule::BadRoute, Rule::Unconfirmed];
        let found: Vec<_> = found.into_iter().filter(|it| !beside.contains(it)).collect();
        assert_eq!(found, [rule]);
    }
}

#[test]
fn no_rule_is_without_a_contract_that_breaks_it() {
    let broken: BTreeSet<_> = CASES.iter().map(|case| case.rule).collect();
    let others = others().into_iter().map(|(rule, _)| rule);
    let broken: BTreeSet<_> = broken.into_iter().chain(others).collect();
    assert_eq!(broken, Rule::ALL.iter().copied().collect());
}

#[test]
fn what_is_accepted_with_a_reason_is_served() {
    let acceptable = CASES.iter().filter(|case| case.rule.is_acceptable());
    for case in acceptable {
        let text = changed(case.changes);
        let accepted = |why: &str| {
            text.replace("[accept]", &format!("[accept]\n{} = \"{why}\"", case.rule.name()))
        };
        assert_eq!(broken(&accepted("as the provider has it")), case.with, "{:?}", case.rule);
        assert!(checked(&accepted("as the provider has it")).safe().is_some());
        let unexplained = checked(&accepted(" "));
        assert!(unexplained.safe().is_none(), "{:?}", case.rule);
    }
    // An error that is none of the provider's is not accepted.
    let text = changed(&[
        ("192.0.2.0/24", "192.0.2.0/33"),
        ("[accept]", "[accept]\nbad-networks = \"no\""),
    ]);
    assert_eq!(broken(&text), [Rule::UnusedAccept, Rule::BadNetworks]);
}
