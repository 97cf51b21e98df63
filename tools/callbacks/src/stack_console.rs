//! `callbacks console`: the page that `cargo run` has, about a stack on AWS.

use std::net::Ipv4Addr;

use console::server::PORT;
use console::{Console, ConsoleError};
use jiff::SignedDuration;
use operator::stack::Target;
use operator::time_arg::span;
use tokio::net::TcpStream;

/// Of which stack, and where.
#[derive(Debug, clap::Args)]
pub(crate) struct StackConsole {
    #[command(flatten)]
    place: Target,
    /// The port of the page
    #[arg(long, default_value_t = PORT)]
    console_port: u16,
    /// How far back the log is read: 15m, 24h, 7d
    #[arg(long, default_value = "15m", value_parser = span)]
    since: SignedDuration,
}

/// Why there is no page.
#[derive(Debug, thiserror::Error)]
pub(crate) enum StackConsoleError {
    /// That of this machine is not there.
    #[error(
        "nothing answers at http://127.0.0.1:{0}: the console of this machine is part of `cargo run`, and that of a \
         stack on AWS needs --stack NAME"
    )]
    NotHere(u16),
    /// There is none of the stack.
    #[error(transparent)]
    Console(#[from] ConsoleError),
}

impl StackConsoleError {
    /// As of the operator's commands: 3 where the stack cannot be looked at.
    pub(crate) const fn exit_code(&self) -> u8 {
        match self {
            Self::Console(ConsoleError::Operator(error)) => error.exit_code(),
            Self::Console(_) => 1,
            Self::NotHere(_) => 3,
        }
    }
}

impl StackConsole {
    /// Serves the page of a stack until the process ends; where that of this machine is, where no stack is named.
    pub(crate) async fn run(self) -> Result<String, StackConsoleError> {
        let port = self.console_port;
        let Some(stack) = self.place.stack.clone() else {
            let answers = TcpStream::connect((Ipv4Addr::LOCALHOST, port)).await.is_ok();
            let url = format!("http://127.0.0.1:{port}");
            return if answers { Ok(url) } else { Err(StackConsoleError::NotHere(port)) };
        };
        let console = Console::of_stack(self.place, self.since, port).await?;
        // Where nobody reads any more, it is served all the same.
        let _ = terminal::print(format_args!(
            "Console    {}   (stack {stack}; with your AWS credentials. Ctrl-C ends it.)",
            console.url()
        ));
        console.serve().await;
        Ok(String::new())
    }
}
