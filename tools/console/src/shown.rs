//! What the pages are made of, and what may be changed from them.

use std::sync::Arc;

use axum::body::{Body, Bytes};
use axum::extract::{Form, FromRequest, Request};
use axum::response::{IntoResponse, Response};
use operator::stack::Stack;
use serde::Deserialize;
use serde::de::DeserializeOwned;
use tokio::sync::OnceCell;

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
    /// What the operator's commands are about, once it is asked for.
    stack: OnceCell<Stack>,
}

impl Shown {
    /// Pages about `source`; none where there are no random bytes.
    pub(crate) fn new(source: Source) -> Option<Self> {
        Some(Self { source, token: Token::new()?, stack: OnceCell::new() })
    }

    pub(crate) async fn stack(&self) -> Result<&Stack, NotDone> {
        self.stack.get_or_try_init(|| self.source.find()).await
    }

    pub(crate) fn frame(&self) -> Frame<'_> {
        Frame { token: self.token.text(), stack: self.source.stack() }
    }

    /// How many records wait; none where that cannot be said now.
    pub(crate) async fn standing(&self) -> Option<Standing> {
        record::standing(self.stack().await.ok()?).await.ok()
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
