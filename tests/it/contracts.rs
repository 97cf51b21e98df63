//! The providers that contracts describe, as `cargo run` serves them: every sample answered, recorded and settled;
//! reversals in either order; files that are edited while it runs; and the commands around them.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use bundle::folder::Folder;
use bundle::provider::ProviderEntry;
use bytes::Bytes;
use contracts::{Contract, NoCatalogue, Served};
use dev_server::event::HttpRequest;
use dev_server::samples::{as_http, called_at, requests};
use dev_server::settings::EnvVars;
use http::Request;
use http::header::{CONTENT_LENGTH, HOST};
use http_body_util::Full;
use jiff::Timestamp;
use serde_json::{Value, json};
use settings::Settings;
use tokio::time::{Duration, sleep, timeout};
use verify::{Amount, Effect, Keys, ParsedCallback, Provider as _};

use crate::support::TIMEOUTS;
use crate::support::dev_server::{DevServer, run};
use crate::support::operator::Operated;

/// Waits in queues are over at once.
const NO_WAITS: [&str; 2] = ["--time-scale", "1000"];

/// A folder of its own with the contracts called `names`, and with that of `docs/contracts.md`.
struct Contracts {
    path: PathBuf,
    folder: Folder,
}

impl Contracts {
    fn of(test: &str, names: &[&str]) -> Self {
        let path = Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("contracts-of-{test}"));
        let _ = fs::remove_dir_all(&path);
        fs::create_dir_all(&path).expect("a folder");
        let own = Self { folder: Folder::at(path.clone()), path };
        for name in names {
            own.write(name, &Folder::default().text(name).expect("a contract"));
        }
        own
    }

    fn write(&self, name: &str, text: &str) {
        fs::write(self.folder.file(name), text).expect("written");
    }

    fn file(&self, name: &str) -> String {
        self.folder.file(name).to_str().expect("text").to_owned()
    }

    fn option(&self) -> [&str; 2] {
        ["--contracts", self.path.to_str().expect("text")]
    }

    /// A bundle that serves them, with more `arguments`.
    async fn serve(&self, arguments: &[&str]) -> DevServer {
        DevServer::start_with(&[&NO_WAITS[..], &self.option(), arguments].concat()).await
    }

    /// Runs `contract` with `arguments`: whether it ended well, what it said, and its errors.
    async fn command(&self, arguments: &[&str]) -> (bool, String, String) {
        let output = run(&[&["contract"], arguments, &self.option()].concat()).await;
        let text = |bytes| String::from_utf8(bytes).expect("text");
        (output.status.success(), text(output.stdout), text(output.stderr))
    }

    /// What the provider called `name` would send to `server` for `payload`.
    fn signed(&self, server: &DevServer, name: &str, route: &str, payload: &Value) -> HttpRequest {
        let provider = self.folder.provider(name).expect("a provider");
        let settings = called_at(Settings::default(), server.address("HTTP API"));
        let (keys, route) = (provider.keys(&settings), provider.route(route).expect("a route"));
        let keys = keys.expect("a key");
        let request = provider.sign(&settings, &route, &payload.to_string(), keys.first());
        as_http(&route, request.expect("signable"), "")
    }
}

/// The first example of `docs/contracts.md`.
fn acme() -> String {
    let page = fs::read_to_string(bundle::project_file("docs/contracts.md")).expect("a page");
    let (_, example) = page.split_once("```toml\n").expect("an example");
    let (example, _) = example.split_once("```").expect("its end");
    example.to_owned()
}

/// Sends `request`: the answer's status and body.
async fn send(server: &DevServer, request: &HttpRequest) -> (u16, String) {
    let mut sent = Request::new(Full::new(Bytes::from(request.body.clone())));
    *sent.method_mut() = request.method.parse().expect("a method");
    *sent.uri_mut() = format!("{}?{}", request.path, request.query).parse().expect("a URL");
    *sent.headers_mut() = request.headers.clone();
    sent.headers_mut().remove(HOST);
    sent.headers_mut().remove(CONTENT_LENGTH);
    let (head, body) = server.connect().await.answer(sent).await;
    (head.status.as_u16(), String::from_utf8(body.to_vec()).expect("text"))
}

