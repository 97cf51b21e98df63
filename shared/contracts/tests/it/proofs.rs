//! What proves a request, and what a proved one means, at the limits of both.

use contracts::proof::url_token;
use jiff::Timestamp;
use verify::{Effect, ParsedCallback, Provider as _, Refusal, Request, Secret, Told};

use crate::received::Function;
use crate::safe::{HASH, changed};

const OVER: &str = "over = \"{id}:{user}:{points}:{currency}:{status}:{debug}\"";
const SECRET: &str = "example key";

fn second(second: i64) -> Timestamp {
    Timestamp::from_second(second).expect("a time")
}

fn reason<T>(received: Result<T, Refusal>) -> Option<&'static str> {
    received.err().map(|refusal| refusal.reason())
}

/// The callback of the safe contract's vector, with this in place of its hash.
fn signed(hash: &str) -> Request {
    let query = format!("id=t1&user=u1&points=5&currency=coins&status=1&debug=false&hash={hash}");
    Request { query, ..Request::default() }
}

#[test]
fn one_of_several_signatures_proves_where_it_is_among_the_first_eight() {
    let several = "at = \"query.hash\"\nseparator = \",\"\nprefix = [\"v1=\", \"\"]";
    let function = Function::of("example", &changed(&[("at = \"query.hash\"", several)]), SECRET);
    let wrong = "00".repeat(32);
    let behind = |others: usize, hash: &str| {
        signed(&format!("{}{hash}", format!("{wrong},").repeat(others)))
    };
    for (request, expected) in [
        (signed(HASH), None),
        (signed(&format!("v1={HASH}")), None),
        (signed(&HASH.to_uppercase()), None),
        (signed(&format!("v2={HASH}")), Some("unauthenticated")),
        (signed(&format!("v1=v1={HASH}")), Some("unauthenticated")),
        (signed(&format!("v0=x,,{HASH}")), None),
        (behind(7, HASH), None),
        (behind(8, HASH), Some("unauthenticated")),
        (behind(2, &HASH[2..]), Some("unauthenticated")),
        (signed(""), Some("unauthenticated")),
        (signed(","), Some("unauthenticated")),
    ] {
        let received = function.receive(0, &request, second(0));
        assert_eq!(reason(received), expected, "{}", request.query);
    }
}

#[test]
fn a_url_without_its_token_is_nobodys() {
    // `printf 'the token of the callback URL' | openssl dgst -sha256 -hmac 'example key'`, half of it.
    let token = "0bf26875c0310a47db3e25b22736f3f3";
    assert_eq!(url_token(&Secret::new(SECRET.to_owned()).expect("not empty")), token);
    let function = Function::of("example", &changed(&[("token = false", "token = true")]), SECRET);
    let other = token.replace("0b", "0c");
    for (query, expected) in [
        (format!("&token={token}"), None),
        (String::new(), Some("unauthenticated")),
        ("&token=".to_owned(), Some("unauthenticated")),
        (format!("&token={other}"), Some("unauthenticated")),
        (format!("&token={}", token.to_uppercase()), Some("unauthenticated")),
        (format!("&token={token}&token={token}"), Some("unauthenticated")),
        (format!("&Token={token}"), Some("unauthenticated")),
    ] {
        let request = signed(&format!("{HASH}{query}"));
        let received = function.receive(0, &request, second(0));
        if let Ok(callback) = &received {
            assert!(!callback.payload.contains(token), "{}", callback.payload);
        }
        assert_eq!(reason(received), expected, "{query}");
    }
    // The token alone proves nothing where something is signed.
    let request = signed(&format!("{}&token={token}", "00".repeat(32)));
    assert_eq!(reason(function.receive(0, &request, second(0))), Some("unauthenticated"));
}

/// The safe contract with the secret itself as its credential, and other changes.
fn with_key(changes: &[(&str, &str)]) -> Function {
    let key = [("hmac-sha256", "key"), (HASH, "example%20key")];
    let over = if changes.iter().any(|(from, _)| *from == OVER) { &[][..] } else { &[(OVER, "")] };
    Function::of("example", &changed(&[&key, over, changes].concat()), SECRET)
}

