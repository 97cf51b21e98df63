//! Looks up every name in a contract's file, so that a request looks up none.

use jiff::SignedDuration;
use verify::Route;

use crate::contract::{Condition, Entrance, Kind, Meaning, Reads, Shared, Unit, Wanted, Window};
use crate::coverage;
use crate::credential;
use crate::field_type::{FieldType, Form};
use crate::fields::{Declared, Place};
use crate::file::{
    BodySpec, CallbackSpec, Conditions, ContractFile, EffectSpec, FieldSpec, OfSpec, RouteSpec,
    SettingsSpec, Table, Text,
};
use crate::finding::{Finding, Rule};
use crate::proof::Proof;

/// A contract with every name looked up.
#[derive(Debug, Clone)]
pub struct Compiled {
    /// Its routes.
    pub entrances: Vec<Entrance>,
    /// The same, as the receiver takes them: each with its place in the list.
    pub routes: &'static [(Route, usize)],
    /// Its fields.
    pub fields: Vec<Declared>,
    /// What proves its requests.
    pub proof: Proof,
    /// Its kinds of callback.
    pub kinds: Vec<Kind>,
    /// What a callback means.
    pub meaning: Meaning,
    /// How old a request may be.
    pub window: Option<Window>,
    /// What is not kept of a payload.
    pub credentials: &'static [&'static str],
}

/// What stands in the way of a contract, as it is found.
pub(crate) struct Findings(pub(crate) Vec<Finding>);

impl Findings {
    /// Notes a finding where there is nothing in place of what was looked for.
    pub(crate) fn some<T>(&mut self, found: Option<T>, rule: Rule, about: &str) -> Option<T> {
        if found.is_none() {
            self.0.push(Finding::new(rule, about));
        }
        found
    }

    fn unless(&mut self, holds: bool, rule: Rule, about: impl Into<String>) {
        if !holds {
            self.0.push(Finding::new(rule, about));
        }
    }
}

/// Looks up every name.
///
/// # Errors
///
/// What cannot be looked up, or is not of a form that it may have there.
pub fn compile(name: &'static str, file: &'static ContractFile) -> Result<Compiled, Vec<Finding>> {
    let mut findings = Findings(Vec::new());
    findings.unless(is_provider_name(name), Rule::BadName, name);
    findings.unless(file.contract == 1, Rule::BadVersion, file.contract.to_string());
    let entrances: Vec<_> =
        file.routes.iter().filter_map(|route| entrance(name, route, &mut findings)).collect();
    findings.unless(!file.routes.is_empty(), Rule::BadRoute, "routes");
    let declared = |(name, spec): (&'static str, &FieldSpec)| {
        let kind = findings.some(FieldType::read(spec), Rule::BadType, name)?;
        let place = findings.some(Place::of(name), Rule::BadType, name)?;
        Some(Declared { name, place, kind })
    };
    let fields: Vec<_> = file.fields.iter().filter_map(declared).collect();
    let scope = Scope { fields: &fields, entrances: &entrances, file };
    let proof = credential::proof(file, &scope, &mut findings);
    let meaning = meaning(&scope, &mut findings);
    let window = window(&scope, &mut findings);
    findings.unless(are_usable(file), Rule::BadSettings, "settings");
    let tests_apart = proof.as_ref().is_some_and(|proof| {
        let conditions = file.meaning.test.iter().flat_map(Table::keys);
        let covered = coverage::of(proof, &fields);
        conditions.clone().count() > 0
            && conditions.clone().all(|name| scope.index(name).is_some_and(|at| covered[at]))
    });
    findings.unless(!file.callbacks.is_empty(), Rule::NoCallback, "callbacks");
    let kind = |spec| kind(spec, &scope, tests_apart, &mut findings);
    let kinds: Vec<_> = file.callbacks.iter().filter_map(kind).collect();
    match (proof, meaning) {
        (Some(proof), Some(meaning)) if findings.0.is_empty() => Ok(Compiled {
            routes: routes(&entrances),
            credentials: credentials(&proof, file),
            entrances,
            fields,
            proof,
            kinds,
            meaning,
            window,
        }),
        _ => Err(findings.0),
    }
}

/// The declared fields, by name.
pub(crate) struct Scope<'a> {
    pub(crate) fields: &'a [Declared],
    pub(crate) entrances: &'a [Entrance],
    pub(crate) file: &'static ContractFile,
}

