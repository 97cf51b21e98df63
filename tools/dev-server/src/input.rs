//! JSON paths and input templates: what a pipe takes from a record, and what it makes of it.
//!
//! Source: "Amazon `EventBridge` Pipes input transformation" in the `EventBridge` user guide. A variable
//! stands where a JSON value may stand, `{"user": <$.dynamodb.NewImage.user.S>}`; one inside quotes, a
//! wildcard and the `aws.pipes` variables are refused when a template is read.

use serde_json::Value;

/// A path to a value, `$.dynamodb.NewImage.user.S` or `$.items[0]`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct JsonPath(Vec<Step>);

#[derive(Debug, Clone, PartialEq, Eq)]
enum Step {
    Member(String),
    Item(usize),
}

/// A template of a JSON object.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct InputTemplate(Vec<Part>);

#[derive(Debug, Clone, PartialEq, Eq)]
enum Part {
    Text(String),
    Variable(JsonPath),
}

/// A path or a template that cannot be used.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum InputError {
    /// Not a path of this form.
    #[error("{0} is no path of the form $.name.name[0]")]
    NoPath(String),
    /// A variable that stands inside a text.
    #[error("<{0}> stands inside quotes")]
    InsideQuotes(String),
    /// A `<` without its `>`.
    #[error("a variable is not closed")]
    NotClosed,
    /// What the template makes is no JSON object.
    #[error("the template does not make a JSON object")]
    NoObject,
}

impl JsonPath {
    /// Reads a path.
    pub fn read(text: &str) -> Result<Self, InputError> {
        let wrong = || InputError::NoPath(text.to_owned());
        let rest = text.strip_prefix("$.").ok_or_else(wrong)?;
        let mut steps = Vec::new();
        for segment in rest.split('.') {
            let (name, mut indices) = segment.split_at(segment.find('[').unwrap_or(segment.len()));
            let plain = |c: char| c.is_ascii_alphanumeric() || c == '_' || c == '-';
            if name.is_empty() || !name.chars().all(plain) {
                return Err(wrong());
            }
            steps.push(Step::Member(name.to_owned()));
            while !indices.is_empty() {
                let (index, more) =
                    indices.strip_prefix('[').and_then(|i| i.split_once(']')).ok_or_else(wrong)?;
                steps.push(Step::Item(index.parse().map_err(|_| wrong())?));
                indices = more;
            }
        }
        Ok(Self(steps))
    }

    /// What stands there in `value`.
    #[must_use]
    pub fn find<'a>(&self, value: &'a Value) -> Option<&'a Value> {
        self.0.iter().try_fold(value, |value, step| match step {
            Step::Member(name) => value.get(name),
            Step::Item(index) => value.get(index),
        })
    }
}

impl InputTemplate {
    /// Reads a template.
    pub fn read(text: &str) -> Result<Self, InputError> {
        let mut parts = Vec::new();
        let mut plain = String::new();
        let (mut quoted, mut escaped) = (false, false);
        let mut rest = text;
        while let Some(c) = rest.chars().next() {
            rest = &rest[c.len_utf8()..];
            if c == '<' {
                let (variable, more) = rest.split_once('>').ok_or(InputError::NotClosed)?;
                if quoted {
                    return Err(InputError::InsideQuotes(variable.to_owned()));
                }
                parts.push(Part::Text(std::mem::take(&mut plain)));
                parts.push(Part::Variable(JsonPath::read(variable)?));
                rest = more;
                continue;
            }
            quoted ^= c == '"' && !escaped;
            escaped = c == '\\' && quoted && !escaped;
            plain.push(c);
        }
        parts.push(Part::Text(plain));
        let template = Self(parts);
        template.fill_with(|_| Some("null".to_owned()))?.ok_or(InputError::NoObject)?;
        Ok(template)
    }

    /// The object that the template makes of `record`; `None` when a path leads to nothing.
    pub fn fill(&self, record: &Value) -> Result<Option<Value>, InputError> {
        self.fill_with(|path| path.find(record).map(ToString::to_string))
    }

    fn fill_with(
        &self,
        json: impl Fn(&JsonPath) -> Option<String>,
    ) -> Result<Option<Value>, InputError> {
        let mut text = String::new();
        for part in &self.0 {
            match part {
                Part::Text(plain) => text.push_str(plain),
                Part::Variable(path) => match json(path) {
                    Some(value) => text.push_str(&value),
                    None => return Ok(None),
                },
            }
        }
        let made = serde_json::from_str(&text).ok().filter(Value::is_object);
        made.map(Some).ok_or(InputError::NoObject)
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn paths_lead_through_members_and_items() {
        let value = json!({"a": {"b-c_1": [10, {"d": "x"}]}, "n": null});
        for (path, found) in [
            ("$.a.b-c_1[1].d", Some(json!("x"))),
            ("$.a.b-c_1[0]", Some(json!(10))),
            ("$.n", Some(Value::Null)),
            ("$.a.b-c_1[2]", None),
            ("$.a.x", None),
            ("$.n.x", None),
        ] {
            let read = JsonPath::read(path).expect(path);
            assert_eq!(read.find(&value), found.as_ref(), "{path}");
        }
        for path in ["", "$", "$.", "a.b", "$.a..b", "$.*", "$.a[*]", "$.a[", "$.a[0]b", "$['a']"] {
            assert_eq!(JsonPath::read(path), Err(InputError::NoPath(path.to_owned())));
        }
    }

    #[test]
    fn variables_become_json_values() {
        let template =
            r#"{"text": <$.a.S>, "flag": <$.b.BOOL>, "all": <$.a>, "same": "a < b? \"no\""}"#;
        let error = InputTemplate::read(template).expect_err("inside quotes");
        assert_eq!(error, InputError::NotClosed);
        let template = r#"{"text": <$.a.S>, "flag": <$.b.BOOL>, "all": <$.a>, "same": "\"no\\"}"#;
        let template = InputTemplate::read(template).expect("a template");
        let text = "é \"quoted\" \\ <$.b> \u{1} {\"x\":1.50}";
        let record = json!({"a": {"S": text}, "b": {"BOOL": false}});
        assert_eq!(
            template.fill(&record),
            Ok(Some(json!({"text": text, "flag": false, "all": {"S": text}, "same": "\"no\\"})))
        );
        assert_eq!(template.fill(&json!({"a": {"S": ""}})), Ok(None));
    }

    #[test]
    fn what_makes_no_object_is_refused() {
        for (template, error) in [
            ("Hello, <$.a>", InputError::NoObject),
            ("<$.a>", InputError::NoObject),
            (r#"{"a": <$.a>,}"#, InputError::NoObject),
            (r#"{"a": "<$.a>"}"#, InputError::InsideQuotes("$.a".to_owned())),
            (r#"{"a": "\"<$.a>"}"#, InputError::InsideQuotes("$.a".to_owned())),
            (r#"{"a": <$.a"#, InputError::NotClosed),
            (
                r#"{"a": <aws.pipes.pipe-name>}"#,
                InputError::NoPath("aws.pipes.pipe-name".to_owned()),
            ),
        ] {
            assert_eq!(InputTemplate::read(template), Err(error), "{template}");
        }
    }
}
