//! A request as a command line.

use http::header::{CONTENT_LENGTH, HOST, USER_AGENT};
use terminal::quoted;

use crate::event::HttpRequest;

/// The `curl` command that sends `request` to the API at `base`, for a POSIX shell.
#[must_use]
pub fn command(base: &str, request: &HttpRequest) -> String {
    let base = base.trim_end_matches('/');
    let query =
        if request.query.is_empty() { String::new() } else { format!("?{}", request.query) };
    let mut command = format!("curl -sS {}", quoted(&format!("{base}{}{query}", request.path)));
    let own = [HOST, USER_AGENT, CONTENT_LENGTH];
    for (name, value) in request.headers.iter().filter(|(name, _)| !own.contains(name)) {
        let header = format!("{name}: {}", String::from_utf8_lossy(value.as_bytes()));
        command.push_str(" -H ");
        command.push_str(&quoted(&header));
    }
    if request.method != "GET" {
        command.push_str(" --data-binary ");
        command.push_str(&quoted(&String::from_utf8_lossy(&request.body)));
    }
    command
}
