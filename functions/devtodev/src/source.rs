//! Where the fields of an install stand: in the query string, in the body, or in both.

use std::str;

use verify::{Form, Object, Refusal, Request, UnprovedForm};

use crate::Hook;

/// The key's name. It is looked for in the query string and kept from nowhere.
const KEY: &str = "apikey";

/// What a tracker sent, read no further than authentication needs.
///
/// The fields are the parameters of the query string and, of a `POST`, the members of the body,
/// together; one that is in both is repeated. The body of a `GET` means nothing.
pub struct Source<'a> {
    query: UnprovedForm<'a>,
    body: Body<'a>,
}

/// A body as it arrived.
enum Body<'a> {
    None,
    Json(&'a [u8]),
    Form(&'a [u8]),
}

impl<'a> Source<'a> {
    pub(crate) fn new(hook: Hook, query: UnprovedForm<'a>, request: &'a Request) -> Self {
        let body = match hook {
            Hook::Get => Body::None,
            // A tracker that puts every field into the URL has nothing to put here.
            Hook::Post if request.body.is_empty() => Body::None,
            Hook::Post if is_form(request) => Body::Form(&request.body),
            Hook::Post => Body::Json(&request.body),
        };
        Self { query, body }
    }

    /// All the fields as they were received, as one JSON object without the key. A field that is both in
    /// the query string and in the body is in it twice: [`Object::parse`], which reads it, refuses that.
    ///
    /// # Errors
    ///
    /// [`Refusal::Repeated`] for a field that occurs twice in one of them, [`Refusal::Undecodable`] and
    /// [`Refusal::Malformed`] for a body that is not what it claims to be.
    pub(crate) fn into_json(self) -> Result<String, Refusal> {
        let query = self.query.strict()?.to_json_without(&[KEY]);
        let body = match self.body {
            Body::None => return Ok(query),
            Body::Json(bytes) => Object::parse(bytes)?.without(&[KEY]),
            Body::Form(bytes) => {
                let undecodable = Refusal::Undecodable { what: "the body" };
                let text = str::from_utf8(bytes).map_err(|_| undecodable)?;
                Form::parse(text, "the body")?.to_json_without(&[KEY])
            }
        };
        Ok(joined(&query, &body))
    }
}

/// Whether the body is said to be a form; without a word about it, it is JSON.
fn is_form(request: &Request) -> bool {
    let said = request.headers.get("content-type").and_then(|value| value.to_str().ok());
    let essence = said.unwrap_or_default().split(';').next().unwrap_or_default();
    essence.trim().eq_ignore_ascii_case("application/x-www-form-urlencoded")
}

/// The members of two JSON objects as one object.
fn joined(first: &str, second: &str) -> String {
    let members = |object: &str| {
        let inner = object.strip_prefix('{').and_then(|rest| rest.strip_suffix('}'));
        inner.unwrap_or_default().to_owned()
    };
    let both = [members(first), members(second)];
    let both: Vec<_> = both.into_iter().filter(|members| !members.is_empty()).collect();
    format!("{{{}}}", both.join(","))
}

#[cfg(test)]
mod tests {
    use super::*;

    const FORM: &str = "application/x-www-form-urlencoded";

    fn json(hook: Hook, query: &str, kind: &str, body: &[u8]) -> Result<String, Refusal> {
        let mut request = Request { query: query.to_owned(), ..Request::default() };
        request.headers.insert("content-type", kind.parse().expect("a header value"));
        request.body = body.to_vec();
        let query = UnprovedForm::parse(&request.query, "the query string");
        let fields = Source::new(hook, query, &request).into_json()?;
        Object::parse(fields.as_bytes())?;
        Ok(fields)
    }

    fn post(query: &str, body: &str) -> Result<String, Refusal> {
        json(Hook::Post, query, "application/json", body.as_bytes())
    }

    #[test]
    fn the_fields_of_query_and_body_are_one_object() {
        for (query, body, fields) in [
            ("apikey=k", r#"{"a":1.50,"b":null}"#, r#"{"a":1.50,"b":null}"#),
            ("apikey=k&c=x%22y", r#"{"a":[{"b":1}]}"#, r#"{"c":"x\"y","a":[{"b":1}]}"#),
            ("c=1&apikey=k", "{}", r#"{"c":"1"}"#),
            ("c=1&apikey=k", "", r#"{"c":"1"}"#),
            ("apikey=k", "{}", "{}"),
            ("apikey=k", "", "{}"),
        ] {
            assert_eq!(post(query, body).expect(body), fields);
        }
    }

    #[test]
    fn the_body_of_a_get_means_nothing() {
        let fields = json(Hook::Get, "apikey=k&a=1", "application/json", br#"{"a":2"#);
        assert_eq!(fields.expect("read"), r#"{"a":"1"}"#);
    }

    #[test]
    fn a_form_is_known_by_its_content_type() {
        for kind in [FORM, "Application/X-WWW-Form-Urlencoded ; charset=UTF-8"] {
            let fields = json(Hook::Post, "apikey=k", kind, b"a=x+y&b=%C3%A9&c=");
            assert_eq!(fields.expect(kind), r#"{"a":"x y","b":"é","c":""}"#);
        }
        for kind in ["", "text/plain", "application/json", "application/x-www-form-urlencoded2"] {
            let fields = json(Hook::Post, "apikey=k", kind, b"a=1");
            assert_eq!(fields, Err(Refusal::malformed("body", "a JSON object")), "{kind}");
            let fields = json(Hook::Post, "apikey=k", kind, br#"{"a":1}"#);
            assert_eq!(fields.expect(kind), r#"{"a":1}"#);
        }
    }

    #[test]
    fn no_field_occurs_twice() {
        for (query, body, field) in [
            ("apikey=k&a=1&a=1", "{}", "a"),
            ("apikey=k&a=1&%61=1", "{}", "a"),
            ("apikey=k", r#"{"a":1,"\u0061":1}"#, "a"),
            ("apikey=k", r#"{"x":{"a":1,"a":1}}"#, "a"),
            ("apikey=k", r#"{"apikey":"k","apikey":"k"}"#, "apikey"),
            ("apikey=k&a=1", r#"{"a":"1"}"#, "a"),
            ("apikey=k&a=1", r#"{"a":null}"#, "a"),
            ("apikey=k&more=", r#"{"more":""}"#, "more"),
        ] {
            assert_eq!(post(query, body), Err(Refusal::repeated(field)), "{query} {body}");
        }
        let form = |query, body| json(Hook::Post, query, FORM, body);
        assert_eq!(form("apikey=k", b"a=1&a=2"), Err(Refusal::repeated("a")));
        assert_eq!(form("apikey=k&a=1", b"a=1"), Err(Refusal::repeated("a")));
    }

    #[test]
    fn the_key_is_kept_from_nowhere() {
        let kept = r#"{"a":"1"}"#;
        assert_eq!(post("apikey=k", r#"{"apikey":"k","a":"1"}"#).expect("read"), kept);
        assert_eq!(post("apikey=k", r#"{"\u0061pikey":"k","a":"1"}"#).expect("read"), kept);
        let form = json(Hook::Post, "%61pikey=k", FORM, b"a=1&api%6Bey=k");
        assert_eq!(form.expect("read"), kept);
    }

    #[test]
    fn a_body_that_cannot_be_decoded_is_refused() {
        let undecodable = Err(Refusal::Undecodable { what: "the body" });
        for body in [&b"a=%"[..], b"a=%ff", b"a=\xff"] {
            assert_eq!(json(Hook::Post, "apikey=k", FORM, body), undecodable);
        }
        assert_eq!(post("apikey=k", r#"{"a":"\ud800"}"#), undecodable);
        for body in ["[]", "null", "{", "{}{}", " "] {
            let refusal = Refusal::malformed("body", "a JSON object");
            assert_eq!(post("apikey=k", body), Err(refusal), "{body}");
        }
    }
}
