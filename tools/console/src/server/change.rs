//! What is sent, decided and brought about: each by a form of a page of this process.

use std::sync::Arc;

use axum::extract::{Path, State};
use axum::response::Redirect;
use serde::Deserialize;

use crate::act::Order;
use crate::item::Item;
use crate::page;
use crate::refused::NotDone;
use crate::shown::{Confirmed, Shown};
use crate::trial::{Fault, Wanted};

type Done = Result<Redirect, NotDone>;

pub(super) async fn act(
    State(shown): State<Arc<Shown>>,
    Confirmed(order): Confirmed<Order>,
) -> Done {
    if order.stack.as_deref() != shown.source.stack_name() {
        let stack = shown.source.stack_name().unwrap_or("on this machine");
        return Err(NotDone::NotConfirmed(stack.to_owned()));
    }
    order.carry_out(&shown.source).await?;
    Ok(Redirect::to(&page::record_url(&order.id)))
}

fn to_request(number: u64) -> Redirect {
    Redirect::to(&format!("/requests/{number}"))
}

pub(super) async fn send_again(
    State(shown): State<Arc<Shown>>,
    Path(number): Path<u64>,
    Confirmed(Nothing {}): Confirmed<Nothing>,
) -> Done {
    let Item::Exchange(exchange) = shown.source.get(number)? else { return Err(NotDone::OnlyHere) };
    Ok(to_request(shown.source.bundle()?.send(exchange.request.clone()).await?))
}

/// Nothing but that it is of this page.
#[derive(Debug, Deserialize)]
pub(super) struct Nothing {}

/// A payload in the place of a request's own.
#[derive(Debug, Deserialize)]
pub(super) struct Edited {
    payload: String,
}

pub(super) async fn sign_anew(
    State(shown): State<Arc<Shown>>,
    Path(number): Path<u64>,
    Confirmed(Edited { payload }): Confirmed<Edited>,
) -> Done {
    let Item::Exchange(exchange) = shown.source.get(number)? else { return Err(NotDone::OnlyHere) };
    let sent = shown.source.bundle()?.send_signed(&exchange.request, &payload).await?;
    Ok(to_request(sent))
}

pub(super) async fn sample(
    State(shown): State<Arc<Shown>>,
    Confirmed(wanted): Confirmed<Wanted>,
) -> Done {
    Ok(to_request(shown.source.bundle()?.send_sample(&wanted).await?))
}

/// The name of a state.
#[derive(Debug, Deserialize)]
pub(super) struct Named {
    state: String,
}

pub(super) async fn bring(
    State(shown): State<Arc<Shown>>,
    Confirmed(Named { state }): Confirmed<Named>,
) -> Done {
    let bundle = shown.source.bundle()?;
    let brought = bundle.bring(&state).await?;
    // Of what was refused there is no record: its request is what is to be seen.
    let last = || bundle.feed.recent().first().map_or(0, |exchange| exchange.number);
    Ok(brought.record.map_or_else(|| to_request(last()), |id| Redirect::to(&page::record_url(&id))))
}

pub(super) async fn fail(
    State(shown): State<Arc<Shown>>,
    Confirmed(fault): Confirmed<Fault>,
) -> Done {
    shown.source.bundle()?.fail(&fault).await?;
    Ok(Redirect::to("/try"))
}

pub(super) async fn recover(State(shown): State<Arc<Shown>>, _: Confirmed<Nothing>) -> Done {
    shown.source.bundle()?.recover().await?;
    Ok(Redirect::to("/try"))
}
