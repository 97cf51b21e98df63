//! sixth callbacks: a user has earned points.
//!
//! Source: name the provider's page here, and what it leaves open. The signature is the hex HMAC-SHA256 of the
//! body's bytes under the secret, in a header.

mod callback;
mod sender;

use jiff::Timestamp;
use settings::{ConfigError, Settings};
use verify::{
    Caller, Credential, Digest, ParsedCallback, Provider, Refusal, Request, Route, SignedContent,
};

/// The header with the signature.
const SIGNATURE_HEADER: &str = "x-sixth-signature";

/// The provider.
#[derive(Debug, Clone, Copy)]
pub struct Sixth;

impl Provider for Sixth {
    const NAME: &'static str = "sixth";
    // `OwnCode` where a team's own site or tracker sends: it is told a conflict by 409.
    const CALLER: Caller = Caller::Provider;
    // Which callback a route is for, where there are several.
    type Hook = ();
    // Fields of a JSON body are an `Object`, those of a query string a `Form`.
    type Content<'a> = &'a [u8];

    fn routes(&self) -> &'static [(Route, ())] {
        const { &[(Route::post("/sixth/callbacks"), ())] }
    }

    fn configure(_: &Settings) -> Result<Self, ConfigError> {
        Ok(Self)
    }

    fn signed_content<'a>(
        &self,
        (): (),
        request: &'a Request,
    ) -> Result<SignedContent<'a, &'a [u8]>, Refusal> {
        let mut headers = request.headers.get_all(SIGNATURE_HEADER).iter();
        let (Some(header), None) = (headers.next(), headers.next()) else {
            return Err(Refusal::Unauthenticated);
        };
        let signature = header.to_str().ok().and_then(Digest::from_hex);
        let credential = Credential::HmacSha256 {
            message: request.body.as_slice().into(),
            signature: signature.ok_or(Refusal::Unauthenticated)?,
        };
        Ok(SignedContent { credential, content: &request.body })
    }

    fn read(&self, (): (), content: &[u8], _: Timestamp) -> Result<ParsedCallback, Refusal> {
        callback::read(content)
    }
}
