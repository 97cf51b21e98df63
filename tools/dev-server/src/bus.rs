//! The event bus's part: events, and the queues that rules put them into.

use bundle::names::{ACCOUNT, REGION};
use bundle::reference::logical_id;
use bundle::template::Template;
use jiff::Timestamp;
use serde_json::{Value, json};

use crate::pattern::{Pattern, PatternError};
use crate::pipe::Entry;

/// The rules of all event buses.
#[derive(Debug, Clone)]
pub struct Bus(Vec<Rule>);

#[derive(Debug, Clone)]
struct Rule {
    bus: String,
    pattern: Pattern,
    queues: Vec<String>,
}

/// A rule that cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum RuleError {
    /// A property is missing or of a form that is not known here.
    #[error("{0} is missing, or not known here")]
    Property(&'static str),
    /// The pattern.
    #[error(transparent)]
    Pattern(#[from] PatternError),
    /// A target is no queue of the template.
    #[error("its target {0} is no queue of the template")]
    NoQueue(String),
}

impl Bus {
    /// The rules of the template that are enabled.
    ///
    /// # Errors
    ///
    /// The first rule that cannot be used, with its logical id.
    pub fn of(template: &Template) -> Result<Self, (String, RuleError)> {
        template
            .resources("AWS::Events::Rule")
            .filter(|(_, properties)| properties["State"] != "DISABLED")
            .map(|(id, properties)| {
                Rule::of(template, properties).map_err(|error| (id.to_owned(), error))
            })
            .collect::<Result<_, _>>()
            .map(Self)
    }

    /// The queues that `event` on `bus` goes to, by their logical ids; one that two rules put it into
    /// is there twice.
    #[must_use]
    pub fn queues(&self, bus: &str, event: &Value) -> Vec<&str> {
        self.0
            .iter()
            .filter(|rule| rule.bus == bus && rule.pattern.matches(event))
            .flat_map(|rule| rule.queues.iter().map(String::as_str))
            .collect()
    }
}

impl Rule {
    fn of(template: &Template, properties: &Value) -> Result<Self, RuleError> {
        for name in ["ScheduleExpression"] {
            if !properties[name].is_null() {
                return Err(RuleError::Property(name));
            }
        }
        let bus =
            logical_id(&properties["EventBusName"]).ok_or(RuleError::Property("EventBusName"))?;
        let targets = properties["Targets"].as_array().ok_or(RuleError::Property("Targets"))?;
        Ok(Self {
            bus: bus.to_owned(),
            pattern: Pattern::read(&properties["EventPattern"])?,
            queues: targets
                .iter()
                .map(|target| queue(template, target))
                .collect::<Result<_, _>>()?,
        })
    }
}

/// The queue that a target is. What it does with an event on the way is not known here.
fn queue(template: &Template, target: &Value) -> Result<String, RuleError> {
    for name in ["Input", "InputPath", "InputTransformer"] {
        if !target[name].is_null() {
            return Err(RuleError::Property(name));
        }
    }
    let arn = &target["Arn"];
    logical_id(arn)
        .filter(|id| template.resources("AWS::SQS::Queue").any(|(queue, _)| queue == *id))
        .map(str::to_owned)
        .ok_or_else(|| RuleError::NoQueue(arn.to_string()))
}

/// The event that `entry` becomes on a bus, in the form in which targets receive it.
#[must_use]
pub fn event(entry: &Entry, id: &str, at: Timestamp) -> Value {
    json!({
        "version": "0",
        "id": id,
        "detail-type": entry.detail_type,
        "source": entry.source,
        "account": ACCOUNT,
        "time": at.strftime("%Y-%m-%dT%H:%M:%SZ").to_string(),
        "region": REGION,
        "resources": [],
        "detail": entry.detail,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    const TEXT: &str = r#"
Resources:
  One:
    Type: AWS::SQS::Queue
  Two:
    Type: AWS::SQS::Queue
  ARule:
    Type: AWS::Events::Rule
    Properties:
      EventBusName: !Ref ABus
      EventPattern: '{"source": ["callbacks"], "detail": {"provider": ["a"]}}'
      Targets:
        - {Id: One, Arn: !GetAtt One.Arn}
        - {Id: Two, Arn: !GetAtt Two.Arn}
  Another:
    Type: AWS::Events::Rule
    Properties:
      EventBusName: !Ref ABus
      EventPattern: {detail-type: [b]}
      Targets: [{Id: Two, Arn: !GetAtt Two.Arn}]
  Off:
    Type: AWS::Events::Rule
    Properties: {State: DISABLED}
"#;

    fn event_of(kind: &str, provider: &str) -> Value {
        let entry = Entry {
            source: "callbacks".to_owned(),
            detail_type: kind.to_owned(),
            detail: json!({"provider": provider}),
        };
        event(&entry, "id", Timestamp::constant(1_785_585_600, 999_000_000))
    }

    #[test]
    fn events_have_the_form_of_eventbridge() {
        assert_eq!(
            event_of("k", "p"),
            json!({
                "version": "0",
                "id": "id",
                "detail-type": "k",
                "source": "callbacks",
                "account": "123456789012",
                "time": "2026-08-01T12:00:00Z",
                "region": "us-east-1",
                "resources": [],
                "detail": {"provider": "p"},
            })
        );
    }

    #[test]
    fn every_rule_that_matches_puts_an_event_into_its_queues() {
        let bus = Bus::of(&Template::parse(TEXT).expect("YAML")).expect("rules");
        assert_eq!(bus.queues("ABus", &event_of("k", "a")), ["One", "Two"]);
        assert_eq!(bus.queues("ABus", &event_of("b", "a")), ["One", "Two", "Two"]);
        assert_eq!(bus.queues("ABus", &event_of("b", "c")), ["Two"]);
        assert_eq!(bus.queues("ABus", &event_of("k", "c")), [""; 0]);
        assert_eq!(bus.queues("Other", &event_of("b", "a")), [""; 0]);
    }

    #[test]
    fn what_is_not_known_is_an_error() {
        for (from, to) in [
            ("!GetAtt One.Arn", "!GetAtt Function.Arn"),
            ("{Id: One, ", "{Id: One, InputPath: $.detail, "),
            ("{detail-type: [b]}", "{detail-type: [{suffix: b}]}"),
            ("EventBusName: !Ref ABus", "ScheduleExpression: rate(1 day)"),
        ] {
            let template = Template::parse(&TEXT.replace(from, to)).expect("YAML");
            assert!(Bus::of(&template).is_err(), "{to}");
        }
    }
}
