//! The settling half around a function: the stream through the dispatching function into queues, SQS and the
//! bus, and the stand-ins for the providers' APIs; and Lambda's mapping, one batch at a time.
//!
//! Waits in queues are over at once, so that nobody has to sleep.

use std::collections::{BTreeMap, HashMap};
use std::net::{Ipv4Addr, SocketAddr};
use std::sync::{Arc, Mutex};

use bundle::names::{self, queue_url};
use bundle::template::Template;
use bytes::Bytes;
use dev_server::event::HttpRequest;
use dev_server::events::{Events, SERVICE as BUS};
use dev_server::flow;
use dev_server::functions::{DISPATCH, SETTLERS, SettlingFunction};
use dev_server::http_server::{self, Answer};
use dev_server::mapping::Mapping;
use dev_server::messages::Message;
use dev_server::providers::Providers;
use dev_server::providers::calls::Calls;
use dev_server::queue::Queue;
use dev_server::queues::Queues;
use dev_server::settings::EnvVars;
use dev_server::sqs::Sqs;
use dev_server::sqs_event;
use dev_server::state::State;
use dev_server::stream::{Reader, Start, StreamRecord};
use dispatch::stream::Audience;
use http::Response;
use http::header::{CONTENT_TYPE, HeaderValue};
use serde_json::{Map, Value, json};
use test_support::listen;
use verify::Amount;

use super::dynamodb::DynamoDb;
use super::event::{self, Event};
use super::lambda::{Function, Output, Settings};
use super::permissions;

/// What the sort key of an entry begins with: the year.
pub(crate) const ENTRY: &str = "20";

/// Whom a loopback server takes its caller for, where nobody asks.
const CALLER: SocketAddr = SocketAddr::new(std::net::IpAddr::V4(Ipv4Addr::LOCALHOST), 1);

/// Everything but the settling functions.
pub(crate) struct Settling {
    /// The tables.
    pub(crate) dynamodb: DynamoDb,
    /// The receiving functions, by provider, as far as they were needed.
    receivers: HashMap<&'static str, Function>,
    /// What was sent of the records, each a message's body.
    messages: Vec<String>,
    /// The function that reads the stream, once it was needed.
    dispatch: Option<Function>,
    reader: Reader,
    queues: Arc<Queues>,
    /// What the dispatching function asked SQS and the bus for: operations.
    dispatched: Vec<String>,
    /// The messages of the batches that were left with a function: queue and receipt.
    begun: Mutex<Vec<(String, String)>>,
    mappings: Vec<Mapping>,
    sqs: Arc<Watched>,
    sqs_url: String,
    providers: Arc<Providers>,
    providers_url: String,
    calls: Calls,
}

/// The endpoint of SQS and the bus, and what they were asked for: operations with their inputs.
struct Watched {
    sqs: Sqs,
    bus: Events,
    asked: Mutex<Vec<(String, Value)>>,
}

impl Answer for Watched {
    async fn answer(&self, request: HttpRequest, peer: SocketAddr) -> Option<Response<Bytes>> {
        let header = |name| request.headers.get(name).map(|value| value.to_str().expect("text"));
        let target = header("x-amz-target").expect("an operation");
        if !permissions::allows(header("authorization"), target, &request.body) {
            let denied = Response::builder().status(400).body(permissions::DENIED.into());
            return Some(denied.expect("a response"));
        }
        let is_for_bus = BUS.is_asked(&request);
        let target = target.rsplit('.').next().expect("an operation").to_owned();
        let input = serde_json::from_slice(&request.body).expect("a JSON input");
        self.asked.lock().expect("no panic").push((target, input));
        if is_for_bus {
            self.bus.answer(request, peer).await
        } else {
            self.sqs.answer(request, peer).await
        }
    }
}