/// Waits until the user's balances are `expected`, by provider, none for nothing.
async fn balances(server: &DevServer, user: &str, expected: &BTreeMap<String, String>) {
    let mut last = Value::Null;
    let settled = async {
        loop {
            last = server.statement(user).await;
            let balances = last["balances"].as_array().expect("balances").iter();
            let text = |it: &Value, name: &str| it[name].as_str().expect("text").to_owned();
            let balances = balances.map(|it| (text(it, "provider"), text(it, "amount")));
            let some = balances.filter(|(_, amount)| amount != "0");
            if &some.collect::<BTreeMap<_, _>>() == expected {
                break;
            }
            sleep(Duration::from_millis(50)).await;
        }
    };
    let in_time = timeout(TIMEOUTS, settled).await;
    assert!(in_time.is_ok(), "{user}: {last:#}, wanted {expected:?}");
}

/// Waits until the ledger has `entries` entries of the user, which add up to nothing.
async fn is_taken_back(server: &DevServer, user: &str, entries: usize) {
    balances(server, user, &BTreeMap::new()).await;
    let mut last = Value::Null;
    let settled = async {
        while last["entries"].as_array().map(Vec::len) != Some(entries) {
            last = server.statement(user).await;
        }
    };
    assert!(timeout(TIMEOUTS, settled).await.is_ok(), "{user}: {last:#}");
    balances(server, user, &BTreeMap::new()).await;
}

/// What a contract makes of a request that its own key has signed, with no server.
fn read(contract: Contract, host: &str, request: &HttpRequest) -> Option<ParsedCallback> {
    let provider = ProviderEntry::described(contract.clone());
    let settings = called_at(Settings::default(), host);
    let served = Served::<NoCatalogue>::new(contract, &settings).expect("usable");
    let keys: Keys = provider.keys(&settings).expect("a key");
    let HttpRequest { method, path, query, headers, body } = request.clone();
    let request = verify::Request { query, headers, body };
    let mut routes = served.routes().iter();
    let (_, hook) = routes.find(|(route, _)| route.method == method && route.path == path)?;
    let proved = keys.prove(served.signed_content(*hook, &request).ok()?).ok()?;
    let now = Timestamp::now();
    let read = |content| served.read(*hook, content, now);
    Some(proved.into_callback(served.name(), now, read).ok()?.parsed().clone())
}

/// What the ledger is to have of one user and provider.
#[derive(Default)]
struct Booked {
    credited: Vec<Amount>,
    /// By the ids that completions and reversals share.
    completed: BTreeMap<String, Amount>,
    reversed: Vec<String>,
}

impl Booked {
    fn add(&mut self, callback: &ParsedCallback) {
        if callback.test || callback.held.is_some() {
            return;
        }
        let of = callback.effect.of().to_owned();
        match &callback.effect {
            Effect::Credit(reward) => self.credited.push(reward.amount),
            Effect::Complete { reward, .. } => {
                self.completed.entry(of).or_insert(reward.amount);
            }
            Effect::Reverse { .. } => self.reversed.push(of),
            _ => {}
        }
    }

    fn balance(&self) -> String {
        let stay = self.completed.iter().filter(|(of, _)| !self.reversed.contains(of));
        let all = self.credited.iter().chain(stay.map(|(_, amount)| amount));
        let sum = all.fold(Amount::parse("0").expect("zero"), |sum, amount| {
            sum.plus(*amount).expect("a small amount")
        });
        sum.normalized()
    }
}

