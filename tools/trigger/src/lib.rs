//! `callbacks trigger`: a state to look at, made with genuine signed callbacks against the bundle on this machine.

mod script;

use std::time::{Duration, Instant};

use aws_sdk_dynamodb::types::AttributeValue;
use bundle::folder::Folder;
use bundle::names;
use bundle::provider::ProviderEntry;
use clap::Args;
use dev_server::event::HttpRequest;
use dev_server::feed::Here;
use dev_server::samples::{as_http, called_at, host_of};
use dev_server::send::{SendFailure, send, steer};
use dev_server::settings::EnvVars;
use operator::command::Commands;
use operator::conflicts;
use operator::error::Error;
use operator::record;
use operator::stack::{Stack, Target};
use serde_json::Value;
use settlement::outbound::delivery::MOST_ATTEMPTS;
use verify::Secret;

pub use crate::script::State;
use crate::script::{Key, Sent, Step};

/// How long a record is waited for, and how often it is looked at.
const PATIENCE: Duration = Duration::from_secs(30);
const PAUSE: Duration = Duration::from_millis(100);

/// What to bring about, and where.
#[derive(Debug, Args)]
pub struct Trigger {
    /// What to bring about; without it all of them are listed
    #[arg(hide_possible_values = true)]
    state: Option<State>,
    /// The port of the HTTP API
    #[arg(long, default_value_t = names::API_PORT)]
    port: u16,
    /// The port of the embedded DynamoDB
    #[arg(long, default_value_t = names::DYNAMODB_PORT)]
    dynamodb_port: u16,
    /// The port of the stand-ins for the providers' APIs
    #[arg(long, default_value_t = names::PROVIDER_PORT)]
    provider_port: u16,
}

/// What was done to bring a state about.
#[derive(Debug, Default)]
pub struct Brought {
    /// What to say of each step.
    pub said: Vec<String>,
    /// The id of the record to look at, where there is one.
    pub record: Option<String>,
}