/// What came of a batch.
#[derive(Debug)]
pub(crate) struct Worked {
    /// How many messages it had.
    pub(crate) messages: usize,
    /// How many of them come back.
    pub(crate) failed: usize,
    /// What the function asked of SQS meanwhile.
    pub(crate) asked: Vec<(String, Value)>,
}

impl Worked {
    /// Asserts that the batch had so many messages, that they are done, and that SQS was not needed.
    #[track_caller]
    pub(crate) fn assert_done(&self, messages: usize) {
        assert_eq!((self.messages, self.failed), (messages, 0), "{self:?}");
        assert!(self.asked.is_empty(), "{self:?}");
    }

    /// Asserts that the one message comes back, and that the function said when; that many seconds.
    #[track_caller]
    pub(crate) fn assert_postponed(&self) -> u64 {
        assert_eq!((self.messages, self.failed), (1, 1), "{self:?}");
        let [(operation, input)] = self.asked.as_slice() else { panic!("{self:?}") };
        assert_eq!(operation, "ChangeMessageVisibility", "{self:?}");
        input["VisibilityTimeout"].as_u64().expect("seconds")
    }
}

/// A message that was given up.
#[derive(Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct DeadLetter {
    /// Why.
    pub(crate) reason: String,
    /// The message's own body.
    pub(crate) body: String,
}

impl Settling {
    /// Starts it, with empty tables and queues; it ends with the test's runtime.
    pub(crate) async fn start() -> Self {
        let template = Template::read(&bundle::project_file("template.yaml")).expect("a template");
        let env = EnvVars::read(&bundle::project_file("events/env.json")).expect("sample settings");
        let dynamodb = DynamoDb::start().await;
        let database = dynamodb.database();
        let state = Arc::new(State::open(None).expect("in memory"));
        let queues = Queues::of(&template, u32::MAX).expect("queues");
        let queues = Arc::new(queues);
        let start = Start::First;
        let reader = Reader::open(database.clone(), names::CALLBACKS, start).expect("a stream");
        let providers = Providers::open(&env, database, Arc::clone(&state)).expect("stand-ins");
        let providers = Arc::new(providers);
        let (listener, address) = listen().await;
        let providers_url = format!("http://{address}");
        tokio::spawn(http_server::serve(Arc::clone(&providers), listener));
        let (listener, address) = listen().await;
        let sqs_url = format!("http://{address}");
        let sqs = Sqs::new(Arc::clone(&queues), sqs_url.clone());
        let bus = Events::new(&template);
        let sqs = Arc::new(Watched { sqs, bus, asked: Mutex::default() });
        tokio::spawn(http_server::serve(Arc::clone(&sqs), listener));
        Self {
            dynamodb,
            receivers: HashMap::new(),
            messages: Vec::new(),
            dispatch: None,
            reader,
            queues,
            dispatched: Vec::new(),
            begun: Mutex::default(),
            mappings: Mapping::all(&template).expect("mappings"),
            sqs,
            sqs_url,
            providers,
            providers_url,
            calls: Calls::new(state),
        }
    }

    /// Starts the binary `name` with the sample settings of its function.
    pub(crate) async fn function(&self, name: &'static str) -> Function {
        Function::start(name, &self.settings(name)).await
    }

    /// The sample settings of the binary `name`, with everything where it is here.
    pub(crate) fn settings(&self, name: &str) -> Settings {
        let mut settings = Settings::of(settler(name).id, &self.dynamodb);
        settings = settings.with("AWS_ENDPOINT_URL_SQS", &self.sqs_url);
        for (variable, here) in [
            ("UPSTREAM_URL", &self.providers_url),
            ("QUEUE_URL", &self.sqs_url),
            ("DEAD_LETTER_QUEUE_URL", &self.sqs_url),
        ] {
            let path = settings.get(variable).and_then(|url| url.splitn(4, '/').nth(3));
            if let Some(url) = path.map(|path| format!("{here}/{path}")) {
                settings = settings.with(variable, &url);
            }
        }
        settings
    }