impl Scope<'_> {
    pub(crate) fn index(&self, name: &str) -> Option<usize> {
        self.fields.iter().position(|field| field.name == name)
    }

    pub(crate) fn field(&self, name: &str) -> Option<&Declared> {
        self.fields.iter().find(|field| field.name == name)
    }

    /// The fields of a list, all of which are `wanted`.
    fn all(
        &self,
        names: &[Text],
        wanted: impl Fn(&FieldType) -> bool,
        findings: &mut Findings,
    ) -> Vec<usize> {
        let index = |name: &Text| {
            let at = self.index(name).filter(|at| wanted(&self.fields[*at].kind));
            findings.some(at, Rule::UndeclaredField, name)
        };
        names.iter().filter_map(index).collect()
    }
}

fn is_provider_name(name: &str) -> bool {
    (1..=32).contains(&name.len())
        && name.starts_with(|c: char| c.is_ascii_lowercase())
        && !name.ends_with('-')
        && !name.contains("--")
        && name.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-')
}

/// Whether the settings of the file change something that is there.
fn are_usable(file: &ContractFile) -> bool {
    let Some(SettingsSpec { header, paying }) = &file.settings else { return true };
    let is_name = |name: &Text| {
        name.starts_with(|c: char| c.is_ascii_uppercase())
            && name.chars().all(|c| c.is_ascii_uppercase() || c.is_ascii_digit() || c == '_')
    };
    let in_header = file.credential.at.as_ref().is_some_and(|at| at.starts_with("header."));
    let has_money = file.meaning.amount.is_some() && file.meaning.unit.is_some();
    header.iter().chain(paying).all(is_name)
        && (header.is_none() || in_header)
        && (paying.is_none() || has_money)
}

fn is_snake_case(name: &str) -> bool {
    (1..=64).contains(&name.len())
        && name.starts_with(|c: char| c.is_ascii_lowercase())
        && name.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_')
}

fn entrance(
    name: &'static str,
    spec: &'static RouteSpec,
    findings: &mut Findings,
) -> Option<Entrance> {
    let (route, reads) = match (&spec.get, &spec.post, spec.body) {
        (Some(path), None, None) => (Route::get(path), Reads::Query),
        (None, Some(path), Some(BodySpec::Form)) => (Route::post(path), Reads::Form),
        (None, Some(path), _) => (Route::post(path), Reads::Json),
        _ => return findings.some(None, Rule::BadRoute, "routes"),
    };
    let below = route.path.strip_prefix('/').and_then(|path| path.strip_prefix(name));
    let is_plain = |c: char| c.is_ascii_alphanumeric() || "-_/".contains(c);
    let own = below.is_some_and(|below| {
        (below.is_empty() || below.starts_with('/'))
            && !below.ends_with('/')
            && !below.contains("//")
            && below.chars().all(is_plain)
    });
    findings.unless(own, Rule::BadRoute, route.path);
    Some(Entrance { route, reads, hook: spec.hook.as_deref() })
}

fn routes(entrances: &[Entrance]) -> &'static [(Route, usize)] {
    let routes: Vec<_> = entrances.iter().enumerate().map(|(at, it)| (it.route, at)).collect();
    routes.leak()
}

