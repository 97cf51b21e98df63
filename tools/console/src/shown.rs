//! What the pages are made of, and what may be changed from them.

use std::sync::Arc;
use std::time::Instant;

use axum::body::{Body, Bytes};
use axum::extract::{Form, FromRequest, Request};
use axum::response::{IntoResponse, Response};
use serde::Deserialize;
use serde::de::DeserializeOwned;
use tokio::sync::Mutex;

use crate::guard::Token;
use crate::page::Frame;
use crate::record::{self, Standing};
use crate::refused::NotDone;
use crate::source::Source;

/// What the pages are made of.
#[derive(Debug)]
pub(crate) struct Shown {
    pub(crate) source: Source,
    token: Token,
    /// How many records wait, and when that was counted.
    counted: Mutex<Option<(Instant, Standing)>>,
}

impl Shown {
    /// Pages about `source`, whose forms have `token`.
    pub(crate) fn new(source: Source, token: Token) -> Self {
        Self { source, token, counted: Mutex::default() }
    }

    pub(crate) fn frame(&self) -> Frame<'_> {
        Frame { token: self.token.text(), stack: self.source.stack_name() }
    }

    /// How many records wait, counted anew no more often than the pages are patient: all of them ask for it.
    pub(crate) async fn standing(&self) -> Result<Standing, NotDone> {
        let patience = self.frame().patience();
        // Held meanwhile, so that it is counted once.
        let mut counted = self.counted.lock().await;
        if let Some((at, standing)) = *counted
            && at.elapsed() < patience
        {
            return Ok(standing);
        }
        let standing = record::standing(&self.source).await?;
        *counted = Some((Instant::now(), standing));
        Ok(standing)
    }
}

/// What a form asks for that is of a page of this process. What changes something gets nothing else.
#[derive(Debug)]
pub(crate) struct Confirmed<T>(pub(crate) T);

/// The proof that a form is of a page of this process.
#[derive(Debug, Deserialize)]
struct OfThisPage {
    token: String,
}

impl<T: DeserializeOwned> FromRequest<Arc<Shown>> for Confirmed<T> {
    type Rejection = Response;

    async fn from_request(request: Request, shown: &Arc<Shown>) -> Result<Self, Response> {
        // Twice, and not one type within the other: of that, serde would take numbers for texts.
        let (parts, body) = request.into_parts();
        let body = Request::from_parts(parts.clone(), body);
        let body = Bytes::from_request(body, shown).await.map_err(IntoResponse::into_response)?;
        let form = || Request::from_parts(parts.clone(), Body::from(body.clone()));
        let proof = Form::<OfThisPage>::from_request(form(), shown).await;
        let Form(OfThisPage { token }) = proof.map_err(|_| NotDone::Token.into_response())?;
        if !shown.token.is(&token) {
            return Err(NotDone::Token.into_response());
        }
        let order = Form::<T>::from_request(form(), shown).await;
        order.map(|Form(order)| Self(order)).map_err(IntoResponse::into_response)
    }
}