#[tokio::test]
async fn every_sample_of_every_contract_is_answered_recorded_and_settled() {
    let folder = Folder::default();
    let server = DevServer::start_with(&NO_WAITS).await;
    let host = server.address("HTTP API").to_owned();
    let mut users: BTreeMap<String, BTreeMap<String, Booked>> = BTreeMap::new();
    let (mut providers, mut recorded) = (0, 0);
    for name in folder.names().expect("contracts") {
        let contract = folder.contract(&name).expect(&name);
        if ProviderEntry::named(&name).is_some() || contract.proof().scheme.is_public() {
            continue;
        }
        providers += 1;
        let provider = ProviderEntry::described(contract.clone());
        let answers = contract.file().answers.clone().unwrap_or_default();
        let samples = requests(&provider, &EnvVars::default(), &host).expect("signable");
        for ((sample, request), spec) in samples.iter().zip(&contract.file().samples) {
            let is_kept = spec.refused.is_none() && (!spec.forged || contract.needs_no_key());
            let kept = |status, own| (status, own, 200);
            let [first, again] = if is_kept {
                [kept("recorded", &answers.recorded), kept("duplicate", &answers.duplicate)]
            } else {
                [("title", &answers.refused, if spec.forged { 401 } else { 400 }); 2]
            };
            for (status, own, usual) in [first, again] {
                let (code, body) = send(&server, request).await;
                let own = own.clone().unwrap_or_default();
                assert_eq!(code, own.status.unwrap_or(usual), "{}: {body}", sample.name);
                match own.body {
                    Some(text) => assert_eq!(body.is_empty(), text.is_empty(), "{}", sample.name),
                    None => assert!(body.contains(status), "{}: {body}", sample.name),
                }
            }
            if is_kept {
                let callback = read(contract.clone(), &host, request).expect(&sample.name);
                let booked = users.entry(callback.user.clone()).or_default();
                booked.entry(name.clone()).or_default().add(&callback);
                recorded += 1;
            }
        }
    }
    assert!(providers > 20 && recorded > 50, "{providers} providers, {recorded} records");
    assert_eq!(server.items().await.len(), recorded, "each once");
    for (user, booked) in users {
        let expected = booked.into_iter().map(|(provider, booked)| (provider, booked.balance()));
        let expected = expected.filter(|(_, balance)| balance != "0").collect();
        balances(&server, &user, &expected).await;
    }
}

#[tokio::test]
async fn a_reversal_finds_its_completion_in_either_order() {
    let contracts = Contracts::of("reversals", &["bitlabs", "ayet-studios"]);
    contracts.write("acme", &acme());
    let server = contracts.serve(&[]).await;
    let acme = |user: &str, tx: &str, status: &str| {
        let payload = json!({"tx": tx, "user": user, "amount": "150", "status": status});
        contracts.signed(&server, "acme", "GET /acme", &payload)
    };
    let bitlabs = |user: &str, payload: Value| {
        let mut payload = payload;
        payload["uid"] = user.into();
        contracts.signed(&server, "bitlabs", "GET /bitlabs", &payload)
    };
    let tx = "7d3e9a52-1c48-4f6b-9e07-b2a4c6d8000";
    // By the id of the callback itself, and by a field that names another one.
    let pairs = [
        ("by-id", acme("by-id-1", &format!("{tx}1"), "1"), acme("by-id-1", &format!("{tx}1"), "2")),
        (
            "by-field",
            bitlabs("by-field-1", json!({"tx": "s1", "val": "500", "type": "COMPLETE"})),
            bitlabs(
                "by-field-1",
                json!({"tx": "r1", "val": "-500", "type": "RECONCILIATION", "ref": "s1"}),
            ),
        ),
        ("by-id", acme("by-id-2", &format!("{tx}2"), "2"), acme("by-id-2", &format!("{tx}2"), "1")),
        (
            "by-field",
            bitlabs(
                "by-field-2",
                json!({"tx": "r2", "val": "-500", "type": "RECONCILIATION", "ref": "s2"}),
            ),
            bitlabs("by-field-2", json!({"tx": "s2", "val": "500", "type": "COMPLETE"})),
        ),
    ];
    for (at, (way, first, second)) in pairs.iter().enumerate() {
        let (provider, amount) = if *way == "by-id" { ("acme", "150") } else { ("bitlabs", "500") };
        let (number, in_order) = (at / 2 + 1, at < 2);
        let user = format!("{way}-{number}");
        assert_eq!(send(&server, first).await.0, 200, "{user}");
        if in_order {
            let paid = BTreeMap::from([(provider.to_owned(), amount.to_owned())]);
            balances(&server, &user, &paid).await;
        }
        assert_eq!(send(&server, second).await.0, 200, "{user}");
        is_taken_back(&server, &user, 2).await;
        // What comes once more changes nothing.
        assert_eq!(send(&server, first).await.0, 200, "{user}");
        assert_eq!(send(&server, second).await.0, 200, "{user}");
    }
    assert_eq!(server.items().await.len(), 8);
    for user in ["by-id-1", "by-id-2", "by-field-1", "by-field-2"] {
        is_taken_back(&server, user, 2).await;
    }
}

