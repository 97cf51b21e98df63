//! A contract that requests are received by: its file, with every name looked up.

use jiff::SignedDuration;
use verify::{Amount, Caller, Route, cap};

use crate::compile::{self, Compiled};
use crate::field_type::FieldType;
use crate::fields::Declared;
use crate::file::{AnswersSpec, ContractFile, EffectSpec, NegativeSpec};
use crate::finding::{Finding, Rule};
use crate::proof::Proof;

/// A provider that is described by a file.
///
/// What is kept for as long as the program runs (names, routes, the file) is never freed: a function serves one
/// contract, and a command that reads a file again and again takes some kilobytes for each.
#[derive(Debug, Clone)]
pub struct Contract {
    pub(crate) name: &'static str,
    pub(crate) file: &'static ContractFile,
    pub(crate) compiled: Compiled,
    /// The largest reward that is paid unseen; none for no limit.
    pub(crate) cap: Option<Amount>,
    /// The base URL that the provider calls, without a slash at its end.
    pub(crate) public_url: String,
}

/// A route, with what its requests are read as.
#[derive(Debug, Clone)]
pub struct Entrance {
    /// The route.
    pub route: Route,
    /// What the fields stand in.
    pub reads: Reads,
    /// Its name in the file.
    pub hook: Option<&'static str>,
}

/// What the fields stand in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reads {
    /// The query string.
    Query,
    /// A form in the body.
    Form,
    /// A JSON object in the body.
    Json,
}

/// A kind of callback.
#[derive(Debug, Clone)]
pub struct Kind {
    /// Its name.
    pub name: &'static str,
    /// The class of its identity, and the class of its tests, where those are apart.
    pub class: &'static str,
    /// The class of its tests.
    pub test_class: &'static str,
    /// What has to hold.
    pub when: Vec<Condition>,
    /// The only hook that it comes to.
    pub hook: Option<&'static str>,
    /// What it does.
    pub effect: EffectSpec,
    /// The id that a completion shares with its reversal.
    pub of: Option<Shared>,
    /// The types of the fields that have another one for this kind, each at its place.
    pub types: Vec<Option<FieldType>>,
    /// The fields of the fingerprint.
    pub fingerprint: Vec<usize>,
}

/// The id that a completion shares with its reversal.
#[derive(Debug, Clone)]
pub struct Shared {
    /// The field.
    pub field: usize,
    /// What may stand before the id.
    pub without_prefix: &'static str,
}

/// A field that has to be something.
#[derive(Debug, Clone)]
pub struct Condition {
    /// The field.
    pub field: usize,
    /// What it may be.
    pub is: Vec<Wanted>,
}

/// What a field may be.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Wanted {
    /// This text.
    Text(&'static str),
    /// An amount below zero.
    Negative,
    /// An amount of zero or more.
    NotNegative,
}

/// What a callback means, whatever its kind.
#[derive(Debug, Clone)]
pub struct Meaning {
    /// The fields of the idempotency key.
    pub key: Vec<usize>,
    /// The fields with the user, of which the first that is there counts.
    pub user: Vec<usize>,
    /// Those of them that nothing else needs: behind the one that counts, they are not looked at.
    pub spare: Vec<usize>,
    /// The field with the amount.
    pub amount: Option<usize>,
    /// The unit.
    pub unit: Option<Unit>,
    /// What makes it a test.
    pub test: Option<Vec<Condition>>,
    /// What becomes of a reward below zero.
    pub negative: NegativeSpec,
}

/// A unit.
#[derive(Debug, Clone)]
pub enum Unit {
    /// Always this one.
    Fixed(&'static str),
    /// What a field says.
    Field(usize),
}

/// How old a request may be.
#[derive(Debug, Clone)]
pub struct Window {
    /// The field with its time.
    pub field: usize,
    /// How long ago that may be.
    pub past: SignedDuration,
    /// How far ahead that may be.
    pub future: SignedDuration,
}

impl Contract {
    /// The contract of a file as it stands in `contracts/`, as far as a function can serve it; whether that is
    /// safe is for [`lint`](crate::lint::lint) to say.
    ///
    /// # Errors
    ///
    /// What is wrong with the form of the contract.
    pub fn load(name: &str, file: ContractFile) -> Result<Self, Vec<Finding>> {
        Self::built_in(name.to_owned().leak(), Box::leak(Box::new(file)))
    }

    /// The same of a file that was read when the program was built.
    ///
    /// # Errors
    ///
    /// What is wrong with the form of the contract.
    pub fn built_in(name: &'static str, file: &'static ContractFile) -> Result<Self, Vec<Finding>> {
        let compiled = compile::compile(name, file)?;
        let own = file.meaning.cap.as_deref();
        let cap = own.and_then(cap::parse);
        if own.is_some() && cap.is_none() {
            return Err(vec![Finding::new(Rule::BadType, "meaning.cap")]);
        }
        Ok(Self { name, file, compiled, cap, public_url: String::new() })
    }

    /// Its name, which is that of its file.
    #[must_use]
    pub const fn name(&self) -> &'static str {
        self.name
    }

    /// What its file says.
    #[must_use]
    pub const fn file(&self) -> &'static ContractFile {
        self.file
    }

    /// Its routes.
    #[must_use]
    pub fn entrances(&self) -> &[Entrance] {
        &self.compiled.entrances
    }

    /// The URL of the route at `entrance` as the provider calls it; without the setting `PUBLIC_URL`, its path.
    #[must_use]
    pub fn url(&self, entrance: usize) -> String {
        format!("{}{}", self.public_url, self.entrances()[entrance].route.path)
    }

    /// What proves its requests.
    #[must_use]
    pub const fn proof(&self) -> &Proof {
        &self.compiled.proof
    }

    /// Its fields.
    #[must_use]
    pub fn fields(&self) -> &[Declared] {
        &self.compiled.fields
    }

    /// What its callbacks mean, whatever their kind.
    #[must_use]
    pub const fn meaning(&self) -> &Meaning {
        &self.compiled.meaning
    }

    /// Its kinds of callback.
    #[must_use]
    pub fn kinds(&self) -> &[Kind] {
        &self.compiled.kinds
    }

    /// Who sends its requests.
    #[must_use]
    pub const fn caller(&self) -> Caller {
        match self.file.caller {
            crate::file::CallerSpec::Provider => Caller::Provider,
            crate::file::CallerSpec::OwnCode => Caller::OwnCode,
        }
    }

    /// What the provider wants to read.
    pub(crate) const fn answers(&self) -> Option<&'static AnswersSpec> {
        self.file.answers.as_ref()
    }
}
