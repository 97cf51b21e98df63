//! A contract that nothing is said about.

use contracts::{Checked, Rule};

/// The contract, whose name is `example`. The hash of its vector is
/// `printf t1:u1:5:coins:1:false | openssl dgst -sha256 -hmac 'example key'`.
pub(crate) const SAFE: &str = r#"
contract = 1
title = "Example"
sources = ["https://provider.example/callbacks"]
token = false

[[routes]]
get = "/example"

[fields]
id = { is = "id(64)", without = ":" }
user = { is = "id(64)", without = ":" }
points = "decimal>=0"
currency = { is = "id(8)", without = ":" }
status = { one_of = ["1", "2"] }
debug = "bool"
time = "epoch-s?"

[credential]
is = "hmac-sha256"
at = "query.hash"
over = "{id}:{user}:{points}:{currency}:{status}:{debug}"

[networks]
from = ["192.0.2.0/24"]
required = false

[identity]
key = ["id"]
fingerprint = ["user", "points"]

[meaning]
user = "user"
amount = "points"
unit = "{currency}"
test = { debug = "true" }
cap = "1000"

[[callbacks]]
kind = "completed"
when = { status = "1" }
class = "reward"
effect = "complete"

[[callbacks]]
kind = "reversed"
when = { status = "2" }
class = "reversal"
effect = "reverse"
of = "id"

[answers]
recorded = { status = 200, body = "{id}:OK" }
unavailable = { status = 503 }

[accept]

[[vectors]]
secret = "example key"
query = "id=t1&user=u1&points=5&currency=coins&status=1&debug=false&hash=1a1b6184a5a2ffe56dbe8c3d401851aa5a7d4b7aa485aabbd3c8dded0f628a84"
source = "https://provider.example/callbacks"

[[samples]]
name = "example-completed"
route = "GET /example"
payload = { id = "t1", user = "u1", points = "5", currency = "coins", status = "1", debug = "false" }

[[samples]]
name = "example-forged"
route = "GET /example"
payload = { id = "t1", user = "u1", points = "5", currency = "coins", status = "1", debug = "false" }
forged = true
"#;

/// The hash of the vector.
pub(crate) const HASH: &str = "1a1b6184a5a2ffe56dbe8c3d401851aa5a7d4b7aa485aabbd3c8dded0f628a84";

/// The safe contract with each of `changes` made in it, which must be there to make.
pub(crate) fn changed(changes: &[(&str, &str)]) -> String {
    changes.iter().fold(SAFE.to_owned(), |text, (from, to)| {
        assert_eq!(text.matches(from).count(), 1, "{from} is there once");
        text.replacen(from, to, 1)
    })
}

/// What the linter makes of `text`.
pub(crate) fn checked(text: &str) -> Checked {
    contracts::check("example", text).unwrap_or_else(|error| panic!("{error}"))
}

/// The rules that `text` breaks, in order and each once.
pub(crate) fn broken(text: &str) -> Vec<Rule> {
    rules(&checked(text))
}

/// The rules of all findings, in order and each once.
pub(crate) fn rules(checked: &Checked) -> Vec<Rule> {
    let mut rules: Vec<_> = checked.findings.iter().map(|finding| finding.rule).collect();
    rules.sort_unstable();
    rules.dedup();
    rules
}
