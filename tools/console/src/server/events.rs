//! The stream of what comes.

use std::convert::Infallible;
use std::sync::Arc;

use axum::extract::State;
use axum::response::sse::{Event, KeepAlive, Sse};
use futures_util::stream::{self, Stream};
use serde_json::json;
use tokio::sync::broadcast::error::RecvError;

use crate::page;
use crate::shown::Shown;
use crate::source::{Coming, News, Source};

/// A message for each request that comes, with its row, for each record that something happens to, and where what is shown is not all that there
/// is; and one where some were missed.
pub(super) async fn events(
    State(shown): State<Arc<Shown>>,
) -> Sse<impl Stream<Item = Result<Event, Infallible>>> {
    let coming = shown.source.subscribe();
    let next = |(mut coming, shown): (Coming, Arc<Shown>)| async {
        let event = match coming.next().await {
            Ok(news) => event(&shown.source, &news),
            Err(RecvError::Lagged(_)) => Event::default().event("missed").data("{}"),
            Err(RecvError::Closed) => return None,
        };
        Some((Ok(event), (coming, shown)))
    };
    Sse::new(stream::unfold((coming, shown), next)).keep_alive(KeepAlive::default())
}

fn event(source: &Source, news: &News) -> Event {
    let (name, data) = match news {
        News::Request(item) => {
            let row = page::list::row(source, item).into_string();
            let data = json!({
                "number": item.number(), "row": row, "outcome": item.outcome(),
                "provider": item.provider(), "record": item.record(),
            });
            ("request", data)
        }
        News::Record(id) => ("record", json!({ "record": id })),
        News::Problem => ("problem", json!({})),
    };
    Event::default().event(name).data(data.to_string())
}
