//! The callbacks table over the embedded DynamoDB.

mod decision;
mod progress;
mod record;
