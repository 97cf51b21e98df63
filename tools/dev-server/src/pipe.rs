//! `EventBridge` Pipes' part: which records of a stream become events, and how.

use bundle::reference::logical_id;
use bundle::template::Template;
use serde_json::Value;

use crate::input::{InputError, InputTemplate, JsonPath};
use crate::pattern::{Pattern, PatternError};

/// A pipe from a table's stream to an event bus.
#[derive(Debug, Clone)]
pub struct Pipe {
    /// Its logical id.
    pub id: String,
    /// The logical id of the table.
    pub table: String,
    /// The logical id of the bus.
    pub bus: String,
    /// Where it starts that has read nothing yet: `TRIM_HORIZON` or `LATEST`.
    pub start: String,
    /// How many records it takes at once.
    pub batch: usize,
    /// The logical id of the queue for records that no event can be made of.
    pub dead_letters: Option<String>,
    filters: Vec<Pattern>,
    source: Field,
    detail_type: Field,
    detail: InputTemplate,
}

/// A field of an event: a text as it is, or whatever a path leads to.
#[derive(Debug, Clone)]
enum Field {
    Text(String),
    Path(JsonPath),
}

/// What a pipe puts onto its bus.
#[derive(Debug, Clone, PartialEq)]
pub struct Entry {
    /// `source`.
    pub source: String,
    /// `detail-type`.
    pub detail_type: String,
    /// `detail`, an object.
    pub detail: Value,
}

/// A pipe that cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum PipeError {
    /// A property is missing or of a form that is not known here.
    #[error("{0} is missing, or not known here")]
    Property(&'static str),
    /// A filter.
    #[error(transparent)]
    Filter(#[from] PatternError),
    /// The input template, or the path to a field.
    #[error(transparent)]
    Input(#[from] InputError),
}

/// A record that no event can be made of.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a path of the pipe leads to nothing in the record")]
pub struct Unmade;

impl Pipe {
    /// The pipes of the template.
    ///
    /// # Errors
    ///
    /// The first pipe that cannot be used, with its logical id.
    pub fn all(template: &Template) -> Result<Vec<Self>, (String, PipeError)> {
        template
            .resources("AWS::Pipes::Pipe")
            .map(|(id, properties)| {
                Self::of(id, properties).map_err(|error| (id.to_owned(), error))
            })
            .collect()
    }

    fn of(id: &str, properties: &Value) -> Result<Self, PipeError> {
        let resource = |name: &'static str| {
            let id = logical_id(&properties[name]).map(str::to_owned);
            id.ok_or(PipeError::Property(name))
        };
        let absent = |object: &Value, name: &'static str| {
            if object[name].is_null() { Ok(()) } else { Err(PipeError::Property(name)) }
        };
        absent(properties, "Enrichment")?;
        let stream = &properties["SourceParameters"]["DynamoDBStreamParameters"];
        let target = &properties["TargetParameters"];
        let entry = &target["EventBridgeEventBusParameters"];
        for name in ["EndpointId", "Resources", "Time"] {
            absent(entry, name)?;
        }
        let text = |object: &Value, name: &'static str| {
            object[name].as_str().map(str::to_owned).ok_or(PipeError::Property(name))
        };
        let filters = match &properties["SourceParameters"]["FilterCriteria"]["Filters"] {
            Value::Array(filters) => {
                filters.iter().map(|filter| Pattern::read(&filter["Pattern"])).collect()
            }
            _ => Ok(Vec::new()),
        };
        Ok(Self {
            id: id.to_owned(),
            table: resource("Source")?,
            bus: resource("Target")?,
            start: text(stream, "StartingPosition")?,
            batch: stream["BatchSize"].as_u64().and_then(|n| n.try_into().ok()).unwrap_or(100),
            dead_letters: logical_id(&stream["DeadLetterConfig"]["Arn"]).map(str::to_owned),
            filters: filters?,
            source: Field::read(text(entry, "Source")?)?,
            detail_type: Field::read(text(entry, "DetailType")?)?,
            detail: InputTemplate::read(&text(target, "InputTemplate")?)?,
        })
    }

    /// What the pipe makes of a stream's record; `None` where its filters keep it back.
    pub fn entry(&self, record: &Value) -> Result<Option<Entry>, Unmade> {
        let passes = |filter: &Pattern| filter.matches(record);
        if !self.filters.is_empty() && !self.filters.iter().any(passes) {
            return Ok(None);
        }
        Ok(Some(Entry {
            source: self.source.of(record)?,
            detail_type: self.detail_type.of(record)?,
            detail: self.detail.fill(record).ok().flatten().ok_or(Unmade)?,
        }))
    }
}