fn call(function: &Function, query: &str, now: Timestamp) -> Result<ParsedCallback, Refusal> {
    let query = format!("{query}&debug=false&hash=example%20key");
    function.receive(0, &Request { query, ..Request::default() }, now)
}

#[test]
fn a_window_ends_with_its_last_second() {
    let window = (OVER, "window = { at = \"time\", past_seconds = 300, future_seconds = 60 }");
    let base = "id=t1&user=u1&points=5&currency=coins&status=1";
    for (kind, unit) in [("\"epoch-s\"", ""), ("\"epoch-ms\"", "000")] {
        let function = with_key(&[window, ("\"epoch-s?\"", kind)]);
        for (now, expected) in [
            (1_000_300, None),
            (1_000_301, Some("malformed")),
            (999_940, None),
            (999_939, Some("malformed")),
        ] {
            let sent = call(&function, &format!("{base}&time=1000000{unit}"), second(now));
            assert_eq!(reason(sent), expected, "{kind} at {now}");
        }
        for (time, expected) in
            [("", "malformed"), ("9999999999999999", "malformed"), ("-1", "malformed")]
        {
            let sent = call(&function, &format!("{base}&time={time}"), second(1_000_000));
            assert_eq!(reason(sent), Some(expected), "{kind} {time}");
        }
        assert_eq!(reason(call(&function, base, second(0))), Some("missing"), "{kind}");
    }
    // A millisecond is too much as well.
    let function = with_key(&[window, ("\"epoch-s?\"", "\"epoch-ms\"")]);
    let sent = |time| call(&function, &format!("{base}&time={time}"), second(1_000_300));
    assert_eq!(reason(sent("1000000000")), None);
    assert_eq!(reason(sent("999999999")), Some("malformed"));
}

#[test]
fn the_sign_of_an_amount_decides_what_is_taken_back() {
    let function = with_key(&[
        ("points = \"decimal>=0\"", "points = \"decimal\""),
        ("when = { status = \"2\" }", "when = { points = \"<0\" }"),
        ("when = { status = \"1\" }", "when = { points = \">=0\" }"),
        ("of = \"id\"", "of = { field = \"id\", without_prefix = \"r-\" }"),
    ]);
    for (id, points, kind, of) in [
        ("t1", "5", "completed", "t1"),
        ("t1", "0.01", "completed", "t1"),
        ("r-t1", "-0.01", "reversed", "t1"),
        ("t1", "-5", "reversed", "t1"),
        ("r-r-t1", "-5e3", "reversed", "r-t1"),
        ("r-", "-5", "reversed", ""),
    ] {
        let query = format!("id={id}&user=u1&points={points}&currency=coins&status=1");
        let callback = call(&function, &query, second(0)).expect(points);
        assert_eq!((callback.kind, callback.effect.of()), (kind, of), "{id} {points}");
    }
    // Zero is not below zero, however it is written, and pays nothing.
    for points in ["0", "-0", "-0.00"] {
        let query = format!("id=t1&user=u1&points={points}&currency=coins&status=1");
        let callback = call(&function, &query, second(0)).expect(points);
        assert_eq!((callback.kind, callback.effect), ("completed", Effect::Nothing), "{points}");
    }
}

#[test]
fn an_answer_names_the_identity() {
    let function = with_key(&[(
        "unavailable = ",
        "refused = { status = 403, body = \"no\" }\nunavailable = ",
    )]);
    let callback = call(&function, "id=%3Cb%3E%22&user=u1&points=5&currency=c&status=1", second(0));
    let callback = callback.expect("a callback");
    let reply = |told| function.served.reply(told).map(|reply| (reply.status, reply.body));
    assert_eq!(reply(Told::Recorded(&callback)), Some((Some(200), Some("<b>\":OK".to_owned()))));
    assert_eq!(reply(Told::Refused), Some((Some(403), Some("no".to_owned()))));
    assert_eq!(reply(Told::Unavailable), Some((Some(503), None)));
    assert_eq!(reply(Told::Duplicate(&callback)), None);
}

