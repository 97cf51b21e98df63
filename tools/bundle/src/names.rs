//! Names that AWS gives, as the dev server gives them: region, account, tables, queues, ARNs, ids. With the
//! ports that it usually has, they are where the operator's command looks for it.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;

/// The region that everything on this machine is said to be in.
pub const REGION: &str = "us-east-1";

/// The account that everything on this machine is said to belong to.
pub const ACCOUNT: &str = "123456789012";

/// The usual port of the HTTP API.
pub const API_PORT: u16 = 3000;

/// The usual port of the embedded DynamoDB.
pub const DYNAMODB_PORT: u16 = 8000;

/// The usual port of the stand-ins for the providers' APIs.
pub const PROVIDER_PORT: u16 = 3001;

/// The usual port of the SQS endpoint.
pub const SQS_PORT: u16 = 9324;

/// The tables of the bundle: logical id, and name on this machine.
pub const TABLES: [(&str, &str); 2] = [("CallbacksTable", CALLBACKS), ("LedgerTable", "ledger")];

/// The name on this machine of the table that callbacks are recorded in.
pub const CALLBACKS: &str = "callbacks";

/// The name on this machine of the table with the logical id `id`.
#[must_use]
pub fn table(id: &str) -> Option<&'static str> {
    TABLES.iter().find(|(known, _)| *known == id).map(|(_, name)| *name)
}

/// The URL of the queue with the logical id `id` at the endpoint `url`.
#[must_use]
pub fn queue_url(url: &str, id: &str) -> String {
    format!("{url}/{ACCOUNT}/{id}")
}

/// The ARN of a `service`'s `resource`.
#[must_use]
pub fn arn(service: &str, resource: &str) -> String {
    format!("arn:aws:{service}:{REGION}:{ACCOUNT}:{resource}")
}

/// A new random id in the form of a version 4 UUID (RFC 9562).
#[must_use]
pub fn uuid() -> String {
    uuid_of(u128::from_be_bytes(random()))
}

/// `random` in the form of a version 4 UUID.
#[must_use]
pub fn uuid_of(random: u128) -> String {
    let versioned = random & !(0xf << 76) & !(0b11 << 62) | 0x4 << 76 | 0b10 << 62;
    let hex = format!("{versioned:032x}");
    [&hex[..8], &hex[8..12], &hex[12..16], &hex[16..20], &hex[20..]].join("-")
}

/// A new random text that says nothing, such as a receipt handle.
#[must_use]
pub fn opaque() -> String {
    URL_SAFE_NO_PAD.encode(random::<48>())
}

/// Random bytes; without a source of randomness, which a machine has, they are zeros.
fn random<const N: usize>() -> [u8; N] {
    let mut bytes = [0; N];
    let _ = getrandom::fill(&mut bytes);
    bytes
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_have_the_form_of_a_uuid() {
        assert_eq!(uuid_of(0), "00000000-0000-4000-8000-000000000000");
        assert_eq!(uuid_of(u128::MAX), "ffffffff-ffff-4fff-bfff-ffffffffffff");
        assert_ne!(uuid(), uuid());
    }

    #[test]
    fn arns_name_the_resource() {
        assert_eq!(arn("sqs", "Queue"), "arn:aws:sqs:us-east-1:123456789012:Queue");
    }
}