#[tokio::test]
async fn a_file_is_served_as_it_is_edited() {
    let contracts = Contracts::of("edits", &[]);
    let server = contracts.serve(&[]).await;
    let url = server.url();
    // A provider that was not there when the bundle was started.
    let request = |tx: char, user: &str| {
        let tx = format!("7d3e9a52-1c48-4f6b-9e07-b2a4c6d8000{tx}");
        let payload = json!({"tx": tx, "user": user, "amount": "150", "status": "1"});
        contracts.signed(&server, "acme", "GET /acme", &payload)
    };
    contracts.write("acme", &acme());
    let one = request('1', "first");
    assert_eq!(send(&server, &one).await, (200, "OK".to_owned()));
    contracts.write("acme", &acme().replace("unit = \"points\"", "unit = \"gems\""));
    assert_eq!(send(&server, &request('2', "edited")).await.0, 200);
    balances(&server, "edited", &BTreeMap::from([("acme".to_owned(), "150".to_owned())])).await;
    assert_eq!(server.statement("edited").await["balances"][0]["unit"], "gems");

    // Unsafe, and no contract at all: neither is served, and both say why.
    let forged = acme().replace("{tx}:{user}", "{user}");
    for (text, why) in
        [(forged.as_str(), "identity-unsigned (tx)"), ("contract = ", "TOML parse error")]
    {
        contracts.write("acme", text);
        let (status, body) = send(&server, &one).await;
        assert!(status == 503 && body.contains(why), "{status} {body}");
        let (is_fine, said, _) =
            contracts.command(&["try", &contracts.file("acme"), "--url", &url]).await;
        assert!(!is_fine && said.contains(why.split(' ').next().expect("a word")), "{said}");
    }
    contracts.write("acme", &acme());
    assert_eq!(send(&server, &one).await, (200, "OK".to_owned()));
    fs::remove_file(contracts.folder.file("acme")).expect("removed");
    assert_eq!(send(&server, &one).await.0, 404);
    assert_eq!(server.count_items().await, 2);
}

#[tokio::test]
async fn a_contract_is_tried_by_command() {
    let contracts = Contracts::of("commands", &["cpx", "admob", "lootably"]);
    contracts.write("acme", &acme());
    let server = contracts.serve(&[]).await;
    let (url, file) = (server.url(), contracts.file("acme"));
    let (is_fine, said, errors) = contracts.command(&["try", &file, "--url", &url]).await;
    assert!(is_fine, "{said}{errors}");
    for part in [
        "acme-completed: 200 OK\n  offer_completed of u-1001: complete 150 points, by the id 7d3e",
        "acme-reversed: 200 OK\n  offer_reversed of u-1001: reverse, by the id 7d3e",
        "acme-forged: 401 {\"title\":\"Unauthorized\"",
        "\ncargo run -- statement u-1001",
    ] {
        assert!(said.contains(part), "{part}\n\n{said}");
    }
    let set = ["--sample", "acme-completed", "--set", "user=other", "--set", "amount=10000.5"];
    let (is_fine, said, _) =
        contracts.command(&[&["try", "acme", "--url", &url], &set[..]].concat()).await;
    assert!(
        is_fine
            && said.contains("of other: complete 10000.5 points")
            && said.contains("held as over_cap"),
        "{said}"
    );
    let set = ["--sample", "acme-completed", "--set", "amount=many"];
    let (is_fine, said, _) =
        contracts.command(&[&["try", "acme", "--url", &url], &set[..]].concat()).await;
    assert!(
        is_fine && said.contains("acme-completed: 400 ") && said.contains("is refused"),
        "{said}"
    );

    let (is_fine, _, errors) = contracts.command(&["try", "admob", "--url", &url]).await;
    assert!(!is_fine && errors.contains("only admob can sign"), "{errors}");
    let elsewhere = bundle::project_file("contracts/cpx.toml");
    let elsewhere = elsewhere.to_str().expect("text");
    let (is_fine, _, errors) = contracts.command(&["try", elsewhere, "--url", &url]).await;
    assert!(!is_fine && errors.contains("is not in"), "{errors}");
    let (is_fine, _, errors) =
        contracts.command(&["try", &file, "--url", "http://127.0.0.1:1"]).await;
    assert!(!is_fine && errors.contains("is the API running?"), "{errors}");

    let (is_fine, said, _) = contracts.command(&["check", &file]).await;
    assert!(is_fine && said.contains("vectors[0]: proved"), "{said}");
    let (_, said, _) = contracts.command(&["list"]).await;
    assert_eq!(said.lines().filter(|line| line.contains("  GET  ")).count(), 4, "{said}");
    let (_, said, _) = contracts.command(&["url", "cpx", "--base", "https://a.example"]).await;
    assert!(said.starts_with("# cpx, GET\nhttps://a.example/cpx?status={status}&"), "{said}");
    let (_, said, _) = contracts.command(&["url", "lootably"]).await;
    assert!(
        said.contains("/lootably?token=TOKEN&") && said.contains("# on this machine it is "),
        "{said}"
    );

    // The same samples for other senders.
    let (_, said, _) = contracts.command(&["event", "acme-completed", "--url", &url]).await;
    let event = contracts.path.join("event.json");
    fs::write(&event, said).expect("written");
    let answered = run(&["send", event.to_str().expect("text"), "--url", &url]).await;
    assert_eq!(String::from_utf8(answered.stdout).expect("text"), "200 OK\n");
    let (_, said, _) = contracts.command(&["samples", "acme", "--url", &url]).await;
    assert!(said.starts_with("# acme-completed\ncurl -gsS 'http://127.0.0.1:"), "{said}");
    let payload = contracts.path.join("payload.json");
    let tx = "7d3e9a52-1c48-4f6b-9e07-b2a4c6d80009";
    fs::write(&payload, json!({"tx": tx, "user": "u", "amount": "1", "status": "1"}).to_string())
        .expect("written");
    let payload = payload.to_str().expect("text");
    let signed =
        run(&[&["sign", "acme", payload, "--url", &url], &contracts.option()[..]].concat()).await;
    let signed = String::from_utf8(signed.stdout).expect("text");
    assert!(signed.contains(&format!("/acme?amount=1&status=1&tx={tx}&user=u&hash=")), "{signed}");
}

