//! Whatever is sent to a contract of the catalogue, nothing panics, and nothing that nobody signed is proved.

use std::sync::LazyLock;

use contracts::Rule;
use http::{HeaderName, HeaderValue};
use jiff::Timestamp;
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use proptest::prelude::*;
use proptest::strategy::ValueTree as _;
use proptest::test_runner::{Config, RngAlgorithm, TestRng, TestRunner};
use verify::Request;

use crate::catalogue::catalogue;
use crate::received::Function;

/// Every contract that is proved by a key, served with one that signs nothing here.
static FUNCTIONS: LazyLock<Vec<Function>> = LazyLock::new(|| {
    let contracts = catalogue().into_iter().map(|(name, text)| {
        let checked = contracts::check(&name, &text).unwrap_or_else(|error| panic!("{error}"));
        checked.contract.unwrap_or_else(|| panic!("{name}: {:?}", checked.findings))
    });
    let keyed = contracts.filter(|contract| !contract.needs_no_key());
    // It is base64 as well as text.
    keyed.map(|contract| Function::serving(contract, "random01")).collect()
});

/// Names that a contract looks for, and values that are nearly right; each may be anything instead.
fn pairs(function: &Function) -> impl Strategy<Value = Vec<(String, String)>> + use<> {
    let contract = function.served.contract();
    let credential = contract.file().credential.at.clone().unwrap_or_default();
    let credential = credential.split_once('.').map(|(_, name)| name.to_owned());
    let names = contract.fields().iter().map(|field| field.name.to_owned());
    let names: Vec<_> = names.chain(credential).chain(["token".to_owned()]).collect();
    let name = prop_oneof![9 => prop::sample::select(names), 1 => any::<String>()];
    let value = prop_oneof![
        "[0-9a-f]{32}",
        "[0-9a-f]{64}",
        "[A-Za-z0-9+/_=-]{0,90}",
        "v1,[A-Za-z0-9+/]{43}=",
        "-?[0-9]{0,30}",
        "[a-z_]{0,12}",
        "ey[A-Za-z0-9_-]{0,40}(\\.[A-Za-z0-9_-]{0,40}){0,4}",
        Just(String::new()),
        any::<String>(),
    ];
    prop::collection::vec((name, value), 0..20)
}

fn request(pairs: &[(String, String)], shape: u8, raw: &[u8]) -> Request {
    let escape = |text| utf8_percent_encode(text, NON_ALPHANUMERIC);
    let form = pairs.iter().map(|(name, value)| format!("{}={}", escape(name), escape(value)));
    let form = form.collect::<Vec<_>>().join("&");
    let members = pairs.iter().map(|(name, value)| {
        let name = serde_json::Value::from(name.as_str());
        let value = match shape % 3 {
            0 => serde_json::Value::from(value.as_str()),
            _ => serde_json::from_str(value).unwrap_or_else(|_| value.as_str().into()),
        };
        format!("{name}:{value}")
    });
    let json = format!("{{{}}}", members.collect::<Vec<_>>().join(","));
    let mut request = match shape {
        0..=4 => Request { query: form.clone(), body: json.into_bytes(), ..Request::default() },
        5 => Request { query: form.clone(), body: form.clone().into_bytes(), ..Request::default() },
        6 => Request { query: form.clone(), body: raw.to_vec(), ..Request::default() },
        _ => Request {
            query: String::from_utf8_lossy(raw).into_owned(),
            body: raw.to_vec(),
            ..Request::default()
        },
    };
    for (name, value) in pairs {
        let name = name.trim_start_matches("header.");
        let header = (HeaderName::from_bytes(name.as_bytes()), HeaderValue::from_str(value));
        if let (Ok(name), Ok(value)) = header {
            request.headers.append(name, value);
        }
    }
    request
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(64) })]

    #[test]
    fn nothing_that_nobody_signed_is_proved(
        seed in any::<u64>(), shape in 0..9_u8, raw in prop::collection::vec(any::<u8>(), 0..80),
    ) {
        let seed: Vec<u8> = seed.to_le_bytes().repeat(4);
        let rng = TestRng::from_seed(RngAlgorithm::ChaCha, &seed);
        let mut runner = TestRunner::new_with_rng(Config::default(), rng);
        for function in FUNCTIONS.iter() {
            let pairs = pairs(function).new_tree(&mut runner).expect("a value").current();
            let request = request(&pairs, shape, &raw);
            for entrance in 0..function.served.contract().entrances().len() {
                let received = function.receive(entrance, &request, Timestamp::UNIX_EPOCH);
                prop_assert!(received.is_err(), "{}: {request:?}", function.served.contract().name());
            }
        }
    }

    /// What is no contract is told so, whatever it is.
    #[test]
    fn no_file_makes_the_linter_panic(
        which in any::<prop::sample::Index>(), from in any::<prop::sample::Index>(), text in any::<String>(),
        lines in any::<bool>(),
    ) {
        let (name, toml) = &catalogue()[which.index(catalogue().len())];
        let mut pieces: Vec<_> = toml.lines().map(str::to_owned).collect();
        let at = from.index(pieces.len());
        if lines {
            pieces.remove(at);
        } else {
            let line = &pieces[at];
            let cut = from.index(line.chars().count() + 1);
            let (before, behind): (String, String) =
                (line.chars().take(cut).collect(), line.chars().skip(cut).collect());
            pieces[at] = format!("{before}{text}{behind}");
        }
        if let Ok(checked) = contracts::check(name, &pieces.join("\n")) {
            let is_loaded = checked.contract.is_some();
            prop_assert!(is_loaded || checked.findings.iter().any(|it| it.rule.is_error()));
            prop_assert!(!checked.findings.iter().any(|it| it.rule == Rule::BadName));
        }
    }
}