impl Field {
    fn read(text: String) -> Result<Self, InputError> {
        if text.starts_with("$.") {
            JsonPath::read(&text).map(Self::Path)
        } else {
            Ok(Self::Text(text))
        }
    }

    fn of(&self, record: &Value) -> Result<String, Unmade> {
        match self {
            Self::Text(text) => Ok(text.clone()),
            Self::Path(path) => {
                path.find(record).and_then(Value::as_str).map(str::to_owned).ok_or(Unmade)
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    const TEXT: &str = r#"
Resources:
  APipe:
    Type: AWS::Pipes::Pipe
    Properties:
      Source: !GetAtt ATable.StreamArn
      SourceParameters:
        DynamoDBStreamParameters:
          StartingPosition: TRIM_HORIZON
          BatchSize: 10
          DeadLetterConfig: {Arn: !GetAtt Dead.Arn}
        FilterCriteria:
          Filters:
            - Pattern: |
                {"eventName": ["INSERT"], "dynamodb": {"NewImage": {"amount": {"S": [{"exists": true}]}}}}
            - Pattern: '{"eventName": ["MODIFY"]}'
      Target: !GetAtt ABus.Arn
      TargetParameters:
        EventBridgeEventBusParameters:
          Source: callbacks
          DetailType: $.dynamodb.NewImage.kind.S
        InputTemplate: |
          {"id": <$.dynamodb.NewImage.id.S>, "test": <$.dynamodb.NewImage.test.BOOL>}
"#;

    fn pipe(text: &str) -> Result<Pipe, (String, PipeError)> {
        Ok(Pipe::all(&Template::parse(text).expect("YAML"))?.remove(0))
    }

    fn record(event: &str, image: &Value) -> Value {
        json!({"eventName": event, "dynamodb": {"NewImage": image}})
    }

    #[test]
    fn a_pipe_is_what_the_template_says() {
        let pipe = pipe(TEXT).expect("a pipe");
        assert_eq!(
            (pipe.id.as_str(), pipe.table.as_str(), pipe.bus.as_str()),
            ("APipe", "ATable", "ABus")
        );
        assert_eq!((pipe.start.as_str(), pipe.batch), ("TRIM_HORIZON", 10));
        assert_eq!(pipe.dead_letters.as_deref(), Some("Dead"));
    }

    #[test]
    fn records_that_a_filter_lets_through_become_events() {
        let pipe = pipe(TEXT).expect("a pipe");
        let image = json!({
            "id": {"S": "a#b"}, "kind": {"S": "action"}, "test": {"BOOL": false},
            "amount": {"S": "1"}
        });
        let entry = pipe.entry(&record("INSERT", &image)).expect("made").expect("let through");
        assert_eq!((entry.source.as_str(), entry.detail_type.as_str()), ("callbacks", "action"));
        assert_eq!(entry.detail, json!({"id": "a#b", "test": false}));

        let without = json!({"id": {"S": "a"}, "kind": {"S": "k"}, "test": {"BOOL": false}});
        assert_eq!(pipe.entry(&record("INSERT", &without)), Ok(None));
        assert!(pipe.entry(&record("MODIFY", &without)).expect("made").is_some());
        assert_eq!(pipe.entry(&record("REMOVE", &Value::Null)), Ok(None));
        assert_eq!(pipe.entry(&record("MODIFY", &json!({"id": {"S": "a"}}))), Err(Unmade));
    }

    #[test]
    fn what_is_not_known_is_an_error() {
        for (from, to) in [
            (r#"["MODIFY"]"#, r#"[{"suffix": "Y"}]"#),
            ("Target: !GetAtt ABus.Arn", "Target: arn:aws:events:us-east-1:1:event-bus/b"),
            ("Source: callbacks", "Time: $.time"),
            ("<$.dynamodb.NewImage.id.S>", "<aws.pipes.pipe-name>"),
            ("StartingPosition: TRIM_HORIZON", "MaximumRetryAttempts: 1"),
        ] {
            assert!(pipe(&TEXT.replace(from, to)).is_err(), "{to}");
        }
    }
}
