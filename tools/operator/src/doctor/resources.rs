//! Tables with their indexes and the stream, the bus, and what reads the stream.

use aws_sdk_dynamodb::types::{IndexStatus, StreamSpecification, TableDescription, TableStatus};

use super::Finding;
use crate::error::Error;
use crate::explain::Explained;
use crate::stack::Stack;

/// The type of what reads a stream, and of what is written out for no queue.
const MAPPING: &str = "AWS::Lambda::EventSourceMapping";

/// Whether tables, bus and the stream's mapping are there and active.
pub(super) async fn check(stack: &Stack) -> Vec<Finding> {
    let mut findings = Vec::new();
    for (check, kind) in
        [("table", "AWS::DynamoDB::Table"), ("bus", "AWS::Events::EventBus"), ("stream", MAPPING)]
    {
        for id in stack.resources(kind) {
            let found = match check {
                "table" => table(stack, id).await,
                "bus" => bus(stack, id).await,
                _ => stream(stack, id).await,
            };
            findings.push(found.unwrap_or_else(|failure| Finding::unknown(check, id, &failure)));
        }
    }
    findings
}

async fn table(stack: &Stack, id: &str) -> Result<Finding, Error> {
    let table = describe(stack, id).await?;
    let wrong = wrong_with(stack, id, &table);
    if wrong.is_empty() {
        return Ok(Finding::ok("table", id, "active, with its indexes"));
    }
    let explained = Explained::new(
        "It is not, or not yet, what the template says.",
        "While CloudFormation still works on the stack, wait; otherwise deploy it again.",
    );
    Ok(Finding::problem("table", id, wrong.join(", "), explained))
}

/// What the table `id` is.
pub(super) async fn describe(stack: &Stack, id: &str) -> Result<TableDescription, Error> {
    let described = stack.clients.dynamodb.describe_table().table_name(stack.name_of(id)?);
    let described = described.send().await.map_err(stack.failed("DynamoDB"))?;
    described.table.ok_or_else(|| Error::Lacks(id.to_owned()))
}

fn wrong_with(stack: &Stack, id: &str, table: &TableDescription) -> Vec<String> {
    let mut wrong = Vec::new();
    if table.table_status() != Some(&TableStatus::Active) {
        wrong.push("it is not active".to_owned());
    }
    let properties = stack.template.properties(id);
    let indexes = properties["GlobalSecondaryIndexes"].as_array().into_iter().flatten();
    for name in indexes.filter_map(|index| index["IndexName"].as_str()) {
        let there = table.global_secondary_indexes().iter();
        let status = there
            .filter(|index| index.index_name() == Some(name))
            .map(|index| index.index_status() == Some(&IndexStatus::Active))
            .next();
        match status {
            None => wrong.push(format!("it has no index {name}")),
            Some(false) => wrong.push(format!("its index {name} is not active")),
            Some(true) => {}
        }
    }
    let streams = table.stream_specification();
    let streams = streams.is_some_and(StreamSpecification::stream_enabled);
    if !properties["StreamSpecification"].is_null() && !streams {
        wrong.push("it has no stream".to_owned());
    }
    wrong
}

async fn bus(stack: &Stack, id: &str) -> Result<Finding, Error> {
    let described = stack.clients.events.describe_event_bus().name(stack.name_of(id)?);
    described.send().await.map_err(stack.failed("EventBridge"))?;
    Ok(Finding::ok("bus", id, "there"))
}

async fn stream(stack: &Stack, id: &str) -> Result<Finding, Error> {
    let Some(aws) = &stack.clients.aws else {
        return Ok(Finding::ok("stream", id, "part of this machine's bundle"));
    };
    let uuid = stack.name_of(id)?;
    let mapping = aws.lambda.get_event_source_mapping().uuid(uuid).send().await;
    let mapping = mapping.map_err(stack.failed("Lambda"))?;
    let state = mapping.state().unwrap_or("unknown");
    if state == "Enabled" {
        return Ok(Finding::ok("stream", id, "read"));
    }
    let explained = Explained::new(
        "New records do not leave the table, so that nothing is settled. The stream keeps them for 24 hours.",
        "Enable the mapping within that time; what is older is emitted by the second command:",
    )
    .run([
        stack.commands.aws(&["lambda", "update-event-source-mapping", "--uuid", uuid, "--enabled"]),
        stack.commands.operator(&["re-emit", "--unsettled"]),
    ]);
    Ok(Finding::problem("stream", id, state, explained))
}