/// A public key that was made for this test, whose private one was thrown away.
const PUBLIC: &str = "MFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAEZ2YkPqO2m/J1SRarkLf5J4nEPLkGlTlrtyagce+84iM6J3XPdVu29tQC525gwDRK2DgLq25fZy9GyPk0ag5Ffg==";

fn signed_as(is: &str, key: &str) -> String {
    format!(
        "contract = 1\ntitle = \"Tokens\"\nsources = [\"https://provider.example\"]\n\
         unconfirmed = \"All.\"\n[[routes]]\npost = \"/tokens\"\n[fields]\nid = \"id(9)\"\n\
         [credential]\nis = \"{is}\"\nat = \"body.jws\"\nkeys = [\"{key}\"]\n{}\n\
         [identity]\nkey = [\"id\"]\n[meaning]\nuser = \"id\"\n\
         [[callbacks]]\nkind = \"message\"\neffect = \"nothing\"\n",
        if is == "jws-es256" { "" } else { "over = \"{id}\"" }
    )
}

/// All but the last three were signed with the private key; the payload is `{"id":"t1"}`.
const TOKENS: &[(&str, &str, bool)] = &[
    (
        "ES256",
        "eyJhbGciOiJFUzI1NiJ9.eyJpZCI6InQxIn0.p1xAJcCSeqcaZhP4Ya31KckWcVHkN5mtSNziUTdXTGLSnoJbh1Of8bOrXRjUfX8hM7Eod3QjHobnZaV2XlduXw",
        true,
    ),
    (
        "a signature in ASN.1",
        "eyJhbGciOiJFUzI1NiJ9.eyJpZCI6InQxIn0.MEYCIQCnXEAlwJJ6pxpmE_hhrfUpyRZxUeQ3ma1I3OJRN1dMYgIhANKegluHU5_xs6tdGNR9fyEzsSh3dCMehudlpXZeV25f",
        false,
    ),
    (
        "a padded signature",
        "eyJhbGciOiJFUzI1NiJ9.eyJpZCI6InQxIn0.p1xAJcCSeqcaZhP4Ya31KckWcVHkN5mtSNziUTdXTGLSnoJbh1Of8bOrXRjUfX8hM7Eod3QjHobnZaV2XlduXw==",
        false,
    ),
    (
        "alg none",
        "eyJhbGciOiJub25lIn0.eyJpZCI6InQxIn0.aLVD8wy7WNm5kPtVg3nFBqEF1cs4aAHe8iI6rCDnF8BeCjmGxoOvVAflpX80PDtRjBXEaTsMWBFAeDhUtuue9Q",
        false,
    ),
    (
        "alg HS256",
        "eyJhbGciOiJIUzI1NiJ9.eyJpZCI6InQxIn0.8gn4H11GfEmgGBuYAwxyWlyd4NETbKWMySSLgPVJlAOHOGF2OgSC81vmdsHNy2w4utTUj1GNLNyWKQ_Qrizzaw",
        false,
    ),
    (
        "a critical extension",
        "eyJhbGciOiJFUzI1NiIsImNyaXQiOlsiYjY0Il0sImI2NCI6ZmFsc2V9.eyJpZCI6InQxIn0.tWmFSJbeddWF-oy7U-1_GGAF_3E-2-ZCUW89e3NfezhePSxkvry0-eXEGQIxJuDY96_Bu6SdPTmcIbmoPDzzSQ",
        false,
    ),
    (
        "no alg",
        "eyJ0eXAiOiJKV1QifQ.eyJpZCI6InQxIn0.7iSGGJJtYmitx1MO0w-Bis2dVUd02buz2rK4J0nqTTR1w6faPOXBXjwmB_piD3XGjrCOxu-ggySFrrdA0NrSiA",
        false,
    ),
    (
        "a part more",
        "eyJhbGciOiJFUzI1NiJ9.eyJpZCI6InQxIn0.eyJpZCI6InQxIn0.y3pu30OppR0VjZbYy10tUfrD7fhsb0wI6JOBB3Vb84RKAdx0vnJQgrCj5SjAvXM55qqDyhOHaMEKllcIefmyFA",
        false,
    ),
    ("alg none, and no signature", "eyJhbGciOiJub25lIn0.eyJpZCI6InQxIn0.", false),
    ("no signature", "eyJhbGciOiJFUzI1NiJ9.eyJpZCI6InQxIn0.", false),
    (
        "HMAC with the public key",
        "eyJhbGciOiJIUzI1NiJ9.eyJpZCI6InQxIn0.BAeEMgQxh_D1Y-INtx3R8adroT0ajJggvOjTFidJoFY",
        false,
    ),
];

