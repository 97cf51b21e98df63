//! Whose certificates are trusted.

use rustls::pki_types::TrustAnchor;
use rustls::{ClientConfig, RootCertStore};

/// Parts of the names of the certificate authorities of AWS, by which they are found among Mozilla's:
/// Amazon Root CA 1 to 4 and Starfield Services Root Certificate Authority - G2. See "Amazon Trust
/// Services" at <https://www.amazontrust.com/repository/>.
const AMAZON: [&[u8]; 2] = [b"Amazon Root CA ", b"Starfield Services Root "];

/// How the names of the regions begin whose endpoints are under these authorities for certain: those
/// of the partition `aws`. Elsewhere, as in China, they are under others.
const AMAZON_REGIONS: [&str; 10] =
    ["af-", "ap-", "ca-", "eu-", "il-", "me-", "mx-", "sa-", "us-east-", "us-west-"];

/// Whose certificates are trusted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Trust {
    /// Those of AWS's own authorities. They are in the binary: reading everything that a system trusts
    /// is more than half of the work of a cold start.
    Amazon,
    /// Those that the system trusts, or the file that `SSL_CERT_FILE` names.
    System,
    /// Nobody's, where there is no TLS.
    Nobody,
}

impl Trust {
    /// Whom to trust at `endpoint`, or at AWS's own endpoints in `region` where there is none.
    #[must_use]
    pub fn at(endpoint: Option<&str>, region: &str) -> Self {
        let partition_aws = AMAZON_REGIONS.iter().any(|prefix| region.starts_with(prefix));
        match endpoint {
            Some(url) if url.starts_with("http://") => Self::Nobody,
            None if partition_aws && !region.contains("-iso") => Self::Amazon,
            _ => Self::System,
        }
    }

    /// TLS with these certificates.
    #[must_use]
    pub fn into_tls(self) -> ClientConfig {
        let mut roots = RootCertStore::empty();
        match self {
            Self::Amazon => roots.extend(amazon().cloned()),
            Self::System => {
                let system = rustls_native_certs::load_native_certs();
                roots.add_parsable_certificates(system.certs);
            }
            Self::Nobody => {}
        }
        ClientConfig::builder().with_root_certificates(roots).with_no_client_auth()
    }
}

fn amazon() -> impl Iterator<Item = &'static TrustAnchor<'static>> {
    let of_amazon = |anchor: &&TrustAnchor<'_>| {
        let subject = anchor.subject.as_ref();
        AMAZON.iter().any(|name| subject.windows(name.len()).any(|part| part == *name))
    };
    webpki_roots::TLS_SERVER_ROOTS.iter().filter(of_amazon)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn amazons_authorities_are_trusted_at_its_own_endpoints() {
        for region in ["us-east-1", "us-west-2", "eu-central-1", "ap-southeast-7", "mx-central-1"] {
            assert_eq!(Trust::at(None, region), Trust::Amazon, "{region}");
            assert_eq!(Trust::at(Some("https://localhost:1"), region), Trust::System, "{region}");
            assert_eq!(Trust::at(Some("http://localhost:1"), region), Trust::Nobody, "{region}");
        }
        for region in [
            "cn-north-1",
            "us-gov-west-1",
            "us-iso-east-1",
            "us-isob-east-1",
            "eu-isoe-west-1",
            "eusc-de-east-1",
            "",
        ] {
            assert_eq!(Trust::at(None, region), Trust::System, "{region}");
        }
    }

    /// The names as the repository lists them, each once.
    #[test]
    fn amazons_authorities_are_these_five() {
        for name in [
            "Amazon Root CA 1",
            "Amazon Root CA 2",
            "Amazon Root CA 3",
            "Amazon Root CA 4",
            "Starfield Services Root Certificate Authority - G2",
        ] {
            let found = amazon().filter(|anchor| {
                let name = name.as_bytes();
                anchor.subject.as_ref().windows(name.len()).any(|part| part == name)
            });
            assert_eq!(found.count(), 1, "{name}");
        }
        assert_eq!(amazon().count(), 5);
    }
}
