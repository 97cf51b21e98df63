//! Secrets: how their text becomes bytes, and which cannot be one of the provider's.

use jiff::Timestamp;
use verify::{Request, Secret};

use crate::received::Function;
use crate::safe::changed;

/// The safe contract, with secrets of this form.
fn with_secret(form: &str) -> String {
    changed(&[("at = \"query.hash\"", &format!("at = \"query.hash\"\nsecret = \"{form}\""))])
}

/// A callback with a hash that was made elsewhere.
fn callback(hash: &str) -> Request {
    let query = format!("id=t1&user=u1&points=5&currency=coins&status=1&debug=false&hash={hash}");
    Request { query, ..Request::default() }
}

/// The hashes are those of `printf t1:u1:5:coins:1:false | openssl dgst -sha256 -mac HMAC -macopt hexkey:…`: of
/// 00ff10 (`AP8Q` in base64), of 00ff (`AP8=`), and of the text `00ff10` as it is.
#[test]
fn the_text_of_a_secret_is_decoded_as_the_contract_says() {
    let bytes = "2ab549ac01e6be2a7c54f1c0f5ebb555530c85b38f13275d288cc3e6d7b2912c";
    let two = "35922edc63b7aeff84932d7592ab92de443b5c82226d0ba5f7b814565e5911e6";
    let text = "f00711ad53de85c3cbe0af5d47083686e898885506a851e8389c98fd94fb1017";
    for (form, secret, hash) in [
        ("hex", "00ff10", bytes),
        ("hex", "00FF10", bytes),
        ("base64", "AP8Q", bytes),
        ("base64", "AP8=", two),
        ("base64", "AP8", two),
        ("whsec", "whsec_AP8Q", bytes),
        ("whsec", "AP8Q", bytes),
        ("text", "00ff10", text),
    ] {
        let function = Function::of("example", &with_secret(form), secret);
        for other in [bytes, two, text] {
            let received = function.receive(0, &callback(other), Timestamp::UNIX_EPOCH);
            let reason = received.err().map(|refusal| refusal.reason());
            let expected = (other != hash).then_some("unauthenticated");
            assert_eq!(reason, expected, "{form} {secret}");
        }
    }
}

/// What a function says of such a secret is that it was pasted wrongly, and not that a callback is forged.
#[test]
fn a_secret_that_cannot_be_one_is_told_apart() {
    for (form, secret, flaw) in [
        ("text", "whsec_", None),
        ("hex", "00ff10", None),
        ("hex", "00ff1", Some("it is not hex")),
        ("hex", "0x00ff", Some("it is not hex")),
        ("hex", "AP8Q", Some("it is not hex")),
        ("base64", "AP8Q", None),
        ("base64", "AP8", None),
        ("base64", "AP8-", Some("it is not base64")),
        ("base64", "AP8 Q", Some("it is not base64")),
        ("base64", "\"AP8Q\"", Some("it is not base64")),
        ("base64", "whsec_AP8Q", Some("it is not base64")),
        ("whsec", "whsec_AP8Q", None),
        ("whsec", "AP8Q", None),
        // A key of no bytes, with which anyone could sign.
        ("whsec", "whsec_", Some("it is not \"whsec_\" and base64")),
        ("whsec", "whsk_AP8Q", Some("it is not \"whsec_\" and base64")),
        ("whsec", "v1,AP8Q", Some("it is not \"whsec_\" and base64")),
    ] {
        let function = Function::of("example", &with_secret(form), secret);
        let says = verify::Provider::secret_flaw(&function.served);
        let found = says(&Secret::new(secret.to_owned()).expect("not empty"));
        assert_eq!(found.map(|flaw| flaw.to_string()).as_deref(), flaw, "{form} {secret}");
        // `printf t1:u1:5:coins:1:false | openssl dgst -sha256 -hmac ''`
        let unkeyed = callback("324dc6e544020665f8c87c62fc8c732f443c4f54d744051d559f563183ca3ebf");
        let received = function.receive(0, &unkeyed, Timestamp::UNIX_EPOCH);
        assert!(received.is_err(), "{form} {secret}");
    }
}
