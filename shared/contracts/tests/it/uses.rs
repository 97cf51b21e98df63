//! What a field is used for, where it stands and what is signed of it: what would be read and is not what was signed
//! is refused as a contract.

use contracts::Rule;

use crate::safe::{broken, changed};

const OVER: &str = "over = \"{id}:{user}:{points}:{currency}:{status}:{debug}\"";
const GET: &str = "get = \"/example\"";

/// Asserts that all that stands against the safe contract with `changes` is `rule`, twice or once.
#[track_caller]
fn assert_refused(changes: &[(&str, &str)], rule: Rule) {
    let errors: Vec<_> = broken(&changed(changes)).into_iter().filter(|it| it.is_error()).collect();
    assert_eq!(errors, [rule], "{changes:?}");
}

#[test]
fn what_is_signed_is_there_on_every_route() {
    for (route, over) in [
        // The body is signed, and the fields are in the query.
        (GET, "over = \"{body}\""),
        ("get = \"/example\"\n[[routes]]\npost = \"/example/b\"", "over = \"{body}\""),
        // The query is signed, and the fields are in the body.
        ("post = \"/example\"", "over = { before = \"&hash=\", of = \"url\" }"),
        ("post = \"/example\"\nbody = \"form\"", "over = { before = \"&hash=\", of = \"query\" }"),
        (
            "post = \"/example\"\nbody = \"form\"",
            "over = { sorted = \"query\", join = \",\", encode = \"none\" }",
        ),
        ("get = \"/example\"", "over = { sorted = \"form\", join = \",\", encode = \"none\" }"),
        ("post = \"/example\"", "over = { sorted = \"query\", join = \",\", encode = \"none\" }"),
    ] {
        assert_refused(&[(GET, route), (OVER, over)], Rule::BadCredential);
    }
    for (route, at) in [(GET, "body.hash"), ("post = \"/example\"", "form.hash")] {
        let at = format!("at = \"{at}\"");
        assert_refused(&[(GET, route), ("at = \"query.hash\"", &at)], Rule::BadCredential);
    }
}

#[test]
fn sorted_pairs_come_apart_at_one_character_that_none_of_them_has() {
    for join in ["", "a", "7", ",,", "%", "=", "+", "~", "&&", "; "] {
        let over = format!("over = {{ sorted = \"query\", join = \"{join}\", encode = \"form\" }}");
        assert_refused(&[(OVER, &over)], Rule::BadCredential);
    }
    for join in ["&", ",", ";", "|", ":", "\\u2063"] {
        let over = format!("over = {{ sorted = \"query\", join = \"{join}\", encode = \"none\" }}");
        let found = broken(&changed(&[(OVER, &over)]));
        assert_eq!(found, [Rule::VectorFails], "{join}");
    }
}

/// A name with a dot is a way into an object, where a signature would be looked for under the name as it is.
#[test]
fn what_is_signed_in_json_stands_at_the_top() {
    for body in ["", "\nbody = \"json\""] {
        let route = format!("post = \"/example\"{body}");
        let nested = ("time = \"epoch-s?\"", "\"event.time\" = \"epoch-s?\"");
        let over = (OVER, "over = \"{id}:{event.time}\"");
        assert_refused(&[(GET, &route), nested, over], Rule::UndeclaredField);
    }
}

#[test]
fn a_field_is_of_a_type_that_its_uses_take() {
    let id = "id = { is = \"id(64)\", without = \":\" }";
    for change in [
        (id, "id = \"id(64)?\""),
        (id, "id = \"decimal\""),
        (id, "id = \"any\""),
        ("points = \"decimal>=0\"", "points = \"digits(9)\""),
        ("currency = { is = \"id(8)\", without = \":\" }", "currency = \"decimal\""),
        ("over = ", "window = { at = \"points\", past_seconds = 1, future_seconds = 1 }\nover = "),
        ("user = \"user\"\n", "user = \"points\"\n"),
        ("of = \"id\"", "of = \"points\""),
        ("of = \"id\"", "of = \"time\""),
        ("of = \"id\"", "of = \"nothing\""),
    ] {
        assert_refused(&[change], Rule::UndeclaredField);
    }
}

/// The types of one kind are held to the same, as far as the kind has that use.
#[test]
fn so_it_is_where_the_type_is_another_for_one_kind() {
    let completed = |fields: &str| format!("class = \"reward\"\nfields = {{ {fields} }}");
    let reversed = |fields: &str| format!("class = \"reversal\"\nfields = {{ {fields} }}");
    for fields in ["id = \"id(64)?\"", "user = \"any\"", "points = \"any?\""] {
        assert_refused(&[("class = \"reward\"", &completed(fields))], Rule::UndeclaredField);
    }
    for fields in ["id = \"id(64)?\"", "user = \"integer\""] {
        assert_refused(&[("class = \"reversal\"", &reversed(fields))], Rule::UndeclaredField);
    }
    // What a reversal says of the amount is not read; and what was signed still comes apart.
    let text = changed(&[("class = \"reversal\"", &reversed("points = \"decimal?\""))]);
    assert_eq!(broken(&text), []);
    assert_refused(
        &[
            ("class = \"reversal\"", &reversed("currency = \"id(8)\", user = \"id(8)\"")),
            ("required = false", "required = true"),
        ],
        Rule::TemplateAmbiguous,
    );
}

/// Which route is called, nobody signs but who signs the URL.
#[test]
fn a_kind_that_the_route_decides_is_unsigned() {
    let routes = (GET, "get = \"/example\"\n[[routes]]\nget = \"/example/back\"\nhook = \"back\"");
    let kind = ("class = \"reversal\"", "class = \"reversal\"\nroute = \"back\"");
    assert_refused(&[routes, kind], Rule::KindUnsigned);
    let url = (OVER, "over = { before = \"&hash=\", of = \"url\" }");
    assert_refused(&[routes, kind, url], Rule::VectorFails);
}
