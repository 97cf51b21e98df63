//! What is measured.

use std::path::{Path, PathBuf};

use crate::callbacks::Callbacks;
use crate::store::{Kind, Stores};

/// What a subject is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Role {
    /// A function of this project.
    Function,
    /// The function of contracts, with the contract of a provider that has a function of its own.
    Contract,
    /// What a team would use instead.
    Peer,
    /// What a function is held against that verifies nothing, or does nothing.
    Floor,
    /// A binary that was named on the command line: a function built otherwise.
    Variant,
}

/// A function that is measured.
#[derive(Debug, Clone)]
pub struct Subject {
    /// Its name in the tables.
    pub name: String,
    /// What it is for.
    pub role: Role,
    /// The provider whose callbacks it takes.
    pub provider: &'static str,
    /// The program and its arguments.
    pub command: Vec<PathBuf>,
    /// Where it is started.
    pub folder: PathBuf,
    /// What is zipped.
    pub package: PathBuf,
    /// Environment variables of its own.
    pub env: Vec<(String, String)>,
    /// Whether callgrind can run it.
    pub countable: bool,
    /// Whether it trusts AWS's own authorities only, and not everything that the system does.
    pub few_roots: bool,
    /// Whether it differs from another subject over TLS only.
    pub only_over_tls: bool,
}

/// The plain Rust function, which the targets compare with.
pub const PLAIN: &str = "Rust, aws-config and one PutItem";
/// One conditional `PutItem` of an item of the same bytes as the provider's function puts, tuned as far as a build
/// goes, and without jitter entropy; one for each provider.
pub const TUNED: &str = "Rust, tuned";
/// The same without jitter entropy.
pub const JITTER_FREE: &str = "Rust, the same without jitter entropy";
/// A function of the project without the roots in its binary.
pub const ALL_ROOTS: &str = "inbrain, if it read the system's roots";
/// The function of contracts, with the contract of inBrain.
pub const BY_CONTRACT: &str = "inbrain, by the function of contracts";
/// The function that does nothing.
pub const EMPTY: &str = "Rust, empty lambda_http function";
/// The Python peer.
pub const PYTHON: &str = "Python, Powertools idempotency";
/// The Node peer.
pub const NODE: &str = "Node, Powertools idempotency";

impl Subject {
    /// A subject that is one binary.
    #[must_use]
    pub fn binary(name: &str, role: Role, provider: &'static str, binary: &Path) -> Self {
        Self {
            name: name.to_owned(),
            role,
            provider,
            command: vec![binary.to_owned()],
            folder: binary.parent().unwrap_or(Path::new("/")).to_owned(),
            package: binary.to_owned(),
            env: Vec::new(),
            countable: true,
            few_roots: matches!(role, Role::Function | Role::Contract | Role::Variant),
            only_over_tls: false,
        }
    }

    /// The name of the tuned floor for the callbacks of `provider`.
    #[must_use]
    pub fn tuned(provider: &str) -> String {
        format!("{TUNED}, {provider}")
    }

    /// Whether it is measured in front of `kind`.
    #[must_use]
    pub fn is_for(&self, kind: Kind) -> bool {
        !self.only_over_tls || kind == Kind::StubOverTls
    }

    /// The environment in which it runs, as Lambda would set it; `item_bytes` is how large an item of the
    /// provider's function is.
    #[must_use]
    pub fn environment(
        &self,
        callbacks: &Callbacks,
        stores: &Stores,
        kind: Kind,
        item_bytes: usize,
    ) -> Vec<(String, String)> {
        let item_bytes = item_bytes.to_string();
        let certificate = &stores.certificate;
        let trusted = if self.few_roots { &certificate.few } else { &certificate.all };
        let trusted = trusted.display().to_string();
        let secret = String::from_utf8_lossy(callbacks.secret().expose()).into_owned();
        let url = stores.url(kind);
        let own = [
            ("PATH", "/usr/local/bin:/usr/bin:/bin"),
            ("LANG", "en_US.UTF-8"),
            ("TZ", ":UTC"),
            ("AWS_REGION", "us-east-1"),
            ("AWS_DEFAULT_REGION", "us-east-1"),
            ("AWS_ACCESS_KEY_ID", "AKIDEXAMPLE"),
            ("AWS_SECRET_ACCESS_KEY", "wJalrXUtnFEMI-K7MDENG-bPxRfiCYEXAMPLEKEY"),
            ("AWS_SESSION_TOKEN", "IQoJb3JpZ2luX2VjEXAMPLETOKEN"),
            ("AWS_LAMBDA_FUNCTION_NAME", "measured"),
            ("AWS_LAMBDA_FUNCTION_MEMORY_SIZE", "256"),
            ("AWS_LAMBDA_FUNCTION_VERSION", "$LATEST"),
            ("AWS_LAMBDA_INITIALIZATION_TYPE", "on-demand"),
            ("AWS_EXECUTION_ENV", "AWS_Lambda_provided.al2023"),
            // What each language takes its trusted certificates from.
            ("SSL_CERT_FILE", trusted.as_str()),
            ("AWS_CA_BUNDLE", trusted.as_str()),
            ("NODE_EXTRA_CA_CERTS", trusted.as_str()),
            // As the template does: every callback is counted.
            ("METRICS_NAMESPACE", "callbacks"),
            // The peers' settings.
            ("IDEMPOTENCY_TABLE", "idempotency"),
            ("CALLBACK_SECRET", secret.as_str()),
            ("ITEM_BYTES", item_bytes.as_str()),
        ];
        let own = own.map(|(name, value)| (name.to_owned(), value.to_owned()));
        let mut environment: Vec<_> = own.into();
        environment.extend(callbacks.settings().clone());
        environment.extend(self.env.iter().cloned());
        // Last, so that it is the one that counts.
        environment.push(("AWS_ENDPOINT_URL_DYNAMODB".to_owned(), url));
        environment
    }
}
