//! `cargo run` and its commands.

use crate::support::dev_server::{DevServer, port_options, run};
use crate::support::event::{self, Event};
use crate::support::operator::Operated;

#[tokio::test]
async fn the_bundle_says_how_to_call_it_and_ends_when_it_is_told() {
    let events = format!("{}/", bundle::project_file("events").display());
    for signal in ["INT", "TERM"] {
        let bundle = DevServer::start().await;
        assert!(bundle.said.len() <= 15, "{:#?}", bundle.said);
        assert!(bundle.said.iter().all(|line| line.chars().count() <= 100), "{:#?}", bundle.said);
        // Each command that it names is one, for the ports that it has.
        let commands =
            bundle.said.iter().filter_map(|line| line.trim().strip_prefix("cargo run -- "));
        let mut ran = 0;
        for command in commands {
            let words: Vec<_> =
                command.split(' ').map(|word| word.replace("events/", &events)).collect();
            let words: Vec<_> = words.iter().map(String::as_str).collect();
            let output = run(&words).await;
            assert!(output.status.success(), "{command}: {output:?}");
            ran += 1;
        }
        assert!(ran > 2, "{:#?}", bundle.said);
        let (status, _) = bundle.send(&Event::sample("giveaway-action")).await;
        assert_eq!(status, 200);
        assert!(bundle.end(signal).await, "{signal}");
    }
}

#[tokio::test]
async fn a_person_reads_a_short_line_of_each_request_and_each_attempt() {
    let mut bundle = DevServer::start_with(&["--log", "short"]).await;
    let genuine = Event::sample("inbrain-survey-completed");
    let nowhere = genuine.clone().with("rawPath", "/inbrain/nowhere");
    let mut forged = Event::sample("inbrain-forged");
    forged = forged.with("headers/x-note", "\u{e9}");
    for (event, ends) in [
        (&genuine, &["200 recorded", "-> credited"][..]),
        (&genuine, &["200 duplicate"]),
        (
            &forged,
            &["401 unauthenticated", "signed with none of the keys that are known here (sample)"],
        ),
        (&Event::sample("inbrain-malformed"), &["400 malformed RewardType"]),
        (&nowhere, &["404 no such route"]),
    ] {
        bundle.send(event).await;
        for end in ends {
            let line = bundle.next_line().await;
            assert!(line.ends_with(end) && line.chars().count() <= 100, "{line}");
            assert!(!line.contains('{') && !line.contains('\u{1b}'), "{line}");
        }
    }
}

#[tokio::test]
async fn sample_events_can_be_sent() {
    let bundle = DevServer::start().await;
    let mut kept = 0;
    for name in event::all_sample_names() {
        let file = bundle::project_file(&format!("events/{name}.json"));
        let file = file.to_str().expect("text");
        let sent = run(&["send", file, "--url", &bundle.url()]).await;
        let said = String::from_utf8(sent.stdout).expect("text");
        let expected = match name.rsplit('-').next() {
            Some("forged") => "401 ",
            Some("malformed") => "400 ",
            _ => r#"200 {"status":"recorded","#,
        };
        assert!(said.starts_with(expected), "{name}: {said}");
        assert_eq!(sent.status.success(), said.starts_with("200"), "{name}");
        kept += usize::from(sent.status.success());
    }
    assert_eq!(bundle.items().await.len(), kept);
}

