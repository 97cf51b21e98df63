//! One callback, delivered many times at once.

use std::collections::BTreeMap;
use std::sync::Arc;

use tokio::sync::Barrier;
use tokio::task::JoinSet;

use crate::support::dev_server::DevServer;
use crate::support::dynamodb::DynamoDb;
use crate::support::event::Event;
use crate::support::lambda::{Function, Settings};

const DELIVERIES: usize = 64;

/// How often each word was said.
fn counted(words: Vec<String>) -> BTreeMap<String, usize> {
    let mut counted = BTreeMap::new();
    for word in words {
        *counted.entry(word).or_default() += 1;
    }
    counted
}

fn once_recorded() -> BTreeMap<String, usize> {
    [("recorded".to_owned(), 1), ("duplicate".to_owned(), DELIVERIES - 1)].into()
}

/// Several execution environments, as Lambda starts them for simultaneous calls.
#[tokio::test]
async fn deliveries_to_several_execution_environments_are_one_record() {
    const ENVIRONMENTS: usize = 8;
    let dynamodb = DynamoDb::start().await;
    let settings = Settings::sample("claimr", &dynamodb);
    let ready = Arc::new(Barrier::new(ENVIRONMENTS));
    let mut environments = JoinSet::new();
    for _ in 0..ENVIRONMENTS {
        let mut function = Function::start("claimr", &settings).await;
        let ready = Arc::clone(&ready);
        environments.spawn(async move {
            ready.wait().await;
            let mut words = Vec::new();
            for _ in 0..DELIVERIES / ENVIRONMENTS {
                let answer = function.invoke(Event::sample("claimr-user-activity")).await;
                assert_eq!(answer.status, 200, "{answer:?}");
                words.push(answer.body["status"].as_str().expect("text").to_owned());
            }
            words
        });
    }
    let words = environments.join_all().await.concat();
    assert_eq!(counted(words), once_recorded());
    assert_eq!(dynamodb.proxy.asked().len(), DELIVERIES);
    dynamodb.only_item();
}

#[tokio::test]
async fn deliveries_through_the_gateway_are_one_record() {
    let bundle = Arc::new(DevServer::start().await);
    let ready = Arc::new(Barrier::new(DELIVERIES));
    let mut deliveries = JoinSet::new();
    for _ in 0..DELIVERIES {
        let (bundle, ready) = (Arc::clone(&bundle), Arc::clone(&ready));
        deliveries.spawn(async move {
            let event = Event::sample("inbrain-survey-completed");
            ready.wait().await;
            let (status, body) = bundle.send(&event).await;
            assert_eq!(status, 200, "{body}");
            body["status"].as_str().expect("text").to_owned()
        });
    }
    assert_eq!(counted(deliveries.join_all().await), once_recorded());
    let items = bundle.items().await;
    assert_eq!(items.len(), 1, "{items:?}");
}
