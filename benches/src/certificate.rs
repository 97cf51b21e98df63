//! The certificate of the stub, made anew for every run, and who trusts it.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use rcgen::{
    BasicConstraints, CertificateParams, CertifiedIssuer, DnType, ExtendedKeyUsagePurpose, IsCa,
    KeyPair, KeyUsagePurpose,
};
use tokio_rustls::TlsAcceptor;
use tokio_rustls::rustls::ServerConfig;
use tokio_rustls::rustls::crypto::ring;
use tokio_rustls::rustls::pki_types::{PrivateKeyDer, PrivatePkcs8KeyDer};

use crate::error::Error;

/// Where systems keep the certificates that they trust, all in one file.
const NATIVE: [&str; 3] = [
    "/etc/pki/tls/certs/ca-bundle.crt",
    "/etc/ssl/certs/ca-certificates.crt",
    "/etc/ssl/cert.pem",
];

/// A TLS server for `localhost`.
pub struct Certificate {
    /// Takes connections.
    pub acceptor: TlsAcceptor,
    /// A file with everything that the system trusts and the certificate's issuer: a client reads and
    /// parses as much as it does on AWS.
    pub trusted: PathBuf,
}

impl Certificate {
    /// Makes a certificate, and the file with what is trusted in `folder`: with `few_roots`, its issuer
    /// alone.
    ///
    /// # Errors
    ///
    /// When that file cannot be written.
    pub fn make(folder: &Path, few_roots: bool) -> Result<Self, Error> {
        let (issuer, chain, key) =
            make().map_err(|error| Error::machine("no certificate")(&error))?;
        let mut config =
            ServerConfig::builder_with_provider(Arc::new(ring::default_provider()))
                .with_safe_default_protocol_versions()
                .map_err(|error| Error::machine("no TLS")(&error))?
                .with_no_client_auth()
                .with_single_cert(chain, key)
                .map_err(|error| Error::machine("no TLS")(&error))?;
        // As DynamoDB does.
        config.alpn_protocols = vec![b"http/1.1".to_vec()];
        // A cold start has no session to resume.
        config.send_tls13_tickets = 0;

        let native = NATIVE.iter().filter(|_| !few_roots).find_map(|path| fs::read_to_string(path).ok());
        let trusted = folder.join("trusted.pem");
        fs::write(&trusted, native.unwrap_or_default() + "\n" + &issuer)
            .map_err(|error| Error::File { path: trusted.clone(), error })?;
        Ok(Self { acceptor: TlsAcceptor::from(Arc::new(config)), trusted })
    }
}

type Made = (
    String,
    Vec<tokio_rustls::rustls::pki_types::CertificateDer<'static>>,
    PrivateKeyDer<'static>,
);

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
    Ok((issuer.pem(), vec![server.der().clone(), issuer.der().clone()], key))
}