#[tokio::test]
async fn what_was_signed_by_command_goes_through() {
    let bundle = DevServer::start().await;
    let folder = std::path::Path::new(env!("CARGO_TARGET_TMPDIR"));
    let file = folder.join("signed-by-command.json");
    std::fs::write(&file, r#"{"id":"by-command","scope":"user_login","user_id":"it's $me"}"#)
        .expect("a file");
    let file = file.to_str().expect("text");
    let signed = run(&["sign", "claimr", file, "--url", &bundle.url()]).await;
    let signed = String::from_utf8(signed.stdout).expect("text");
    // What a shell makes of the words after `curl`, line by line.
    let words = std::process::Command::new("sh")
        .args(["-c", &signed.replacen("curl", r"printf '%s\n'", 1)])
        .output()
        .expect("a shell");
    let words = String::from_utf8(words.stdout).expect("text");
    let words: Vec<_> = words.lines().collect();
    let after = |option: &str| {
        let at = words.iter().position(|word| *word == option).expect(option);
        words[at + 1]
    };
    let headers = words.iter().filter_map(|word| word.split_once(": "));
    let mut event = Event::sample("claimr-user-login").with("body", after("--data-raw"));
    for (name, value) in headers {
        event = event.with(&format!("headers/{}", name.to_lowercase()), value);
    }
    let length = event.body().len().to_string();
    let (status, answer) = bundle.send(&event.with("headers/content-length", length)).await;
    assert_eq!((status, &answer["id"]), (200, &"claimr#webhook#user_login#by-command".into()));
}

#[tokio::test]
async fn nothing_is_dispatched_where_that_is_asked_for() {
    let options = ["--no-dispatch", "--time-scale", "1000"];
    let bundle = Operated(DevServer::start_with(&options).await);
    let left = bundle.record(&Event::sample("inbrain-survey-completed")).await;
    let sent = bundle.record(&Event::sample("inbrain-profiler-completed")).await;
    bundle.run(&["re-emit", &sent]).await.ended(0);
    bundle.settles(&sent, "credited").await;
    bundle.settles(&left, "recorded").await;
}

#[tokio::test]
async fn a_port_in_use_is_a_clear_message() {
    let taken = std::net::TcpListener::bind("127.0.0.1:0").expect("a port");
    let port = taken.local_addr().expect("an address").port().to_string();
    let options = port_options().await;
    for taken in &options {
        let arguments = options.iter().flat_map(|option| {
            let free = if option == taken { port.as_str() } else { "0" };
            [option.as_str(), free]
        });
        let said = run(&arguments.collect::<Vec<_>>()).await;
        let error = String::from_utf8(said.stderr).expect("text");
        assert!(!said.status.success(), "{error}");
        assert!(error.starts_with("error: ") && error.lines().count() == 1, "{error}");
        assert!(error.contains(&port) && error.contains(taken), "{error}");
    }
}

#[tokio::test]
async fn a_data_directory_belongs_to_one_bundle_and_to_nothing_else() {
    let place = std::path::Path::new(env!("CARGO_TARGET_TMPDIR")).join("one-at-a-time");
    let _ = std::fs::remove_dir_all(&place);
    let text = |path: &std::path::Path| path.to_str().expect("text").to_owned();
    let refused = async |directory: &str| {
        let mut arguments = vec!["--data-dir".to_owned(), directory.to_owned()];
        arguments.extend(port_options().await.into_iter().flat_map(|it| [it, "0".to_owned()]));
        let ended = run(&arguments.iter().map(String::as_str).collect::<Vec<_>>()).await;
        assert!(!ended.status.success(), "{directory}");
        let said = String::from_utf8(ended.stderr).expect("text");
        assert!(said.starts_with("error: ") && said.lines().count() == 1, "{said}");
        said
    };
    let directory = text(&place);
    let first = DevServer::start_with(&["--data-dir", &directory]).await;
    let said = refused(&directory).await;
    assert!(said.contains(&directory) && said.contains("in use"), "{said}");
    assert_eq!(first.send(&Event::sample("giveaway-action")).await.0, 200);
    first.kill().await;
    // A process that was killed leaves no lock.
    let second = DevServer::start_with(&["--data-dir", &directory]).await;
    assert_eq!(second.count_items().await, 1);
    assert!(second.end("TERM").await);

    let notes = place.join("providers.sqlite");
    std::fs::write(&notes, "my notes").expect("written");
    let said = refused(&directory).await;
    assert!(said.contains(&text(&notes)) && said.contains("no database"), "{said}");
    let said = refused(&text(&notes)).await;
    assert!(said.contains(&text(&notes)) && said.contains("cannot be used"), "{said}");
}
