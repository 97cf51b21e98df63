//! Templates: `{trans_id}-{secret}`.

/// A template, part by part.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Template(pub Vec<Part>);

/// A part of a template.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Part {
    /// Text that stands there as it is.
    Literal(String),
    /// The value of a field.
    Field(String),
    /// The body as received.
    Body,
    /// The secret.
    Secret,
}

impl Template {
    /// Reads a template; `None` where a brace is not closed, or closed and not opened.
    #[must_use]
    pub fn read(text: &str) -> Option<Self> {
        let mut parts = Vec::new();
        let mut rest = text;
        while !rest.is_empty() {
            let Some(at) = rest.find(['{', '}']) else {
                parts.push(Part::Literal(rest.to_owned()));
                break;
            };
            if at > 0 {
                parts.push(Part::Literal(rest[..at].to_owned()));
            }
            let (name, behind) = rest[at..].strip_prefix('{')?.split_once('}')?;
            parts.push(match name {
                "" => return None,
                _ if name.contains('{') => return None,
                "body" => Part::Body,
                "secret" => Part::Secret,
                _ => Part::Field(name.to_owned()),
            });
            rest = behind;
        }
        Some(Self(parts))
    }

    /// The fields in it, in their order.
    pub fn fields(&self) -> impl Iterator<Item = &str> {
        self.0.iter().filter_map(|part| match part {
            Part::Field(name) => Some(name.as_str()),
            _ => None,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_template_is_read_part_by_part() {
        let field = |name: &str| Part::Field(name.to_owned());
        let text = |text: &str| Part::Literal(text.to_owned());
        for (template, parts) in [
            ("", vec![]),
            ("{a}{b}{secret}", vec![field("a"), field("b"), Part::Secret]),
            ("{a}-{secret}", vec![field("a"), text("-"), Part::Secret]),
            ("{header.x}.{body}!", vec![field("header.x"), text("."), Part::Body, text("!")]),
        ] {
            assert_eq!(Template::read(template), Some(Template(parts)), "{template}");
        }
        for template in ["{", "}", "{}", "a}", "{a", "{a{b}}", "{a}}"] {
            assert_eq!(Template::read(template), None, "{template}");
        }
    }
}