    /// Has the function of its provider record `event`, and the record come into the queues; its id.
    pub(crate) async fn record(&mut self, event: &Event) -> String {
        let id = self.receive(event).await;
        self.flow().await;
        id
    }

    /// Has the function of its provider record `event`, of which nobody is told yet; its id.
    pub(crate) async fn receive(&mut self, event: &Event) -> String {
        let path = event.0["rawPath"].as_str().expect("a path");
        let provider = event::provider(&path[1..].replace('/', "-"));
        if !self.receivers.contains_key(provider) {
            self.receive_with(provider, |settings| settings).await;
        }
        let receiver = self.receivers.get_mut(provider).expect("started");
        let answer = receiver.invoke(event).await;
        answer.assert_kept("recorded");
        answer.id().to_owned()
    }

    /// Starts the receiving function of `provider` with other settings than the sample ones.
    pub(crate) async fn receive_with(
        &mut self,
        provider: &'static str,
        change: impl FnOnce(Settings) -> Settings,
    ) {
        let settings = change(Settings::sample(provider, &self.dynamodb));
        self.receivers.insert(provider, Function::start(provider, &settings).await);
    }

    /// Takes what is new in the stream to the dispatching function.
    pub(crate) async fn flow(&mut self) {
        const BATCH: usize = 100;
        let records = self.reader.next(BATCH).expect("records");
        assert!(records.len() < BATCH);
        let read = |record: &StreamRecord| {
            dispatch::stream::read(&record.value.to_string(), Audience::Settlers)
        };
        let news = records.iter().filter_map(|record| read(record).expect("a record"));
        let messages = news.filter_map(|news| news.message());
        self.messages.extend(messages.map(|message| message.to_message().expect("a message")));
        if self.dispatch.is_none() {
            self.dispatch = Some(Function::start(DISPATCH.name, &self.dispatch_settings()).await);
        }
        let dispatch = self.dispatch.as_mut().expect("started");
        let response = dispatch.invoke_raw(flow::event(&records)).await;
        assert_eq!(response, json!({"batchItemFailures": []}));
        // What the functions that settle ask for is looked at by itself.
        let asked = self.asked();
        self.dispatched.extend(asked.into_iter().map(|(operation, _)| operation));
    }

    /// Takes what the dispatching function asked SQS and the bus for since the last call.
    pub(crate) fn dispatched(&mut self) -> Vec<String> {
        std::mem::take(&mut self.dispatched)
    }

