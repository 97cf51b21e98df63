//! Giveaway.com custom app actions: a site reports that a visitor did something.
//!
//! Source: the provider's page "How to Set and Verify Custom App Actions with Callback
//! Verification". The site signs `track_id=T&event=E&value=V&remark=R` with HMAC-SHA256, values as they
//! are, in that order; a pair whose field is absent is left out.
//!
//! # Layout
//!
//! | module | what it is |
//! | --- | --- |
//! | `action` | what is signed, what is allowed, and what makes an action this one |
//! | `report` | a recorded action, signed again for the provider |
//! | `sender` | the site's side |

mod action;
mod report;
mod sender;

use jiff::Timestamp;
use settings::{ConfigError, Settings};
use verify::{
    Caller, Credential, Digest, ParsedCallback, Provider, Refusal, Request, Route, SignedContent,
    UnprovedObject,
};

pub use report::Report;

/// Giveaway.com; its callbacks come from a site of the team's own.
#[derive(Debug, Clone, Copy)]
pub struct Giveaway;

impl Provider for Giveaway {
    const NAME: &'static str = "giveaway";
    const CALLER: Caller = Caller::OwnCode;
    type Hook = ();
    type Content<'a> = UnprovedObject<'a>;

    fn routes(&self) -> &'static [(Route, ())] {
        const { &[(Route::post("/giveaway/actions"), ())] }
    }

    fn configure(_: &Settings) -> Result<Self, ConfigError> {
        Ok(Self)
    }

    fn signed_content<'a>(
        &self,
        (): (),
        request: &'a Request,
    ) -> Result<SignedContent<'a, UnprovedObject<'a>>, Refusal> {
        let content = UnprovedObject::parse(&request.body)?;
        let sign = content.get("sign")?;
        let signature = sign.as_ref().and_then(|sign| sign.as_text()).and_then(Digest::from_hex);
        let credential = Credential::HmacSha256 {
            signature: signature.ok_or(Refusal::Unauthenticated)?,
            message: action::signed_text(&content)?.into_bytes().into(),
        };
        Ok(SignedContent { credential, content })
    }

    fn read(
        &self,
        (): (),
        content: UnprovedObject<'_>,
        _: Timestamp,
    ) -> Result<ParsedCallback, Refusal> {
        action::read(&content.strict()?)
    }
}
