//! The functions behind the stream: their settings, and their start.

use std::sync::Arc;
use std::time::Duration;

use bundle::names::{self, queue_url};
use bundle::template::{Template, literal};
use dynoxide::Database;
use serde_json::{Value, json};
use settings::Settings;

use crate::flow::{FlowError, StreamMapping};
use crate::functions::{DISPATCH, SCHEDULE, SETTLERS};
use crate::mapping::{Mapping, MappingError};
use crate::queues::Queues;
use crate::settings::EnvVars;

/// Where the services of this machine are.
#[derive(Debug, Clone)]
pub struct Urls {
    /// The embedded DynamoDB.
    pub dynamodb: String,
    /// The SQS endpoint.
    pub sqs: String,
    /// The stand-ins for the providers' APIs.
    pub providers: String,
}

/// Why nothing is settled.
#[derive(Debug, thiserror::Error)]
pub enum SettleError {
    /// An event source mapping of the template cannot be used.
    #[error(transparent)]
    Mapping(#[from] MappingError),
    /// The template maps a queue to a function that is not here, or a queue that is not in it.
    #[error("the template maps {} to {}, and one of them is not in the bundle", .0.queue, .0.function)]
    Missing(Mapping),
    /// Records do not flow to the queues.
    #[error(transparent)]
    Flow(#[from] FlowError),
    /// A function's settings cannot be used.
    #[error("{0}: {1}")]
    ConfigError(&'static str, settings::ConfigError),
}

/// Starts the settling functions of the template, each behind its queue.
pub fn start(
    template: &Template,
    env: &EnvVars,
    urls: &Urls,
    queues: &Arc<Queues>,
) -> Result<(), SettleError> {
    for mapping in Mapping::all(template)? {
        let function = SETTLERS.iter().find(|function| function.id == mapping.function);
        let Some(function) = function else { return Err(SettleError::Missing(mapping)) };
        let settings = settings(template, env, urls, queues, function.id);
        let work = function
            .start(&settings)
            .map_err(|error| SettleError::ConfigError(function.id, error))?;
        mapping.clone().start(queues, work).ok_or(SettleError::Missing(mapping))?;
    }
    Ok(())
}

/// Starts the function that dispatches the records of `database`.
pub fn start_dispatch(
    template: &Template,
    env: &EnvVars,
    urls: &Urls,
    queues: &Arc<Queues>,
    database: &Database,
) -> Result<(), SettleError> {
    let mapping = StreamMapping::of(template)?;
    let settings = settings(template, env, urls, queues, &mapping.function);
    let dispatch =
        DISPATCH.start(&settings).map_err(|error| SettleError::ConfigError(DISPATCH.id, error))?;
    Ok(mapping.start(database, dispatch)?)
}

/// How often the function that sends again what is due runs: on AWS, and at most.
const EVERY: Duration = Duration::from_mins(1);
const SHORTEST: Duration = Duration::from_millis(500);

/// How long its first run is waited for.
const LONGEST_START: Duration = Duration::from_secs(3);

/// The setting with the providers whose records the schedule looks through.
const PROVIDERS: &str = "PROVIDERS";

/// Starts the function that sends again what is due: at once with all that is not settled, because the queues are
/// new; then as often as on AWS. Where waits are `scale` times shorter it runs as much more often, and a pause that
/// stands on its record is over with the next run. It looks through the records of the providers that its settings
/// name and of those that `described` does, which may become more.
pub async fn start_schedule(
    template: &Template,
    env: &EnvVars,
    urls: &Urls,
    queues: &Queues,
    scale: u32,
    described: impl Fn() -> Vec<String> + Send + 'static,
) -> Result<(), SettleError> {
    let settings = settings(template, env, urls, queues, SCHEDULE.id);
    let start = move |described: &[String]| {
        let named = settings.optional(PROVIDERS).into_iter();
        let all: Vec<_> = named.chain(described.iter().map(String::as_str)).collect();
        SCHEDULE
            .start(&settings.clone().with(PROVIDERS, all.join(",")))
            .map_err(|error| SettleError::ConfigError(SCHEDULE.id, error))
    };
    let mut known = described();
    let mut run = start(&known)?;
    let pause = (EVERY / scale.max(1)).max(SHORTEST);
    let ahead = scale.saturating_sub(1).saturating_mul(3_600);
    // Whoever is told that all is ready finds what a kill had left under way, unless it is very much.
    let mut first = tokio::spawn(run(json!({"reconcile": "everything"})));
    let _ = tokio::time::timeout(LONGEST_START, &mut first).await;
    tokio::spawn(async move {
        loop {
            tokio::time::sleep(pause).await;
            let now = described();
            if now != known
                && let Ok(with_more) = start(&now)
            {
                (run, known) = (with_more, now);
            }
            run(json!({"due_within_s": ahead})).await;
        }
    });
    Ok(())
}

/// The environment variables of a function: what the template says, as far as it holds on this machine;
/// instead of that what `env` says; instead of both where things are on this machine.
pub(crate) fn settings(
    template: &Template,
    env: &EnvVars,
    urls: &Urls,
    queues: &Queues,
    function: &str,
) -> Settings {
    let here = |value: &Value| {
        let id = value["Ref"].as_str()?;
        let queue = || queues.get(id).map(|queue| queue_url(&urls.sqs, &queue.id));
        // The stand-ins have the same paths as the APIs, which are parameters.
        let api = || {
            let url = template.parameter(id)?;
            let (_, path) = url.strip_prefix("https://")?.split_once('/')?;
            Some(format!("{}/{path}", urls.providers))
        };
        let bus = || template.is_a(id, "AWS::Events::EventBus").then(|| id.to_owned());
        names::table(id).map(str::to_owned).or_else(queue).or_else(api).or_else(bus)
    };
    let here = |value: &Value| here(value).or_else(|| with_queues(value, urls, queues));
    let said = |value: &Value| {
        let parameter = || template.parameter(value["Ref"].as_str()?);
        literal(value).or_else(parameter)
    };
    let variables = |text: &dyn Fn(&Value) -> Option<String>| {
        let texts = template.environment(function).map(|(name, value)| (name, text(value)));
        texts.filter_map(|(name, text)| Some((name.to_owned(), text?))).collect::<Settings>()
    };
    let mut settings = variables(&said);
    settings.extend(env.of(function));
    settings.extend(variables(&here));
    settings.extend(on_this_machine(&urls.dynamodb));
    // The bus is asked where the queues are.
    settings
        .with("AWS_ENDPOINT_URL_SQS", urls.sqs.as_str())
        .with("AWS_ENDPOINT_URL_EVENTBRIDGE", urls.sqs.as_str())
}

/// A text in which queues are named, with their URLs; none where it names none.
fn with_queues(value: &Value, urls: &Urls, queues: &Queues) -> Option<String> {
    let mut text = value["Fn::Sub"].as_str()?.to_owned();
    let mut is_named = false;
    for queue in queues.iter() {
        let name = format!("${{{}}}", queue.id);
        is_named |= text.contains(&name);
        text = text.replace(&name, &queue_url(&urls.sqs, &queue.id));
    }
    is_named.then_some(text)
}

/// What Lambda and the template set on AWS for every function.
#[must_use]
pub fn on_this_machine(dynamodb: &str) -> Settings {
    Settings::from([
        ("AWS_ACCESS_KEY_ID", "local"),
        ("AWS_SECRET_ACCESS_KEY", "local"),
        ("AWS_REGION", names::REGION),
        ("AWS_ENDPOINT_URL_DYNAMODB", dynamodb),
        ("CALLBACKS_TABLE", names::CALLBACKS),
    ])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn settings_are_the_templates_and_the_environments_and_this_machines() {
        let template = Template::parse(
            r#"
Parameters:
  Url: {Type: String, Default: https://api.example.com/v1/actions}
  Days: {Type: Number, Default: 10}
  Name: {Type: String, Default: name}
Resources:
  Queue:
    Type: AWS::SQS::Queue
  Bus:
    Type: AWS::Events::EventBus
  AFunction:
    Type: AWS::Serverless::Function
    Properties:
      Environment:
        Variables:
          LEDGER_TABLE: !Ref LedgerTable
          QUEUE_URL: !Ref Queue
          UPSTREAM_URL: !Ref Url
          RECHECK_DAYS: !Ref Days
          NAME: !Ref Name
          API_SECRET: !Ref Secret
          QUEUES: !Sub '{"a":"${Queue}"}'
          OTHER: !Sub ${AWS::StackName}
          BUS: !Ref Bus
          API_KEYS: ""
"#,
        )
        .expect("YAML");
        let env = serde_json::json!({"AFunction": {
            "API_KEYS": "keys", "NAME": "mine", "UPSTREAM_URL": "http://127.0.0.1:1/other"
        }});
        let env = serde_json::from_value(env).expect("variables");
        let urls = Urls {
            dynamodb: "http://127.0.0.1:8".to_owned(),
            sqs: "http://127.0.0.1:9".to_owned(),
            providers: "http://127.0.0.1:3".to_owned(),
        };
        let queues = Queues::of(&template, 1).expect("queues");
        let settings = settings(&template, &env, &urls, &queues, "AFunction");
        let expected = [
            ("LEDGER_TABLE", "ledger"),
            ("CALLBACKS_TABLE", "callbacks"),
            ("QUEUE_URL", "http://127.0.0.1:9/123456789012/Queue"),
            ("QUEUES", r#"{"a":"http://127.0.0.1:9/123456789012/Queue"}"#),
            ("BUS", "Bus"),
            ("UPSTREAM_URL", "http://127.0.0.1:3/v1/actions"),
            ("RECHECK_DAYS", "10"),
            ("NAME", "mine"),
            ("API_KEYS", "keys"),
            ("AWS_ENDPOINT_URL_DYNAMODB", "http://127.0.0.1:8"),
            ("AWS_ENDPOINT_URL_SQS", "http://127.0.0.1:9"),
            ("AWS_ENDPOINT_URL_EVENTBRIDGE", "http://127.0.0.1:9"),
            ("AWS_ACCESS_KEY_ID", "local"),
            ("AWS_SECRET_ACCESS_KEY", "local"),
            ("AWS_REGION", "us-east-1"),
        ];
        assert_eq!(settings, expected.into());
    }
}
