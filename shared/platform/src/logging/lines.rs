//! Log lines: each event is one JSON object of its time, its level and its fields, in their order.
//!
//! They are what `tracing-subscriber` writes, which also keeps account of spans: there are none here, and a line takes
//! a fraction of the time.

use std::io::{self, Write};

use jiff::Timestamp;
use serde::ser::{SerializeMap as _, Serializer as _};
use serde_json::Serializer;
use tracing::level_filters::LevelFilter;
use tracing::span::{Attributes, Id, Record};
use tracing::{Event, Level, Metadata, Subscriber};
use tracing_serde::SerdeMapVisitor;

/// Hands over to `write` what the crates `targets` log, at `level` and above.
pub(super) struct Lines<W> {
    pub(super) level: Level,
    pub(super) targets: &'static [&'static str],
    pub(super) write: W,
}

impl<W: Fn(&Event<'_>) + Send + Sync + 'static> Subscriber for Lines<W> {
    fn enabled(&self, metadata: &Metadata<'_>) -> bool {
        let is_own = |target: &&str| metadata.target().starts_with(target);
        metadata.is_event() && *metadata.level() <= self.level && self.targets.iter().any(is_own)
    }

    fn max_level_hint(&self) -> Option<LevelFilter> {
        Some(self.level.into())
    }

    fn event(&self, event: &Event<'_>) {
        (self.write)(event);
    }

    // No span is ever enabled.
    fn new_span(&self, _: &Attributes<'_>) -> Id {
        Id::from_u64(1)
    }

    fn record(&self, _: &Id, _: &Record<'_>) {}

    fn record_follows_from(&self, _: &Id, _: &Id) {}

    fn enter(&self, _: &Id) {}

    fn exit(&self, _: &Id) {}
}

/// Prints the line of `event`, which happens now.
pub fn print(event: &Event<'_>) {
    let mut line = Vec::with_capacity(512);
    // In one piece, so that no other line gets in between. Where it cannot be written, nothing can be.
    let _ = write(event, Timestamp::now(), &mut line)
        .map_err(io::Error::from)
        .and_then(|()| io::stdout().lock().write_all(&line));
}

/// Writes the line of `event`, which happened at `at`.
fn write(event: &Event<'_>, at: Timestamp, line: &mut Vec<u8>) -> serde_json::Result<()> {
    let mut json = Serializer::new(&mut *line);
    let mut members = json.serialize_map(None)?;
    members.serialize_entry("timestamp", &format_args!("{at:.6}"))?;
    members.serialize_entry("level", event.metadata().level().as_str())?;
    let mut visitor = SerdeMapVisitor::new(members);
    event.record(&mut visitor);
    visitor.finish()?;
    line.push(b'\n');
    Ok(())
}

#[cfg(test)]
mod tests {
    use std::sync::{Arc, Mutex};

    use tracing::{event_enabled, span_enabled, subscriber::with_default};
    use tracing_subscriber::fmt::format::Writer;
    use tracing_subscriber::fmt::{self, time::FormatTime};
    use tracing_subscriber::layer::{Context, Layer, SubscriberExt as _};

    use super::*;

    const AT: &str = "2026-11-27T09:08:35.191000Z";

    /// All that was written.
    #[derive(Clone, Default)]
    struct Written(Arc<Mutex<Vec<u8>>>);

    impl Written {
        fn text(&self) -> String {
            String::from_utf8(self.0.lock().expect("unpoisoned").clone()).expect("text")
        }
    }

    impl Write for Written {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            self.0.lock().expect("unpoisoned").write(bytes)
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    impl<S: Subscriber> Layer<S> for Written {
        fn on_event(&self, event: &Event<'_>, _: Context<'_, S>) {
            let at = AT.parse().expect("a time");
            write(event, at, &mut self.0.lock().expect("unpoisoned")).expect("written");
        }
    }

    struct Fixed;

    impl FormatTime for Fixed {
        fn format_time(&self, line: &mut Writer<'_>) -> std::fmt::Result {
            line.write_str(AT)
        }
    }

    #[test]
    fn a_line_is_what_tracing_subscriber_writes() {
        let (own, theirs) = (Written::default(), Written::default());
        let writer = theirs.clone();
        let json = fmt::layer()
            .json()
            .flatten_event(true)
            .with_current_span(false)
            .with_span_list(false)
            .with_target(false)
            .with_timer(Fixed)
            .with_writer(move || writer.clone());
        with_default(tracing_subscriber::registry().with(own.clone()).with(json), || {
            tracing::info!("alone");
            tracing::error!(
                text = "a \"quoted\" one,\n\u{1} and \u{e9}",
                count = 200_u16,
                below = -1_i64,
                total_ms = 0.67,
                store_ms = Some(2_700.0),
                yes = true,
                absent = None::<&str>,
                shown = %"shown",
                debugged = ?Some("debugged"),
                "{} words",
                2
            );
        });
        assert_eq!(own.text().lines().count(), 2);
        assert_eq!(own.text(), theirs.text());
    }

    #[test]
    fn only_events_of_the_targets_are_written_from_the_level_on() {
        let lines = Lines { level: Level::WARN, targets: &["receiver", "tables"], write: print };
        with_default(lines, || {
            assert!(event_enabled!(target: "receiver", Level::WARN));
            assert!(event_enabled!(target: "tables::callbacks", Level::ERROR));
            assert!(!event_enabled!(target: "receiver", Level::INFO));
            assert!(!event_enabled!(target: "aws_smithy_runtime", Level::ERROR));
            assert!(!span_enabled!(target: "receiver", Level::ERROR));
        });
    }
}
