//! Digests and message authentication codes by their names.

use hmac::{Hmac, KeyInit as _, Mac as _};
use md5::Md5;
use sha1::Sha1;
use sha2::{Sha256, Sha512};

/// A hash function.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Hash {
    /// MD5 (RFC 1321).
    Md5,
    /// SHA-1 (FIPS 180-4).
    Sha1,
    /// SHA-256 (FIPS 180-4).
    Sha256,
    /// SHA-512 (FIPS 180-4).
    Sha512,
}

impl Hash {
    /// The hash function called `name`, in lower case.
    #[must_use]
    pub fn named(name: &str) -> Option<Self> {
        Some(match name {
            "md5" => Self::Md5,
            "sha1" => Self::Sha1,
            "sha256" => Self::Sha256,
            "sha512" => Self::Sha512,
            _ => return None,
        })
    }

    /// The number of bytes of its digests.
    #[must_use]
    pub const fn length(self) -> usize {
        match self {
            Self::Md5 => 16,
            Self::Sha1 => 20,
            Self::Sha256 => 32,
            Self::Sha512 => 64,
        }
    }

    /// The digest of `parts`, one after the other.
    #[must_use]
    pub fn digest(self, parts: &[&[u8]]) -> Vec<u8> {
        fn of<D: sha2::Digest>(parts: &[&[u8]]) -> Vec<u8> {
            let mut digest = D::new();
            for part in parts {
                digest.update(part);
            }
            digest.finalize().to_vec()
        }
        match self {
            Self::Md5 => of::<Md5>(parts),
            Self::Sha1 => of::<Sha1>(parts),
            Self::Sha256 => of::<Sha256>(parts),
            Self::Sha512 => of::<Sha512>(parts),
        }
    }

    /// The HMAC (RFC 2104) of `message` under `key`.
    #[must_use]
    pub fn hmac(self, key: &[u8], message: &[u8]) -> Vec<u8> {
        macro_rules! of {
            ($hash:ty) => {{
                let mut mac = Hmac::<$hash>::new_from_slice(key)
                    .unwrap_or_else(|_| unreachable!("HMAC takes keys of any length"));
                mac.update(message);
                mac.finalize().into_bytes().to_vec()
            }};
        }
        match self {
            Self::Md5 => of!(Md5),
            Self::Sha1 => of!(Sha1),
            Self::Sha256 => of!(Sha256),
            Self::Sha512 => of!(Sha512),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_hash_is_the_one_of_its_name() {
        // `printf abc | md5sum`, `sha1sum`, `sha256sum`, `sha512sum`; `openssl dgst -HASH -hmac key`.
        for (name, digest, mac) in [
            ("md5", "900150983cd24fb0d6963f7d28e17f72", "d2fe98063f876b03193afb49b4979591"),
            (
                "sha1",
                "a9993e364706816aba3e25717850c26c9cd0d89d",
                "4fd0b215276ef12f2b3e4c8ecac2811498b656fc",
            ),
            (
                "sha256",
                "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad",
                "9c196e32dc0175f86f4b1cb89289d6619de6bee699e4c378e68309ed97a1a6ab",
            ),
            (
                "sha512",
                "ddaf35a193617abacc417349ae20413112e6fa4e89a97ea20a9eeee64b55d39a2192992a274fc1a836ba3c23a3feebbd454d4423643ce80e2a9ac94fa54ca49f",
                "3926a207c8c42b0c41792cbd3e1a1aaaf5f7a25704f62dfc939c4987dd7ce060009c5bb1c2447355b3216f10b537e9afa7b64a4e5391b0d631172d07939e087a",
            ),
        ] {
            let hash = Hash::named(name).expect(name);
            assert_eq!(hex::encode(hash.digest(&[b"a", b"bc"])), digest);
            assert_eq!(hex::encode(hash.hmac(b"key", b"abc")), mac);
            assert_eq!(hash.length() * 2, digest.len());
        }
        assert_eq!(Hash::named("MD5"), None);
    }
}
