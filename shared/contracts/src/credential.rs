//! Reads `[credential]`.

use http::HeaderName;

use crate::compile::{Findings, Scope};
use crate::contract::Reads;
use crate::encoding::Encoding;
use crate::field_type::Form;
use crate::fields::Place;
use crate::file::{
    ContractFile, CredentialSpec, FieldsSpec, KeysSpec, OverSpec, ParametersSpec, SelectSpec, Text,
    WholeSpec,
};
use crate::finding::Rule;
use crate::message::{Joined, Named, Over, Piece};
use crate::proof::{At, Proof, Scheme, public_point};
use crate::template::{Part, Template};

/// What proves the requests of a contract.
pub(crate) fn proof(
    file: &'static ContractFile,
    scope: &Scope<'_>,
    findings: &mut Findings,
) -> Option<Proof> {
    let spec = &file.credential;
    let scheme = findings.some(Scheme::named(&spec.is), Rule::BadCredential, "credential.is")?;
    let at = match &spec.at {
        Some(at) => Some(findings.some(read_at(at), Rule::BadCredential, "credential.at")?),
        None => None,
    };
    let encodings = match &spec.encoding {
        Some(names) => names.as_slice().iter().map(|name| Encoding::named(name)).collect(),
        None => Some(vec![Encoding::Hex]),
    };
    let encodings = encodings.filter(|encodings: &Vec<_>| !encodings.is_empty());
    let encodings = findings.some(encodings, Rule::BadCredential, "credential.encoding")?;
    let over = over(spec, at.as_ref(), scope, findings)?;
    let proof = Proof {
        scheme,
        at,
        encodings,
        prefixes: match &spec.prefix {
            Some(prefixes) => prefixes.as_slice(),
            None => &[Text::Borrowed("")],
        },
        separator: spec.separator.as_deref(),
        secret: spec.secret,
        over,
        token: file.token,
    };
    let whole = (is_whole(&proof, spec) && is_on_every_route(&proof, scope)).then_some(());
    findings.some(whole, Rule::BadCredential, "credential")?;
    Some(proof)
}

/// Whether a scheme has what it needs, and nothing that it has no use for.
fn is_whole(proof: &Proof, spec: &CredentialSpec) -> bool {
    let signs = matches!(proof.scheme, Scheme::Digest(_) | Scheme::Hmac(_) | Scheme::Ecdsa);
    let is_over = !matches!(proof.over, Over::Nothing);
    let separator = proof.separator.as_ref().is_none_or(|separator| !separator.is_empty());
    let keys = match &spec.keys {
        Some(KeysSpec::Fixed(keys)) => {
            let usable = keys.iter().all(|key| public_point(key).is_some());
            proof.scheme.is_public() && !keys.is_empty() && usable
        }
        Some(KeysSpec::Fetched(list)) => {
            proof.scheme.is_public() && list.fetch.starts_with("https://") && list.max_age_hours > 0
        }
        None => !proof.scheme.is_public(),
    };
    keys && separator && signs == is_over && (proof.scheme == Scheme::None) == proof.at.is_none()
}

/// Whether every route has what is signed, and a place for the signature: what is read from elsewhere is not
/// signed at all.
fn is_on_every_route(proof: &Proof, scope: &Scope<'_>) -> bool {
    let over = |reads: Reads| match &proof.over {
        Over::Before { .. } | Over::Sorted { sorted: ParametersSpec::Query, .. } => {
            reads == Reads::Query
        }
        Over::Sorted { sorted: ParametersSpec::Form, .. } => reads == Reads::Form,
        Over::Template(pieces) => {
            reads != Reads::Query || !pieces.iter().any(|piece| matches!(piece, Piece::Body))
        }
        Over::Fields(_) | Over::Select { .. } | Over::Nothing => true,
    };
    let at = |reads: Reads| match &proof.at {
        Some(At::Body(_)) => reads == Reads::Json,
        // The content stands in the JWS, and the JWS in the body.
        _ if proof.scheme == Scheme::Jws => false,
        Some(At::Form(_)) => reads != Reads::Json,
        Some(At::Query(_) | At::Header(_)) | None => true,
    };
    scope.entrances.iter().all(|entrance| over(entrance.reads) && at(entrance.reads))
}

fn read_at(text: &'static str) -> Option<At> {
    let (place, name) = text.split_once('.')?;
    if name.is_empty() {
        return None;
    }
    Some(match place {
        "query" => At::Query(name),
        "form" => At::Form(name),
        "body" => At::Body(name),
        "header" => At::Header(HeaderName::from_bytes(name.as_bytes()).ok()?),
        _ => return None,
    })
}

