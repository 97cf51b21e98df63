//! Secrets Manager's part: one secret, in its protocol ("AWS JSON 1.1" in Smithy's documentation).

use std::net::{Ipv4Addr, SocketAddr};
use std::sync::{Arc, Mutex};

use serde_json::{Value, json};
use tokio::io::{AsyncBufReadExt as _, AsyncReadExt as _, AsyncWriteExt as _, BufReader};
use tokio::net::{TcpListener, TcpSocket, TcpStream};

/// What it does when it is asked for the secret.
#[derive(Debug, Clone)]
pub(crate) enum Reply {
    /// Hands it over.
    Secret(String),
    /// Hands it over as bytes.
    Binary(&'static str),
    /// Answers with an error of this type.
    Error(u16, &'static str),
    /// Answers with this body, whatever it is.
    Body(&'static str),
    /// Hangs up.
    HangUp,
    /// Says nothing.
    Silence,
}

/// A port that refuses connections until it is told what to reply.
#[derive(Debug)]
pub(crate) struct SecretsManager {
    address: SocketAddr,
    down: Mutex<Option<TcpSocket>>,
    state: Arc<Mutex<State>>,
}

#[derive(Debug)]
struct State {
    reply: Reply,
    reads: usize,
}

impl SecretsManager {
    /// Takes a port.
    pub(crate) fn down() -> Self {
        let socket = TcpSocket::new_v4().expect("a socket");
        socket.bind(SocketAddr::from((Ipv4Addr::LOCALHOST, 0))).expect("a port");
        Self {
            address: socket.local_addr().expect("an address"),
            down: Mutex::new(Some(socket)),
            state: Arc::new(Mutex::new(State { reply: Reply::HangUp, reads: 0 })),
        }
    }

    /// Replies so from the beginning, until the test's runtime ends.
    pub(crate) fn up(reply: Reply) -> Self {
        let up = Self::down();
        up.reply(reply);
        up
    }

    /// Its URL.
    pub(crate) fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// Hands `secret` to everybody from now on.
    pub(crate) fn serve(&self, secret: &str) {
        self.reply(Reply::Secret(secret.to_owned()));
    }

    /// Replies so from now on.
    pub(crate) fn reply(&self, reply: Reply) {
        self.state.lock().expect("no panic").reply = reply;
        if let Some(socket) = self.down.lock().expect("no panic").take() {
            let listener = socket.listen(16).expect("a listener");
            tokio::spawn(listen(listener, Arc::clone(&self.state)));
        }
    }

    /// How often it was asked for the secret.
    pub(crate) fn reads(&self) -> usize {
        self.state.lock().expect("no panic").reads
    }
}

async fn listen(listener: TcpListener, state: Arc<Mutex<State>>) {
    while let Ok((stream, _)) = listener.accept().await {
        tokio::spawn(converse(stream, Arc::clone(&state)));
    }
}

/// Answers every request on one connection.
async fn converse(stream: TcpStream, state: Arc<Mutex<State>>) -> std::io::Result<()> {
    let mut stream = BufReader::new(stream);
    loop {
        let mut head = String::new();
        while !head.ends_with("\r\n\r\n") {
            if stream.read_line(&mut head).await? == 0 {
                return Ok(());
            }
        }
        let head = head.to_ascii_lowercase();
        assert!(head.contains("x-amz-target: secretsmanager.getsecretvalue\r\n"), "{head}");
        let length = head.lines().find_map(|line| line.strip_prefix("content-length: "));
        let mut body = vec![0; length.and_then(|n| n.parse().ok()).expect("a length")];
        stream.read_exact(&mut body).await?;
        let asked: Value = serde_json::from_slice(&body).expect("JSON");
        assert_eq!(asked, json!({"SecretId": "keys"}));

        let reply = {
            let mut state = state.lock().expect("no panic");
            state.reads += 1;
            state.reply.clone()
        };
        let whole = |member: &str, value: &str| {
            json!({"ARN": "arn", "Name": "keys", "VersionId": "1", member: value}).to_string()
        };
        let (status, body) = match reply {
            Reply::Secret(secret) => (200, whole("SecretString", &secret)),
            Reply::Binary(base64) => (200, whole("SecretBinary", base64)),
            Reply::Error(status, kind) => {
                (status, json!({"__type": kind, "Message": "no"}).to_string())
            }
            Reply::Body(body) => (200, body.to_owned()),
            Reply::HangUp => return Ok(()),
            Reply::Silence => std::future::pending().await,
        };
        let reply = format!(
            "HTTP/1.1 {status} Status\r\ncontent-type: application/x-amz-json-1.1\r\n\
             content-length: {}\r\n\r\n{body}",
            body.len()
        );
        stream.write_all(reply.as_bytes()).await?;
    }
}
