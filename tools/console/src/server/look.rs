//! What is shown.

use std::sync::Arc;

use axum::Json;
use axum::extract::{Path, Query, State};
use axum::response::Html;
use serde::Deserialize;
use serde_json::Value;

use crate::item::Item;
use crate::page;
use crate::page::list::{self, Filter, Top};
use crate::record::{self, Standing, way};
use crate::refused::NotDone;
use crate::shown::Shown;

type Page = Result<Html<String>, NotDone>;

pub(super) async fn all(
    State(shown): State<Arc<Shown>>,
    Query(filter): Query<Filter>,
) -> Html<String> {
    let top = Top { standing: shown.standing().await.ok(), problem: shown.source.problem() };
    let page = list::list(&shown.frame(), &shown.source, &filter, &top);
    Html(page.into_string())
}

pub(super) async fn requests(
    State(shown): State<Arc<Shown>>,
    Query(filter): Query<Filter>,
) -> Json<Vec<Value>> {
    let recent = shown.source.recent();
    let wanted = recent.iter().filter(|item| filter.takes(item));
    Json(wanted.map(|item| list::json(&shown.source, item)).collect())
}

pub(super) async fn standing(State(shown): State<Arc<Shown>>) -> Result<Json<Standing>, NotDone> {
    shown.standing().await.map(Json)
}

pub(super) async fn detail(State(shown): State<Arc<Shown>>, Path(number): Path<u64>) -> Page {
    let item = shown.source.get(number)?;
    let stack = shown.source.stack().await?;
    let id = match (item.record(), item.outcome().as_str()) {
        // It is answered with the id of the record that came first.
        (Some(first), "conflict") => {
            record::conflict_with(&shown.source, &first).await?.or(Some(first))
        }
        (id, _) => id,
    };
    let record = match &id {
        Some(id) => Some(record::find(&shown.source, id).await),
        None => None,
    };
    let frame = shown.frame();
    let page = match &item {
        Item::Exchange(exchange) => {
            let bundle = shown.source.bundle()?;
            page::request::request(
                &frame,
                exchange,
                id.as_deref(),
                record.as_ref(),
                bundle,
                &stack.api,
            )
        }
        Item::Logged(logged) => {
            page::line::line(&frame, &item, logged, id.as_deref(), record.as_ref())
        }
    };
    Ok(Html(page.into_string()))
}

/// Which record.
#[derive(Debug, Deserialize)]
pub(super) struct OfRecord {
    id: String,
}

pub(super) async fn of_record(
    State(shown): State<Arc<Shown>>,
    Query(OfRecord { id }): Query<OfRecord>,
) -> Page {
    let record = record::find(&shown.source, id.trim()).await?;
    let differences = match &*record.conflicts_with {
        "" => Vec::new(),
        _ => record::differences(&shown.source, &record.id).await?,
    };
    let way = way::way(&shown.source, &record).await;
    let (frame, stack) = (shown.frame(), shown.source.stack().await?);
    let page = page::record::record(&frame, &record, &differences, &way, &stack.commands);
    Ok(Html(page.into_string()))
}

/// Which user.
#[derive(Debug, Deserialize)]
pub(super) struct OfUser {
    user: String,
}

pub(super) async fn of_user(
    State(shown): State<Arc<Shown>>,
    Query(OfUser { user }): Query<OfUser>,
) -> Page {
    let statement = record::statement(&shown.source, &user).await?;
    Ok(Html(page::user::user(&shown.frame(), &user, &statement).into_string()))
}

pub(super) async fn attention(State(shown): State<Arc<Shown>>) -> Page {
    let waiting = record::of_outcome(&shown.source, "attention").await?;
    let retried = record::of_outcome(&shown.source, "retrying").await?;
    Ok(Html(page::attention::attention(&shown.frame(), &waiting, &retried).into_string()))
}

pub(super) async fn trial(State(shown): State<Arc<Shown>>) -> Page {
    let bundle = shown.source.bundle()?;
    let faults = bundle.faults().await?;
    Ok(Html(page::trial::trial(&shown.frame(), &bundle.samples(), &faults).into_string()))
}