    /// Stops the receiving functions and the dispatching one, as far as they were needed; what each wrote.
    pub(crate) async fn stop(self) -> BTreeMap<&'static str, Output> {
        let dispatch = self.dispatch.map(|function| (DISPATCH.name, function));
        let mut written = BTreeMap::new();
        for (name, function) in self.receivers.into_iter().chain(dispatch) {
            written.insert(name, function.stop().await);
        }
        written
    }

    fn dispatch_settings(&self) -> Settings {
        let here = |id: &str| queue_url(&self.sqs_url, id);
        let queues =
            SETTLERS.iter().map(|it| (it.name, Value::from(here(&self.mapping(it.name).queue))));
        let queues: Map<_, _> = queues.map(|(name, url)| (name.to_owned(), url)).collect();
        Settings::of(DISPATCH.id, &self.dynamodb)
            .with("AWS_ENDPOINT_URL_SQS", &self.sqs_url)
            .with("AWS_ENDPOINT_URL_EVENTBRIDGE", &self.sqs_url)
            .with("QUEUES", &Value::from(queues).to_string())
            .with("DEAD_LETTER_QUEUE_URL", &here("DispatchDeadLetters"))
            .with("EVENT_BUS", "CallbacksBus")
    }

    /// Puts the messages of all records into the queue of the function `name` once more, or for the first
    /// time where it was kept from them.
    pub(crate) fn send_all(&self, name: &str) {
        for body in &self.messages {
            self.put(name, body);
        }
    }

    /// Puts a message into the queue of the function `name`.
    pub(crate) fn put(&self, name: &str, body: &str) {
        self.send(&self.mapping(name).queue, body);
    }

    fn send(&self, queue: &str, body: &str) {
        self.queues.send(self.queue(queue), body, "{}", None);
    }

    /// Hands one batch over to `function`, the function `name`, as its mapping would.
    pub(crate) async fn work(&self, name: &str, function: &mut Function) -> Worked {
        let (event, batch) = self.batch(name);
        let response = function.invoke_raw(event).await;
        let failed = sqs_event::failures(&response, &batch)
            .unwrap_or_else(|| panic!("not of the batch: {response}"));
        let done = |message: &Message| !failed.contains(&message.id);
        let queue = self.queue(&self.mapping(name).queue);
        self.queues.finish(queue, &batch, done);
        let asked = self.asked();
        for (operation, input) in &asked {
            if operation == "ChangeMessageVisibility" {
                let receipt = &input["ReceiptHandle"];
                let postponed = batch.iter().find(|message| *receipt == *message.receipt);
                let id = &postponed.expect("a message of the batch").id;
                assert!(failed.contains(id), "{id} is postponed and done");
            }
        }
        Worked { messages: batch.len(), failed: failed.len(), asked }
    }

    /// Begins what [`Settling::work`] does, and leaves the batch with the function.
    pub(crate) fn begin(&self, name: &str, function: &Function) {
        let (event, batch) = self.batch(name);
        assert!(!batch.is_empty());
        let queue = &self.mapping(name).queue;
        let begun = batch.into_iter().map(|message| (queue.clone(), message.receipt));
        self.begun.lock().expect("no panic").extend(begun);
        function.begin(&event);
    }

    /// Lets everything be received again that a function which is no more was given.
    pub(crate) fn give_back(&self) {
        for (queue, receipt) in self.begun.lock().expect("no panic").drain(..) {
            assert!(self.queues.hide(self.queue(&queue), &receipt, 0), "{receipt}");
        }
    }

    /// The next batch for the function `name`.
    fn batch(&self, name: &str) -> (Value, Vec<Message>) {
        let mapping = self.mapping(name);
        let queue = self.queue(&mapping.queue);
        let batch = self.queues.receive(queue, mapping.batch, None, true);
        (sqs_event::event(queue, &batch), batch)
    }

    /// What SQS was asked for since the last call.
    pub(crate) fn asked(&self) -> Vec<(String, Value)> {
        std::mem::take(&mut *self.sqs.asked.lock().expect("no panic"))
    }

    /// Takes what is in the dead-letter queue of the function `name`.
    pub(crate) fn dead_letters(&self, name: &str) -> Vec<DeadLetter> {
        let redrive = self.queue(&self.mapping(name).queue).redrive.as_ref().expect("a policy");
        let queue = self.queue(&redrive.dead_letters);
        let letters = self.queues.receive(queue, 10, Some(3600), true);
        let letters = letters.into_iter().map(|letter| {
            let attributes: Value = serde_json::from_str(&letter.attributes).expect("JSON");
            let reason = attributes["reason"]["StringValue"].as_str().expect("a reason").to_owned();
            assert!(attributes["message_id"]["StringValue"].is_string(), "{attributes}");
            DeadLetter { reason, body: letter.body }
        });
        letters.collect()
    }

    /// What the stand-ins received, in its order.
    pub(crate) fn calls(&self) -> Vec<Value> {
        serde_json::from_str(&self.calls.list().expect("a list")).expect("JSON")
    }

    /// The calls whose path ends in `suffix`.
    pub(crate) fn calls_of(&self, suffix: &str) -> Vec<Value> {
        let mut calls = self.calls();
        calls.retain(|call| call["path"].as_str().is_some_and(|path| path.ends_with(suffix)));
        calls
    }

    /// Asks a stand-in, as a developer would.
    pub(crate) async fn steer(&self, method: &str, path: &str, body: Value) -> Value {
        let request = HttpRequest {
            method: method.to_owned(),
            path: path.to_owned(),
            query: String::new(),
            headers: [(CONTENT_TYPE, HeaderValue::from_static("application/json"))]
                .into_iter()
                .collect(),
            body: body.to_string().into_bytes(),
        };
        let answer = self.providers.answer(request, CALLER).await.expect("an answer");
        assert_eq!(answer.status(), 200, "{answer:?}");
        serde_json::from_slice(answer.body()).expect("JSON")
    }

    /// Has the next call of `provider` answered with `status`.
    pub(crate) async fn fail_once(&self, provider: &str, status: u16) {
        self.steer("POST", "/faults", json!({"provider": provider, "status": status})).await;
    }

    /// The record `id`.
    pub(crate) fn callback(&self, id: &str) -> Map<String, Value> {
        let mut items = self.dynamodb.items().into_iter();
        items.find(|item| item["id"] == id).unwrap_or_else(|| panic!("no record {id}"))
    }

    /// State, attempts and last status of the record `id`; `-` for what it does not have.
    pub(crate) fn progress(&self, id: &str) -> [String; 3] {
        let callback = self.callback(id);
        ["state", "attempts", "last_status"].map(|name| text(callback.get(name)))
    }

    /// Lets the lease of the record `id` be over.
    pub(crate) fn end_lease(&self, id: &str) {
        let update = json!({
            "TableName": names::CALLBACKS, "Key": {"id": {"S": id}},
            "UpdateExpression": "REMOVE lease",
        });
        let update = serde_json::from_value(update).expect("a request");
        self.dynamodb.database().update_item(update).expect("updated");
    }

    /// All balances, in order: user, unit and amount.
    pub(crate) fn balances(&self) -> Vec<[String; 3]> {
        self.booked("balance#", ["user", "unit", "amount"])
    }

    /// All entries, in order: user, callback, unit and amount.
    pub(crate) fn entries(&self) -> Vec<[String; 4]> {
        self.booked(ENTRY, ["user", "callback", "unit", "amount"])
    }

    fn booked<const N: usize>(&self, prefix: &str, names: [&str; N]) -> Vec<[String; N]> {
        booked(&self.dynamodb.items_of("ledger"), prefix, names)
    }

    fn mapping(&self, name: &str) -> &Mapping {
        let id = settler(name).id;
        self.mappings.iter().find(|mapping| mapping.function == id).expect("a mapping")
    }

    fn queue(&self, id: &str) -> &Queue {
        self.queues.get(id).expect("a queue")
    }
}

