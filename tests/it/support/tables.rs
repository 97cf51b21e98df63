//! The functions' tables: in this process, or elsewhere, in Amazon's DynamoDB Local or in an account.

use std::collections::HashMap;
use std::env;

use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::client::Waiters as _;
use aws_sdk_dynamodb::types::{
    AttributeDefinition, AttributeValue, BillingMode, GlobalSecondaryIndex, KeySchemaElement,
    LocalSecondaryIndex, Projection,
};
use bundle::names;
use serde_json::{Map, Value};
use test_support::tables::TABLES;
use test_support::template;

use super::TIMEOUTS;
use super::dynamodb::{DynamoDb, plain};
use super::lambda::Settings;

/// What tells a function where DynamoDB is.
const URL: &str = "AWS_ENDPOINT_URL_DYNAMODB";

/// What tells the tests where it is.
const ENDPOINT: &str = "DYNAMODB_ENDPOINT";

/// What is passed on to the functions: where the tables are, and who may use them.
const ACCESS: [&str; 4] =
    ["AWS_REGION", "AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN"];

/// The tables.
#[derive(Clone, Copy)]
pub(crate) enum Tables<'a> {
    /// In this process.
    Here(&'a DynamoDb),
    /// At an endpoint that whoever runs the tests names.
    Elsewhere(&'a Elsewhere),
}

impl Tables<'_> {
    /// The same settings with these tables.
    pub(crate) fn settings(&self, settings: Settings) -> Settings {
        match self {
            Self::Here(dynamodb) => settings.with(URL, &dynamodb.proxy.url()),
            Self::Elsewhere(elsewhere) => elsewhere.settings(settings),
        }
    }

    /// Every item of `table`; strings and booleans as they are, the other types in DynamoDB's JSON.
    pub(crate) async fn items_of(&self, table: &str) -> Vec<Map<String, Value>> {
        match self {
            Self::Here(dynamodb) => dynamodb.items_of(table),
            Self::Elsewhere(elsewhere) => elsewhere.items_of(table).await,
        }
    }
}

/// The template's tables at an endpoint, under names of their own.
pub(crate) struct Elsewhere {
    endpoint: String,
    client: Client,
    suffix: String,
}

impl Elsewhere {
    /// Makes the tables at the endpoint that `DYNAMODB_ENDPOINT` names; nothing where it names none.
    pub(crate) async fn start() -> Option<Self> {
        let settings = settings::Settings::from_environment();
        let endpoint = settings.optional(ENDPOINT)?.to_owned();
        let settings = settings.with(URL, endpoint.as_str());
        let patience = platform::aws::Timeouts {
            connect: TIMEOUTS,
            attempt: TIMEOUTS,
            operation: TIMEOUTS,
            attempts: 3,
        };
        let config =
            platform::aws::config(&settings, "DYNAMODB", patience).expect("region and credentials");
        let elsewhere =
            Self { client: Client::new(&config), suffix: format!("-{}", names::uuid()), endpoint };
        for (id, name) in TABLES {
            elsewhere.create(&template::create_table(id, &elsewhere.name(name))).await;
        }
        Some(elsewhere)
    }

    async fn create(&self, table: &Value) {
        let name = table["TableName"].as_str().expect("text");
        let mut create = self.client.create_table().table_name(name);
        for attribute in list(&table["AttributeDefinitions"]) {
            let attribute = AttributeDefinition::builder()
                .attribute_name(text(&attribute["AttributeName"]))
                .attribute_type(text(&attribute["AttributeType"]).into());
            create = create.attribute_definitions(attribute.build().expect("an attribute"));
        }
        for index in list(&table["LocalSecondaryIndexes"]) {
            let index = LocalSecondaryIndex::builder()
                .index_name(text(&index["IndexName"]))
                .set_key_schema(Some(key(&index["KeySchema"])))
                .projection(projection(&index["Projection"]));
            create = create.local_secondary_indexes(index.build().expect("an index"));
        }
        for index in list(&table["GlobalSecondaryIndexes"]) {
            let index = GlobalSecondaryIndex::builder()
                .index_name(text(&index["IndexName"]))
                .set_key_schema(Some(key(&index["KeySchema"])))
                .projection(projection(&index["Projection"]));
            create = create.global_secondary_indexes(index.build().expect("an index"));
        }
        create
            .set_key_schema(Some(key(&table["KeySchema"])))
            .billing_mode(BillingMode::PayPerRequest)
            .send()
            .await
            .expect("created");
        let exists = self.client.wait_until_table_exists().table_name(name);
        exists.wait(std::time::Duration::from_mins(2)).await.expect("there in time");
    }

    fn settings(&self, mut settings: Settings) -> Settings {
        for variable in ["CALLBACKS_TABLE", "LEDGER_TABLE"] {
            if let Some(name) = settings.get(variable).map(|name| self.name(name)) {
                settings = settings.with(variable, &name);
            }
        }
        for variable in ACCESS {
            settings = settings.with(variable, &env::var(variable).unwrap_or_default());
        }
        settings.with(URL, &self.endpoint)
    }

    async fn items_of(&self, table: &str) -> Vec<Map<String, Value>> {
        let scan = self.client.scan().table_name(self.name(table)).consistent_read(true);
        let scan = scan.send().await.expect("a scan");
        assert!(scan.last_evaluated_key.is_none(), "the table has more than one page");
        let items = scan.items.unwrap_or_default().into_iter();
        let json = |item: HashMap<_, _>| item.into_iter().map(|(name, value)| (name, json(value)));
        items.map(|item| plain(json(item).collect())).collect()
    }

    /// Deletes the tables.
    pub(crate) async fn end(self) {
        for (_, name) in TABLES {
            let delete = self.client.delete_table().table_name(self.name(name));
            delete.send().await.expect("deleted");
        }
    }

    fn name(&self, table: &str) -> String {
        format!("{table}{}", self.suffix)
    }
}

fn key(schema: &Value) -> Vec<KeySchemaElement> {
    let parts = list(schema).iter().map(|part| {
        KeySchemaElement::builder()
            .attribute_name(text(&part["AttributeName"]))
            .key_type(text(&part["KeyType"]).into())
            .build()
            .expect("a part of a key")
    });
    parts.collect()
}

fn projection(projection: &Value) -> Projection {
    let others = list(&projection["NonKeyAttributes"]).iter().map(|name| text(name).to_owned());
    Projection::builder()
        .projection_type(text(&projection["ProjectionType"]).into())
        .set_non_key_attributes(
            Some(others.collect::<Vec<_>>()).filter(|others| !others.is_empty()),
        )
        .build()
}

fn list(value: &Value) -> &[Value] {
    value.as_array().map_or(&[], Vec::as_slice)
}

fn text(value: &Value) -> &str {
    value.as_str().expect("text")
}

fn json(value: AttributeValue) -> Value {
    match value {
        AttributeValue::S(text) => serde_json::json!({"S": text}),
        AttributeValue::N(number) => serde_json::json!({"N": number}),
        AttributeValue::Bool(value) => serde_json::json!({"BOOL": value}),
        AttributeValue::M(members) => {
            let members = members.into_iter().map(|(name, value)| (name, json(value)));
            serde_json::json!({"M": members.collect::<Map<_, _>>()})
        }
        AttributeValue::L(members) => {
            serde_json::json!({"L": members.into_iter().map(json).collect::<Vec<_>>()})
        }
        other => panic!("no such attribute is stored: {other:?}"),
    }
}