/// Why a state was not brought about.
#[derive(Debug, thiserror::Error)]
pub enum TriggerError {
    /// A sample is not there or cannot be signed.
    #[error("{0} cannot be sent: {1}")]
    Sample(&'static str, String),
    /// Nobody answers.
    #[error("{url} does not answer ({error}): start `cargo run`, or name its ports")]
    Unreachable {
        /// Who was asked.
        url: String,
        /// Why not.
        error: SendFailure,
    },
    /// The answer is another one.
    #[error("{sample} was answered {status} instead of {expected}: {body}")]
    Answer {
        /// The sample.
        sample: &'static str,
        /// The status.
        status: u16,
        /// The one that was to come.
        expected: u16,
        /// The answer's body.
        body: String,
    },
    /// The record is not in the state that was to come.
    #[error("{id} is {is} and not {wanted} after {} s", PATIENCE.as_secs())]
    NotYet {
        /// The record.
        id: String,
        /// The state that it is in.
        is: String,
        /// The state that was to come.
        wanted: &'static str,
    },
    /// The table cannot be read.
    #[error(transparent)]
    Operator(#[from] Error),
}

impl Trigger {
    /// Brings it about, or lists what can be; what to say of it.
    pub async fn said(&self, env: &EnvVars, contracts: &Folder) -> Result<String, TriggerError> {
        let Some(state) = self.state else {
            let rows: Vec<_> =
                State::all().into_iter().map(|(state, help)| [state.name(), help]).collect();
            let table = terminal::table(["State", "What it is"], None, &rows);
            return Ok(table.trim_end().to_owned());
        };
        let Brought { mut said, record } = self.bring(state, env, contracts).await?;
        if let Some(id) = record {
            let show = Commands::of(&self.here(), true).operator(&["show", &id]);
            said.push(format!("look at it: {show}"));
        }
        Ok(said.join("\n"))
    }

    /// Brings `state` about in the bundle that is at `here`.
    pub async fn at(
        here: Here,
        state: State,
        env: &EnvVars,
        contracts: &Folder,
    ) -> Result<Brought, TriggerError> {
        let Here { api: port, dynamodb: dynamodb_port, providers: provider_port, .. } = here;
        let trigger = Self { state: None, port, dynamodb_port, provider_port };
        trigger.bring(state, env, contracts).await
    }

    async fn bring(
        &self,
        state: State,
        env: &EnvVars,
        contracts: &Folder,
    ) -> Result<Brought, TriggerError> {
        let script = state.script();
        let mut brought = Brought::default();
        for step in &script.steps {
            let (line, id) = self.take(step, brought.record.as_deref(), env, contracts).await?;
            brought.said.push(line);
            brought.record = id.or(brought.record);
        }
        if let (Some(wanted), Some(id)) = (script.becomes, &brought.record) {
            self.wait(id, wanted).await?;
            brought.said.push(format!("it is {wanted}"));
        }
        if script.recovers {
            self.steer("DELETE", "/faults", &Value::Null).await?;
        }
        if let (State::Conflict, Some(first)) = (state, &brought.record) {
            // It was answered with the id of the record that came first.
            let stack = Stack::find(&self.here()).await?;
            brought.record = conflicts::with(&stack, first).await?.or(brought.record);
        }
        Ok(brought)
    }

    /// Takes a step: what to say of it, and the id of the record that it makes. `last` is the record before it.
    async fn take(
        &self,
        step: &Step,
        last: Option<&str>,
        env: &EnvVars,
        contracts: &Folder,
    ) -> Result<(String, Option<String>), TriggerError> {
        match step {
            Step::Fault(fault) => {
                // What was asked for before would come first.
                self.steer("DELETE", "/faults", &Value::Null).await?;
                self.steer("POST", "/faults", fault).await?;
                Ok((format!("stand-in told to fail: {fault}"), None))
            }
            Step::Reward(id, status) => {
                let set = serde_json::json!({ "reward_status": status });
                self.steer("PUT", &format!("/rewards/{id}"), &set).await?;
                Ok((format!("AppVirality's stand-in calls reward {id} {status}"), None))
            }
            Step::Send(sent) => self.send(sent, env, contracts).await,
            Step::Exhaust => {
                let id = last.unwrap_or_default();
                self.wait(id, script::TRIED).await?;
                self.exhaust(id).await?;
                Ok(("its next attempt is made the last one, in the table".to_owned(), None))
            }
        }
    }

    async fn send(
        &self,
        sent: &Sent,
        env: &EnvVars,
        contracts: &Folder,
    ) -> Result<(String, Option<String>), TriggerError> {
        let url = format!("http://127.0.0.1:{}", self.port);
        let request = signed(sent, &url, env, contracts)
            .map_err(|problem| TriggerError::Sample(sent.sample, problem))?;
        let answer = send(&url, request).await;
        let (status, body) = answer.map_err(|error| TriggerError::Unreachable { url, error })?;
        let said: Value = serde_json::from_str(&body).unwrap_or_default();
        if status != sent.answered {
            let (sample, expected) = (sent.sample, sent.answered);
            let body = terminal::visible(&body).into_owned();
            return Err(TriggerError::Answer { sample, status, expected, body });
        }
        let outcome = ["status", "detail", "message"].iter().find_map(|name| said[*name].as_str());
        let outcome = terminal::visible(outcome.unwrap_or_default()).into_owned();
        let id = said["id"].as_str().map(str::to_owned);
        Ok((format!("{}, {}: {status} {outcome}", sent.sample, sent.says), id))
    }

    /// Steers the stand-ins.
    async fn steer(&self, method: &str, path: &str, body: &Value) -> Result<(), TriggerError> {
        let url = format!("http://127.0.0.1:{}", self.provider_port);
        match steer(&url, method, path, body).await {
            Ok(_) => Ok(()),
            Err(error) => Err(TriggerError::Unreachable { url, error }),
        }
    }

    /// The bundle on this machine.
    const fn here(&self) -> Target {
        Target::here(self.port, self.dynamodb_port, names::SQS_PORT)
    }

    /// Leaves the record `id` one attempt.
    async fn exhaust(&self, id: &str) -> Result<(), Error> {
        let stack = Stack::find(&self.here()).await?;
        let number = (MOST_ATTEMPTS - 1).to_string();
        let update = stack.clients.dynamodb.update_item();
        let updated = update
            .table_name(names::CALLBACKS)
            .key("id", AttributeValue::S(id.to_owned()))
            .update_expression("SET attempts = :n")
            .expression_attribute_values(":n", AttributeValue::N(number))
            .send()
            .await;
        updated.map(drop).map_err(stack.failed("DynamoDB"))
    }

    /// Waits until the record `id` is in the state `wanted`.
    async fn wait(&self, id: &str, wanted: &'static str) -> Result<(), TriggerError> {
        let stack = Stack::find(&self.here()).await?;
        let begun = Instant::now();
        loop {
            let item = record::get(&stack, id).await?;
            // What was tried and is to be tried again at once has no state of its own.
            let attempts = record::number(&item, "attempts").is_some_and(|tried| tried != "0");
            let is = record::state(&item).to_string();
            if is == wanted || (wanted == script::TRIED && attempts) {
                return Ok(());
            }
            if begun.elapsed() > PATIENCE {
                return Err(TriggerError::NotYet { id: id.to_owned(), is, wanted });
            }
            tokio::time::sleep(PAUSE).await;
        }
    }
}

/// The request for a sample with other members, signed as `sent` says.
fn signed(
    sent: &Sent,
    url: &str,
    env: &EnvVars,
    contracts: &Folder,
) -> Result<HttpRequest, String> {
    let said = |error: &dyn std::fmt::Display| error.to_string();
    let name = sent.sample.split('-').next().unwrap_or_default();
    let provider: ProviderEntry = contracts.provider(name).map_err(|error| said(&error))?;
    let samples = provider.samples().map_err(|error| said(&error))?;
    let sample = samples.into_iter().find(|sample| sample.name == sent.sample);
    let sample = sample.ok_or_else(|| "there is no such sample".to_owned())?;
    let mut payload: Value =
        serde_json::from_str(&sample.payload()).map_err(|error| said(&error))?;
    for (pointer, value) in &sent.set {
        let member = payload.pointer_mut(pointer).ok_or_else(|| format!("it has no {pointer}"))?;
        member.clone_from(value);
    }
    let settings = called_at(env.of(&provider.function), host_of(url));
    let keys = provider.keys(&settings).ok_or_else(|| "it has no usable KEYS".to_owned())?;
    let another = provider.forged_key().or_else(|| Secret::new("nobody's key".to_owned()));
    let secret = match (sent.key, &another) {
        (Key::Another, Some(another)) => another,
        _ => keys.first(),
    };
    let route = provider.route(&sample.route).map_err(|error| said(&error))?;
    let request = provider.sign(&settings, &route, &payload.to_string(), secret);
    let mut request = as_http(&route, request.map_err(|error| said(&error))?, host_of(url));
    if let Some(path) = sent.path {
        path.clone_into(&mut request.path);
    }
    Ok(request)
}
