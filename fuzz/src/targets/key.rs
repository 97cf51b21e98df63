//! Keys: no two lists of parts may give one.

use percent_encoding::percent_decode_str;
use sha2::{Digest as _, Sha256};
use verify::IdempotencyKey;

/// Every part can be told from the key, by itself or by its hash.
pub fn key(input: &[u8]) {
    let text = String::from_utf8_lossy(input);
    let parts: Vec<&str> = text.split('\n').collect();
    let key = IdempotencyKey::new("fuzz", "class");
    let key = parts.iter().fold(key, |key, part| key.part(part)).to_string();
    assert!(key.bytes().all(|b| (b' '..=b'~').contains(&b)), "{key}");

    let mut written = key.split('#');
    assert_eq!((written.next(), written.next()), (Some("fuzz"), Some("class")));
    for part in parts {
        let written = written.next().unwrap_or_default();
        match written.strip_prefix('~') {
            Some(hash) => assert_eq!(hash, hex::encode(Sha256::digest(part)), "{part}"),
            None => assert_eq!(percent_decode_str(written).decode_utf8().as_deref(), Ok(part)),
        }
        assert!(written.len() < 190, "{written}");
        for address in ["@", "%2540", "&%2364;", "&commat;", "%EF%BC%A0", "=40"] {
            assert!(!written.contains(address), "{written}");
        }
    }
    assert_eq!(written.next(), None);
}