fn over(
    spec: &'static CredentialSpec,
    at: Option<&At>,
    scope: &Scope<'_>,
    findings: &mut Findings,
) -> Option<Over> {
    Some(match &spec.over {
        None => Over::Nothing,
        Some(OverSpec::Template(text)) => {
            let template = findings.some(Template::read(text), Rule::BadTemplate, text)?;
            Over::Template(pieces(template, scope, findings)?)
        }
        Some(OverSpec::Before(before)) => {
            let marker = &*before.before;
            let name = marker.strip_prefix('&').and_then(|marker| marker.strip_suffix('='));
            let own = name.is_some_and(|name| at == Some(&At::Query(name)) || !name.is_empty());
            let whole = !(before.decoded && before.of == WholeSpec::Url);
            let usable = (own && whole).then_some(());
            findings.some(usable, Rule::BadCredential, "credential.over.before")?;
            Over::Before { marker, of: before.of, decoded: before.decoded }
        }
        Some(OverSpec::Sorted(sorted)) => {
            let credential = match at {
                Some(At::Query(name) | At::Form(name)) => Some(*name),
                _ => None,
            };
            let join = separates_pairs(&sorted.join).then_some(&*sorted.join);
            let join = findings.some(join, Rule::BadCredential, "credential.over.join")?;
            Over::Sorted { sorted: sorted.sorted, join, encode: sorted.encode, credential }
        }
        Some(OverSpec::Fields(FieldsSpec { fields, join, skip_empty })) => {
            are_declared(skip_empty, scope, findings)?;
            Over::Fields(joined(fields, join, skip_empty, scope, findings)?)
        }
        Some(OverSpec::Select(SelectSpec { select, cases, join, skip_empty })) => {
            are_declared(skip_empty, scope, findings)?;
            Over::Select {
                by: named(select, scope, findings)?,
                cases: cases
                    .iter()
                    .map(|(value, fields)| {
                        let joined = joined(fields, join, skip_empty, scope, findings)?;
                        Some((value, joined))
                    })
                    .collect::<Option<_>>()?,
            }
        }
    })
}

/// Whether a text between `name=value` pairs is one character, which no pair that is encoded has.
fn separates_pairs(join: &str) -> bool {
    let is_other = |c: char| !c.is_ascii_alphanumeric() && !"-_.~%+=".contains(c);
    join.chars().count() == 1 && join.chars().all(is_other)
}

fn pieces(template: Template, scope: &Scope<'_>, findings: &mut Findings) -> Option<Vec<Piece>> {
    let piece = |part| {
        Some(match part {
            Part::Literal(text) => Piece::Literal(text),
            Part::Body => Piece::Body,
            Part::Secret => Piece::Secret,
            Part::Field(name) => Piece::Field(named(&name, scope, findings)?),
        })
    };
    template.0.into_iter().map(piece).collect()
}

/// Whether what drops out where it is absent is declared: a name that is misspelt would never drop out.
fn are_declared(skip_empty: &[Text], scope: &Scope<'_>, findings: &mut Findings) -> Option<()> {
    let found = skip_empty.iter().map(|name| {
        let field = scope.field(name).map(drop);
        findings.some(field, Rule::UndeclaredField, name)
    });
    found.collect()
}

fn joined(
    fields: &[Text],
    join: &'static str,
    skip_empty: &[Text],
    scope: &Scope<'_>,
    findings: &mut Findings,
) -> Option<Joined> {
    let field = |name: &Text| Some((named(name, scope, findings)?, skip_empty.contains(name)));
    let fields: Option<Vec<_>> = fields.iter().map(field).collect();
    Some(Joined { fields: fields?, join })
}

/// A signed field, which stands at the top: what is signed is read before the request is proved, and no
/// deeper than that.
fn named(name: &str, scope: &Scope<'_>, findings: &mut Findings) -> Option<Named> {
    let nested = |place: &Place| matches!(place, Place::Content(path) if path.len() > 1);
    let json = scope.entrances.iter().any(|entrance| entrance.reads == Reads::Json);
    let field = scope.field(name).filter(|field| !(json && nested(&field.place)));
    let field = findings.some(field, Rule::UndeclaredField, name)?;
    let boolean = field.kind.form == Form::Bool;
    Some(Named { name: field.name, place: field.place.clone(), boolean })
}

/// Whether what is signed, or the signature, has to be looked for in the JSON object.
pub(crate) fn looks_into_json(proof: &Proof, reads: Reads) -> bool {
    let in_content = |field: &Named| matches!(field.place, Place::Content(_));
    let any = |joined: &Joined| joined.fields.iter().any(|(field, _)| in_content(field));
    let over = match &proof.over {
        Over::Template(pieces) => {
            pieces.iter().any(|piece| matches!(piece, Piece::Field(field) if in_content(field)))
        }
        Over::Fields(joined) => any(joined),
        Over::Select { by, cases } => in_content(by) || cases.iter().any(|(_, it)| any(it)),
        Over::Before { .. } | Over::Sorted { .. } | Over::Nothing => false,
    };
    reads == Reads::Json && (over || matches!(proof.at, Some(At::Body(_))))
}