#[tokio::test]
async fn an_operator_sees_what_contracts_received() {
    let contracts = Contracts::of("operated", &["cpx"]);
    let server = Operated(contracts.serve(&[]).await);
    let host = server.0.address("HTTP API").to_owned();
    let provider = contracts.folder.provider("cpx").expect("a provider");
    let samples = requests(&provider, &EnvVars::default(), &host).expect("signable");
    let (status, body) = send(&server.0, &samples[0].1).await;
    let answer: Value = serde_json::from_str(&body).expect("JSON");
    assert_eq!(status, 200, "{body}");
    let id = answer["id"].as_str().expect("an id");
    server.settles(id, "credited").await;
    for arguments in [&["list"][..], &["list", "--provider", "cpx"]] {
        let listed = server.json(arguments).await;
        assert_eq!(listed["records"][0]["id"], id, "{arguments:?}: {listed:#}");
    }
    let said = server.run(&["url", "cpx"]).await.ended(0);
    assert!(said.text.starts_with(&format!("# cpx, GET\nhttp://{host}/cpx?status=")), "{said:?}");
    let urls = server.json(&["url"]).await;
    let urls = urls.as_array().expect("URLs");
    assert!(
        urls.iter().any(|it| it["url"] == format!("http://{host}/inbrain/success")),
        "{urls:?}"
    );
    assert!(urls.iter().any(|it| it["provider"] == "bitlabs"), "{urls:?}");
    server.run(&["url", "no-such-provider"]).await.ended(1);
}

#[tokio::test]
async fn what_a_contract_left_unsettled_is_settled_by_the_next_run() {
    let contracts = Contracts::of("kept", &[]);
    contracts.write("acme", &acme());
    let data = contracts.path.join("data");
    let data = data.to_str().expect("text");
    let server = contracts.serve(&["--data-dir", data, "--no-dispatch"]).await;
    let tx = "7d3e9a52-1c48-4f6b-9e07-b2a4c6d80001";
    let payload = json!({"tx": tx, "user": "kept", "amount": "150", "status": "1"});
    let request = contracts.signed(&server, "acme", "GET /acme", &payload);
    assert_eq!(send(&server, &request).await.0, 200);
    server.kill().await;
    let server = contracts.serve(&["--data-dir", data]).await;
    balances(&server, "kept", &BTreeMap::from([("acme".to_owned(), "150".to_owned())])).await;
}
