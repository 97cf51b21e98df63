//! What a contract finds in a request before anything is proved.

use std::borrow::Cow;

use verify::{Credential, Refusal, Request, UnprovedForm, UnprovedObject};

use crate::contract::{Contract, Reads};
use crate::credential::looks_into_json;
use crate::message::{Called, Over, split};
use crate::proof::Scheme;
use crate::unproved::{Body, Unproved};

impl Contract {
    /// What the request says before it is proved.
    pub(crate) fn unproved<'a>(
        &self,
        entrance: usize,
        request: &'a Request,
    ) -> Result<Unproved<'a>, Refusal> {
        let body = match self.compiled.entrances[entrance].reads {
            Reads::Query => {
                let query = match &self.compiled.proof.over {
                    Over::Before { marker, .. } => split(&request.query, marker)?.0,
                    _ => &request.query,
                };
                Body::Parameters(UnprovedForm::parse(query, "the query string"))
            }
            Reads::Form => {
                let text = std::str::from_utf8(&request.body);
                let text = text.map_err(|_| Refusal::Undecodable { what: "the body" })?;
                Body::Parameters(UnprovedForm::parse(text, "the body"))
            }
            reads if looks_into_json(&self.compiled.proof, reads) => {
                Body::Json(UnprovedObject::parse(&request.body)?)
            }
            Reads::Json => Body::Bytes(Cow::Borrowed(&request.body)),
        };
        Ok(Unproved { body, headers: &request.headers })
    }

    /// The credential of a request that is called by `url`, with what it is to prove.
    pub(crate) fn claim<'a>(
        &self,
        entrance: usize,
        url: &str,
        request: &'a Request,
    ) -> Result<(Credential<'a>, Unproved<'a>), Refusal> {
        let unproved = self.unproved(entrance, request)?;
        let (called, proof) = (Called { url, request }, &self.compiled.proof);
        let credential = proof.credential(called, &unproved)?;
        if proof.scheme != Scheme::Jws {
            return Ok((credential, unproved));
        }
        // The fields are in the JWS, and the JWS is in the body.
        let body = Body::Bytes(Cow::Owned(proof.payload(called, &unproved)?));
        Ok((credential, Unproved { body, ..unproved }))
    }
}