/// The settling function whose binary is `name`.
fn settler(name: &str) -> &'static SettlingFunction {
    SETTLERS.iter().find(|function| function.name == name).expect("a settling function")
}

/// The attributes `names` of the ledger's items of the kind `prefix`, in order. Amounts are as DynamoDB
/// keeps them, without trailing zeros, which imitations do not all drop.
pub(crate) fn booked<const N: usize>(
    ledger: &[Map<String, Value>],
    prefix: &str,
    names: [&str; N],
) -> Vec<[String; N]> {
    let attribute = |item: &Map<String, Value>, name: &str| {
        let text = text(item.get(name));
        let amount = (name == "amount").then(|| Amount::parse(&text).expect("an amount"));
        amount.map_or(text, Amount::normalized)
    };
    let items = ledger.iter().filter(|item| text(item.get("entry")).starts_with(prefix));
    let mut booked: Vec<_> = items.map(|item| names.map(|name| attribute(item, name))).collect();
    booked.sort_unstable();
    booked
}

/// A text or a number of DynamoDB's, `-` for none.
fn text(value: Option<&Value>) -> String {
    let text = value.map_or(Some("-"), |value| value.as_str().or(value["N"].as_str()));
    text.unwrap_or_else(|| panic!("{value:?}")).to_owned()
}
