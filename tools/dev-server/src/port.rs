//! The ports that are listened on.

use std::io::{self, ErrorKind};
use std::net::{IpAddr, Ipv4Addr};
use std::sync::Arc;

use tokio::net::TcpListener;

use crate::access::Access;
use crate::http_server::{self, Answer};

/// A port that cannot be listened on.
#[derive(Debug, thiserror::Error)]
#[error("port {port} of {ip} cannot be used ({error}); choose another with {option}")]
pub struct PortError {
    /// The address that was to be listened on.
    pub ip: IpAddr,
    /// The port that was to be listened on.
    pub port: u16,
    /// The option that sets it.
    pub option: &'static str,
    /// What the operating system says.
    pub error: io::Error,
}

/// A port of one of the services.
#[derive(Debug)]
pub struct Port {
    access: Access,
    /// The first is on the loopback, and others have its port.
    listeners: Vec<TcpListener>,
    number: u16,
}

impl Port {
    /// Listens on the loopback, and on `more`, at `port`, which `option` sets; a port of 0 becomes a real
    /// one.
    pub async fn open(
        access: Access,
        more: Option<Ipv4Addr>,
        mut port: u16,
        option: &'static str,
    ) -> Result<Self, PortError> {
        let addresses = match more {
            None | Some(Ipv4Addr::LOCALHOST) => vec![Ipv4Addr::LOCALHOST],
            Some(Ipv4Addr::UNSPECIFIED) => vec![Ipv4Addr::UNSPECIFIED],
            Some(address) => vec![Ipv4Addr::LOCALHOST, address],
        };
        let mut listeners = Vec::with_capacity(addresses.len());
        for ip in addresses.into_iter().map(IpAddr::from) {
            let refused = |error: io::Error| {
                // No other port helps where the address is another machine's.
                let elsewhere = error.kind() == ErrorKind::AddrNotAvailable;
                let option = if elsewhere { "--listen-for-containers" } else { option };
                PortError { ip, port, option, error }
            };
            let listener = TcpListener::bind((ip, port)).await.map_err(refused)?;
            port = listener.local_addr().map_err(refused)?.port();
            listeners.push(listener);
        }
        Ok(Self { access, listeners, number: port })
    }

    /// Its number.
    #[must_use]
    pub const fn number(&self) -> u16 {
        self.number
    }

    /// Its URL on this machine.
    #[must_use]
    pub fn url(&self) -> String {
        format!("http://127.0.0.1:{}", self.number)
    }

    /// Serves `service` until the process ends.
    pub fn serve(self, service: impl Answer) {
        let service = Arc::new(service);
        for listener in self.listeners {
            let (access, service) = (self.access.clone(), Arc::clone(&service));
            tokio::spawn(http_server::serve_to(access, service, listener));
        }
    }
}
