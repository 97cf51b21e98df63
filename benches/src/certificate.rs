//! The certificate of the stub, made anew for every run, and who trusts it.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use rcgen::{
    BasicConstraints, CertificateParams, CertifiedIssuer, DnType, ExtendedKeyUsagePurpose, IsCa,
    KeyPair, KeyUsagePurpose,
};
use tokio_rustls::TlsAcceptor;
use tokio_rustls::rustls::ServerConfig;
use tokio_rustls::rustls::crypto::ring;
use tokio_rustls::rustls::pki_types::pem::PemObject as _;
use tokio_rustls::rustls::pki_types::{CertificateDer, PrivateKeyDer, PrivatePkcs8KeyDer};

use crate::error::Error;

/// Where systems keep the certificates that they trust, all in one file.
const NATIVE: [&str; 3] =
    ["/etc/pki/tls/certs/ca-bundle.crt", "/etc/ssl/certs/ca-certificates.crt", "/etc/ssl/cert.pem"];

/// The names of AWS's own authorities, which are the ones that the functions bring along.
const AMAZON: [&[u8]; 2] = [b"Amazon Root CA ", b"Starfield Services Root "];
const END: &str = "-----END CERTIFICATE-----";

/// A TLS server for `localhost`.
pub struct Certificate {
    /// Completes the TLS handshake of a connection, with this certificate.
    pub acceptor: TlsAcceptor,
    /// A file with everything that the system trusts and the certificate's issuer: what a client reads
    /// and parses by default.
    pub all: PathBuf,
    /// A file with AWS's own authorities and the issuer. The functions have these authorities in their
    /// binary for AWS's endpoints; for the endpoint of a setting, as here, they read `SSL_CERT_FILE`, so
    /// that this file makes them parse as many.
    pub few: PathBuf,
}

impl Certificate {
    /// Makes a certificate, and the files with what is trusted in `folder`.
    ///
    /// # Errors
    ///
    /// When a file cannot be read or written.
    pub fn make(folder: &Path) -> Result<Self, Error> {
        let (issuer, chain, key) =
            make().map_err(|error| Error::machine("no certificate")(&error))?;
        let mut config = ServerConfig::builder_with_provider(Arc::new(ring::default_provider()))
            .with_safe_default_protocol_versions()
            .map_err(|error| Error::machine("no TLS")(&error))?
            .with_no_client_auth()
            .with_single_cert(chain, key)
            .map_err(|error| Error::machine("no TLS")(&error))?;
        // As DynamoDB does.
        config.alpn_protocols = vec![b"http/1.1".to_vec()];
        // A cold start has no session to resume.
        config.send_tls13_tickets = 0;

        let native = NATIVE.iter().find_map(|path| fs::read_to_string(path).ok());
        let native = native.unwrap_or_default();
        let all = folder.join("all-roots.pem");
        write(&all, &native, &issuer)?;
        let few = folder.join("few-roots.pem");
        write(&few, &of_amazon(&native), &issuer)?;
        let acceptor = TlsAcceptor::from(Arc::new(config));
        Ok(Self { acceptor, all, few })
    }
}

/// The certificates in `pem` that are Amazon's.
fn of_amazon(pem: &str) -> String {
    let is_amazons = |certificate: &&str| {
        let Ok(der) = CertificateDer::from_pem_slice(certificate.as_bytes()) else { return false };
        AMAZON.iter().any(|name| der.windows(name.len()).any(|part| part == *name))
    };
    pem.split_inclusive(END).filter(is_amazons).collect()
}

fn write(path: &Path, roots: &str, issuer: &str) -> Result<(), Error> {
    fs::write(path, format!("{roots}\n{issuer}"))
        .map_err(|error| Error::File { path: path.to_owned(), error })
}

/// RFC 7468, lines of 64 characters.
fn pem(certificate: &CertificateDer<'_>) -> String {
    let text = STANDARD.encode(certificate);
    let lines: Vec<_> = text.as_bytes().chunks(64).map(String::from_utf8_lossy).collect();
    format!("-----BEGIN CERTIFICATE-----\n{}\n{END}\n", lines.join("\n"))
}

type Made = (String, Vec<CertificateDer<'static>>, PrivateKeyDer<'static>);

fn make() -> Result<Made, rcgen::Error> {
    let mut issuer = CertificateParams::default();
    issuer.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    issuer.key_usages = vec![KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::CrlSign];
    issuer.distinguished_name.push(DnType::CommonName, "Benchmark");
    let issuer = CertifiedIssuer::self_signed(issuer, KeyPair::generate()?)?;

    let key = KeyPair::generate()?;
    let mut server = CertificateParams::new(vec!["localhost".to_owned()])?;
    server.distinguished_name.push(DnType::CommonName, "localhost");
    server.extended_key_usages = vec![ExtendedKeyUsagePurpose::ServerAuth];
    let server = server.signed_by(&key, &issuer)?;
    let key = PrivateKeyDer::from(PrivatePkcs8KeyDer::from(key.serialize_der()));
    Ok((pem(issuer.der()), vec![server.der().clone(), issuer.der().clone()], key))
}
