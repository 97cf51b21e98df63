//! AWS's figures, as documented in November 2026, each with the page that has it, below <https://docs.aws.amazon.com>.

/// Requests a second of an account's HTTP APIs in most regions, in the others, and the requests above the rate that its
/// bucket holds ("Amazon API Gateway quotas", `apigateway/latest/developerguide/limits.html`).
pub(crate) const API: u64 = 10_000;
pub(crate) const API_SMALL_REGION: u64 = 2_500;
pub(crate) const API_BUCKET: u64 = 5_000;

/// Executions at once of an account's functions ("Understanding Lambda function scaling",
/// `lambda/latest/dg/lambda-concurrency.html`). New accounts have fewer.
pub(crate) const EXECUTIONS: u64 = 1_000;

/// Environments that a function may get within ten seconds, and requests a second that it may take more ("Lambda
/// scaling behavior", `lambda/latest/dg/scaling-behavior.html`).
pub(crate) const NEW_ENVIRONMENTS: u64 = 1_000;

/// Write units a second of a new on-demand table, or index ("DynamoDB on-demand capacity mode",
/// `amazondynamodb/latest/developerguide/on-demand-capacity-mode.html`; an index: "Understanding DynamoDB warm
/// throughput", `warm-throughput.html`).
pub(crate) const NEW_TABLE: u64 = 4_000;

/// Write units a second that a table may grow to without a request ("Quotas in Amazon DynamoDB",
/// `amazondynamodb/latest/developerguide/ServiceQuotas.html`).
pub(crate) const GROWN_TABLE: u64 = 40_000;

/// Write and read units a second of one partition ("Best practices for designing and using partition keys effectively in
/// DynamoDB", `amazondynamodb/latest/developerguide/bp-partition-key-design.html`). Capacity that was saved up does not
/// lift it ("How does DynamoDB handle spiky workloads", `repost.aws/knowledge-center/dynamodb-spiky-workloads-short-intervals`).
pub(crate) const PARTITION: u64 = 1_000;
pub(crate) const PARTITION_READS: u64 = 3_000;

/// Records of one call for a shard of a table's stream (`GetRecords`,
/// `amazondynamodb/latest/APIReference/API_streams_GetRecords.html`), and such calls a second that Lambda makes ("Using AWS
/// Lambda with Amazon DynamoDB", `lambda/latest/dg/with-ddb.html`).
pub(crate) const STREAM_RECORDS: u64 = 1_000;
pub(crate) const STREAM_POLLS: u64 = 4;

/// Hours that a stream keeps a record ("Quotas in Amazon DynamoDB").
pub(crate) const STREAM_HOURS: u64 = 24;

/// Requests a second of `PutEvents`, and events a second that are delivered to rules, in eu-central-1, in the middle of
/// the regions ("Amazon EventBridge quotas", `eventbridge/latest/userguide/eb-quota.html`).
pub(crate) const PUT_EVENTS: u64 = 2_400;
pub(crate) const DELIVERED_EVENTS: u64 = 4_500;

/// Messages of one queue that were received and are not deleted ("Amazon SQS standard queue quotas",
/// `AWSSimpleQueueService/latest/SQSDeveloperGuide/quotas-queues.html`).
pub(crate) const IN_FLIGHT: u64 = 120_000;

/// Batches of a standard queue that Lambda works off at once, at first, and how many more from minute to minute
/// ("Configuring scaling behavior for SQS event source mappings", `lambda/latest/dg/services-sqs-scaling.html`).
pub(crate) const FIRST_BATCHES: u64 = 5;

/// A call to DynamoDB takes milliseconds of one digit (the page of on-demand capacity): ten at most. The same is assumed
/// of SQS and EventBridge, which publish nothing.
pub(crate) const CALL_MS: u64 = 10;