#[test]
fn a_token_is_of_the_one_algorithm_whatever_it_says_of_itself() {
    let function = Function::of("tokens", &signed_as("jws-es256", PUBLIC), PUBLIC);
    for (what, token, genuine) in TOKENS {
        let request = Request::json(serde_json::json!({ "jws": token }).to_string());
        let received = function.receive(0, &request, second(0));
        let expected = (!genuine).then_some("unauthenticated");
        assert_eq!(reason(received), expected, "{what}");
    }
    let (_, token, _) = TOKENS[0];
    for body in [
        serde_json::json!({ "jws": [token] }),
        serde_json::json!({ "jws": format!("{token} ") }),
        serde_json::json!({ "jws": token.replacen("eyJpZCI6InQxIn0", "eyJpZCI6InQyIn0", 1) }),
        serde_json::json!({ "id": "t1" }),
    ] {
        let request = Request::json(body.to_string());
        let received = function.receive(0, &request, second(0));
        assert_eq!(reason(received), Some("unauthenticated"), "{body}");
    }
}

/// The keys are `openssl pkey -pubout -outform DER | base64` of other kinds.
#[test]
fn a_public_key_is_a_whole_point_of_p256() {
    let found = |key: &str, is: &str| {
        crate::safe::rules(&contracts::check("tokens", &signed_as(is, key)).expect("of the form"))
    };
    for is in ["jws-es256", "ecdsa-p256"] {
        assert_eq!(found(PUBLIC, is), [contracts::Rule::Unconfirmed], "{is}");
        for (what, key) in [
            (
                "P-384",
                "MHYwEAYHKoZIzj0CAQYFK4EEACIDYgAEZa9LMstdIbPKAXFYRbfNVnTwkHZ8BmMxFvU0UneAglhwS5zJdAf3ve/PEqZ+wcOKWGPiaR6IMMu4ZAGdYp+m1hufEi9h22acoqtuwel+G+BVPjvjG7z4sk3JtgN2Ip6o",
            ),
            (
                "secp256k1",
                "MFYwEAYHKoZIzj0CAQYFK4EEAAoDQgAEx/+0l4QXu3yMs0DwAxvnBoCHsYOcaR+xomJgebRe4tTIjNPsneRXv0X+3789ZL7kce8eSR3NlG0CWTEgmER+xg==",
            ),
            (
                "compressed",
                "MDkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDIgACZ2YkPqO2m/J1SRarkLf5J4nEPLkGlTlrtyagce+84iM=",
            ),
            ("Ed25519", "MCowBQYDK2VwAyEAvcrWCl2Tmoytmb4nzdFibxYO5HFrUMI5niDxhaODuzs="),
            (
                "cut off",
                "MFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAEZ2YkPqO2m/J1SRarkLf5J4nEPLkGlTlrtyagce+84iM=",
            ),
            ("no base64", "-----BEGIN PUBLIC KEY-----"),
            ("nothing", ""),
        ] {
            assert_eq!(found(key, is), [contracts::Rule::BadCredential], "{what}");
        }
    }
}
