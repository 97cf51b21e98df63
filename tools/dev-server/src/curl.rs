//! A request as a command line.

use std::fmt::Write as _;

use http::header::{CONTENT_LENGTH, HOST, USER_AGENT};
use terminal::{quoted, visible};

use crate::event::HttpRequest;

/// The `curl` command that sends `request` to the API at `base`, for a POSIX shell. Nothing in it is a pattern or a
/// file's name for `curl`, and a shell that it is pasted into gets no control character but line ends.
#[must_use]
pub fn command(base: &str, request: &HttpRequest) -> String {
    let base = base.trim_end_matches('/');
    let query =
        if request.query.is_empty() { String::new() } else { format!("?{}", request.query) };
    let url = format!("{base}{}{query}", request.path);
    let mut command = format!("curl -gsS {}", quoted(&visible(&url)));
    let own = [HOST, USER_AGENT, CONTENT_LENGTH];
    for (name, value) in request.headers.iter().filter(|(name, _)| !own.contains(name)) {
        let header = format!("{name}: {}", String::from_utf8_lossy(value.as_bytes()));
        command.push_str(" -H ");
        command.push_str(&quoted(&visible(&header)));
    }
    if request.method == "GET" {
        return command;
    }
    match std::str::from_utf8(&request.body) {
        // A line end within quotation marks ends nothing.
        Ok(body) if !body.contains(|c: char| c.is_control() && c != '\n') => {
            command.push_str(" --data-raw ");
            command.push_str(&quoted(body));
            command
        }
        _ => format!("printf {} | {command} --data-binary @-", quoted(&octal(&request.body))),
    }
}

/// `bytes` as the format of `printf` (POSIX.1-2017): what is no printable ASCII as an octal escape.
fn octal(bytes: &[u8]) -> String {
    let mut format = String::new();
    for byte in bytes {
        match byte {
            b'%' => format.push_str("%%"),
            b'\\' => format.push_str(r"\\"),
            b' '..=b'~' => format.push(char::from(*byte)),
            _ => {
                let _ = write!(format, r"\{byte:03o}");
            }
        }
    }
    format
}

#[cfg(test)]
#[cfg(unix)]
mod tests {
    use std::process::Command;

    use http::HeaderMap;

    use super::*;

    #[test]
    fn a_shell_sends_the_very_body_and_gets_no_control_character() {
        for body in [
            &b"{\"a\": \"it's\"}"[..],
            b"x\x03\necho PWN\n#",
            b"@/etc/passwd",
            b"{\n  \"a\": 1\n}",
            b"100%\\ \xff\x00\x1b[A'",
            b"",
        ] {
            let request = HttpRequest {
                method: "POST".to_owned(),
                path: "/[1-50]".to_owned(),
                query: String::new(),
                headers: HeaderMap::new(),
                body: body.to_vec(),
            };
            let command = command("http://127.0.0.1:1", &request);
            assert!(command.chars().all(|c| !c.is_control() || c == '\n'), "{command:?}");
            assert!(command.contains("curl -gsS ") && !command.contains(" -d "), "{command}");
            // In the place of curl, what prints what it would send.
            let sent = if let Some((printf, curl)) = command.split_once(" | ") {
                assert!(curl.ends_with("--data-binary @-"), "{curl}");
                printf.to_owned()
            } else {
                let (_, raw) = command.split_once("--data-raw ").expect("a body");
                format!("printf %s {raw}")
            };
            let said = Command::new("sh").args(["-c", &sent]).output().expect("a shell");
            assert_eq!(said.stdout, body, "{command}");
        }
    }
}