/// The names of what is a credential.
fn credentials(proof: &Proof, file: &'static ContractFile) -> &'static [&'static str] {
    use crate::proof::{At, TOKEN};
    let mut names: Vec<&str> = file.credential.not_kept.iter().map(|name| &**name).collect();
    match &proof.at {
        Some(At::Query(name) | At::Form(name) | At::Body(name)) => names.push(*name),
        Some(At::Header(_)) | None => {}
    }
    if proof.token {
        names.push(TOKEN);
    }
    names.leak()
}

fn meaning(scope: &Scope<'_>, findings: &mut Findings) -> Option<Meaning> {
    let file = scope.file;
    let key = scope.all(&file.identity.key, |kind| is_id(kind) && !kind.optional, findings);
    findings.unless(!file.identity.key.is_empty(), Rule::UndeclaredField, "identity.key");
    scope.all(&file.identity.fingerprint, |_| true, findings);
    let user = scope.all(file.meaning.user.as_slice(), is_id, findings);
    findings.unless(
        !file.meaning.user.as_slice().is_empty(),
        Rule::UndeclaredField,
        "meaning.user",
    );
    let amount = file.meaning.amount.as_ref().map(std::slice::from_ref);
    let amount = scope.all(amount.unwrap_or_default(), |kind| kind.form.is_amount(), findings);
    let unit = match file.meaning.unit.as_deref() {
        None => None,
        Some(unit) => match unit.strip_prefix('{').and_then(|unit| unit.strip_suffix('}')) {
            Some(field) => {
                let at = scope.index(field).filter(|at| is_id(&scope.fields[*at].kind));
                Some(Unit::Field(findings.some(at, Rule::UndeclaredField, field)?))
            }
            None => Some(Unit::Fixed(unit)),
        },
    };
    let test = file.meaning.test.as_ref().map(|test| conditions(test, scope, findings));
    let spare = user.iter().skip(1).copied().filter(|at| !is_used(file, scope.fields[*at].name));
    Some(Meaning {
        key,
        spare: spare.collect(),
        user,
        amount: amount.first().copied(),
        unit,
        test,
        negative: file.meaning.negative,
    })
}

/// Whether anything but the user depends on the field called `name`.
fn is_used(file: &ContractFile, name: &str) -> bool {
    let ContractFile { identity, meaning, callbacks, credential, .. } = file;
    let of = |of: &OfSpec| match of {
        OfSpec::Field(field) => field == name,
        OfSpec::Stripped(spec) => spec.field == name,
    };
    let by_kind = |kind: &CallbackSpec| {
        kind.when.contains_key(name)
            || kind.fingerprint.iter().any(|field| field == name)
            || kind.of.as_ref().is_some_and(of)
    };
    let unit = meaning.unit.as_deref().and_then(|unit| unit.strip_prefix('{')?.strip_suffix('}'));
    identity.key.iter().chain(&*identity.fingerprint).any(|field| field == name)
        || meaning.test.as_ref().is_some_and(|test| test.contains_key(name))
        || unit == Some(name)
        || credential.window.as_ref().is_some_and(|window| window.at == name)
        || callbacks.iter().any(by_kind)
}

/// The conditions of a table.
fn conditions(
    table: &'static Conditions,
    scope: &Scope<'_>,
    findings: &mut Findings,
) -> Vec<Condition> {
    let condition = |(name, texts): (&str, &'static crate::file::OneOrMore)| {
        let field = findings.some(scope.index(name), Rule::UndeclaredField, name)?;
        let kind = &scope.fields[field].kind;
        let is: Option<Vec<_>> =
            texts.as_slice().iter().map(|text| wanted(text, &kind.form)).collect();
        let is = is.filter(|is| !is.is_empty());
        Some(Condition { field, is: findings.some(is, Rule::BadCallback, name)? })
    };
    table.iter().filter_map(condition).collect()
}

/// What a field of this form may be; none where it never is.
fn wanted(text: &'static str, form: &Form) -> Option<Wanted> {
    match (text, form) {
        ("<0", form) if form.is_amount() => Some(Wanted::Negative),
        (">=0", form) if form.is_amount() => Some(Wanted::NotNegative),
        (_, form) if form.is_amount() => verify::Amount::parse(text).map(|_| Wanted::Text(text)),
        (_, Form::OneOf(texts)) => {
            texts.iter().any(|known| known == text).then_some(Wanted::Text(text))
        }
        ("1", Form::Bool) => Some(Wanted::Text("true")),
        ("0", Form::Bool) => Some(Wanted::Text("false")),
        (_, Form::Bool) => ["true", "false"].contains(&text).then_some(Wanted::Text(text)),
        _ => Some(Wanted::Text(text)),
    }
}

fn window(scope: &Scope<'_>, findings: &mut Findings) -> Option<Window> {
    let spec = scope.file.credential.window.as_ref()?;
    let field = scope.index(&spec.at).filter(|at| is_time(&scope.fields[*at].kind));
    Some(Window {
        field: findings.some(field, Rule::UndeclaredField, &spec.at)?,
        past: SignedDuration::from_secs(spec.past_seconds.into()),
        future: SignedDuration::from_secs(spec.future_seconds.into()),
    })
}

fn kind(
    spec: &'static CallbackSpec,
    scope: &Scope<'_>,
    tests_apart: bool,
    findings: &mut Findings,
) -> Option<Kind> {
    let name = &*spec.kind;
    let class = spec.class.as_deref().unwrap_or("callback");
    let about = format!("callbacks.{name}");
    findings.unless(is_snake_case(name) && is_snake_case(class), Rule::BadCallback, &*about);
    let hook = spec.route.as_deref();
    let is_there = |hook| scope.entrances.iter().any(|entrance| entrance.hook == Some(hook));
    findings.unless(hook.is_none_or(is_there), Rule::BadCallback, &*about);
    let pays = matches!(spec.effect, EffectSpec::Credit | EffectSpec::Complete);
    let meaning = &scope.file.meaning;
    let has_money = meaning.amount.is_some() && meaning.unit.is_some();
    findings.unless(!pays || has_money, Rule::BadCallback, &*about);
    let of = match spec.effect {
        EffectSpec::Complete | EffectSpec::Reverse => Some(shared(spec, scope, findings)?),
        EffectSpec::Credit | EffectSpec::Nothing => {
            findings.unless(spec.of.is_none(), Rule::BadCallback, &*about);
            None
        }
    };
    let mut types = vec![None; scope.fields.len()];
    for (field, other) in &spec.fields {
        let at = findings.some(scope.index(field), Rule::UndeclaredField, field)?;
        let mut other = findings.some(FieldType::read(other), Rule::BadType, field)?;
        other.by_value = other.form == Form::Any && scope.fields[at].kind.form.is_amount();
        types[at] = Some(other);
    }
    serve(spec, pays, &types, of.as_ref(), scope, findings);
    let fingerprint = [&*scope.file.identity.fingerprint, &*spec.fingerprint].concat();
    let test_class = if tests_apart { format!("{class}_test").leak() } else { class };
    Some(Kind {
        name,
        class,
        test_class,
        when: conditions(&spec.when, scope, findings),
        hook,
        effect: spec.effect,
        of,
        types,
        fingerprint: scope.all(&fingerprint, |_| true, findings),
    })
}

/// Holds the types of one kind to what its fields are used for.
fn serve(
    spec: &CallbackSpec,
    pays: bool,
    types: &[Option<FieldType>],
    of: Option<&Shared>,
    scope: &Scope<'_>,
    findings: &mut Findings,
) {
    let file = scope.file;
    let own = |at: usize| types[at].as_ref().unwrap_or(&scope.fields[at].kind);
    let mut hold = |name: &str, wanted: &dyn Fn(&FieldType) -> bool| {
        let kind = scope.index(name).map(&own);
        let other = spec.fields.contains_key(name);
        findings.unless(!other || kind.is_none_or(wanted), Rule::UndeclaredField, name);
    };
    for name in &*file.identity.key {
        hold(name, &|kind| is_id(kind) && !kind.optional);
    }
    for name in file.meaning.user.as_slice() {
        hold(name, &is_id);
    }
    if let Some(window) = &file.credential.window {
        hold(&window.at, &is_time);
    }
    if let Some(amount) = file.meaning.amount.as_deref().filter(|_| pays) {
        hold(amount, &|kind| kind.form.is_amount());
    }
    if let Some(of) = of {
        let kind = own(of.field);
        let about = scope.fields[of.field].name;
        findings.unless(is_id(kind) && !kind.optional, Rule::UndeclaredField, about);
    }
}

/// Whether it is compared as it is written.
fn is_id(kind: &FieldType) -> bool {
    kind.form.is_id()
}

fn is_time(kind: &FieldType) -> bool {
    matches!(kind.form, Form::EpochSeconds | Form::EpochMillis)
}

/// The id that a completion shares with its reversal: what the file says, or the only field of the identity.
fn shared(
    spec: &'static CallbackSpec,
    scope: &Scope<'_>,
    findings: &mut Findings,
) -> Option<Shared> {
    let (field, without_prefix) = match (&spec.of, &scope.file.identity.key[..]) {
        (Some(OfSpec::Field(field)), _) => (field, ""),
        (Some(OfSpec::Stripped(spec)), _) => (&spec.field, &*spec.without_prefix),
        (None, [only]) => (only, ""),
        (None, _) => {
            let about = format!("callbacks.{}.of", spec.kind);
            return findings.some(None, Rule::BadCallback, &about);
        }
    };
    let at = findings.some(scope.index(field), Rule::UndeclaredField, field)?;
    Some(Shared { field: at, without_prefix })
}
