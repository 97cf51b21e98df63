//! Who may ask a port of this machine: its own programs, and neither web pages nor other machines.
//!
//! A page in a browser can send requests to the loopback. Its own name, pointed at 127.0.0.1 once it is
//! loaded, even lets it read the answers (DNS rebinding); then the name is what `Host` says. Whatever else a
//! page sends that could change something carries `Origin` (Fetch standard, "Origin header"), and what only
//! asks, as for a picture, `Sec-Fetch-Site` (Fetch Metadata Request Headers), which is `none` where a person
//! typed the address.

use std::net::{IpAddr, SocketAddr};

use bytes::Bytes;
use http::header::{HOST, HeaderMap, HeaderValue, ORIGIN};
use http::uri::Authority;
use http::{Response, StatusCode, Uri};

use crate::http_server;

/// The names at which containers reach this machine: Docker's and Podman's.
const FOR_CONTAINERS: [&str; 2] = ["host.docker.internal", "host.containers.internal"];

/// Says what asks: a page of this or another site, or a person.
const FETCH_SITE: &str = "sec-fetch-site";

/// Whom a port answers beside the programs of this machine that name it as such.
#[derive(Debug, Clone, Default)]
pub struct Access {
    /// Containers: requests for the names that they have for this machine, or for the address at which it
    /// was reached.
    pub containers: bool,
    /// Requests for these hosts.
    pub hosts: Vec<String>,
}

impl Access {
    /// Whether whoever connects from `peer` to `here` is heard at all: this machine, and with containers
    /// the private networks (RFC 1918, RFC 3927), which theirs are.
    #[must_use]
    pub fn hears(&self, peer: SocketAddr, here: SocketAddr) -> bool {
        let private = match peer.ip().to_canonical() {
            IpAddr::V4(ip) => ip.is_private() || ip.is_link_local(),
            IpAddr::V6(_) => false,
        };
        peer.ip().to_canonical().is_loopback()
            || peer.ip() == here.ip()
            || (self.containers && private)
    }

    /// The refusal of a request for `uri` with `headers` that reached this machine at `here`; none where it
    /// may be answered.
    #[must_use]
    pub fn refusal(
        &self,
        uri: &Uri,
        headers: &HeaderMap,
        here: SocketAddr,
    ) -> Option<Response<Bytes>> {
        let typed = |site: &HeaderValue| site.as_bytes() == b"none";
        let problem = if headers.contains_key(ORIGIN) {
            r#"{"message":"Web pages are not answered: the request has an Origin header"}"#
        } else if !headers.get_all(FETCH_SITE).iter().all(typed) {
            r#"{"message":"Web pages are not answered: the Sec-Fetch-Site header names one"}"#
        } else if !self.names_us(uri, headers, here) {
            r#"{"message":"The Host header does not name this machine; see --allow-host and --listen-for-containers"}"#
        } else {
            return None;
        };
        Some(http_server::json(StatusCode::FORBIDDEN, problem.to_owned()))
    }

    /// Whether the request says once, and only of a host that is allowed, whom it is for.
    fn names_us(&self, uri: &Uri, headers: &HeaderMap, here: SocketAddr) -> bool {
        let mut hosts = headers.get_all(HOST).iter();
        let (Some(host), None) = (hosts.next(), hosts.next()) else { return false };
        let Ok(host) = Authority::try_from(host.as_bytes()) else { return false };
        self.allows(&host, here) && uri.authority().is_none_or(|named| self.allows(named, here))
    }

    fn allows(&self, named: &Authority, here: SocketAddr) -> bool {
        // "user@localhost" names localhost, and no client sends it.
        if named.as_str().contains('@') {
            return false;
        }
        let name = named.host();
        let is = |known: &str| name.eq_ignore_ascii_case(known);
        let reached = || name.parse::<IpAddr>().is_ok_and(|ip| ip == here.ip().to_canonical());
        ["127.0.0.1", "localhost", "[::1]"].into_iter().any(is)
            || (self.containers && (FOR_CONTAINERS.into_iter().any(is) || reached()))
            || self.hosts.iter().any(|host| is(host))
    }
}

/// Reads the name of a host.
pub fn parse_host(text: &str) -> Result<String, String> {
    let named = Authority::try_from(text).ok();
    let is_name = named.is_some_and(|named| named.host() == text) && !text.contains('*');
    if is_name {
        Ok(text.to_owned())
    } else {
        Err("name a host alone, as mine.tunnel.example: no scheme, port, path or *".to_owned())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn here(ip: &str) -> SocketAddr {
        SocketAddr::new(ip.parse().expect("an address"), 8000)
    }

    fn status(access: &Access, uri: &str, headers: &[(&str, &str)], reached: &str) -> Option<u16> {
        let mut map = HeaderMap::new();
        for (name, value) in headers {
            let name: http::HeaderName = name.parse().expect("a name");
            map.append(name, value.parse().expect("a value"));
        }
        let refusal = access.refusal(&uri.parse().expect("a URI"), &map, here(reached))?;
        Some(refusal.status().as_u16())
    }

    fn answers(access: &Access, host: &str, reached: &str) -> bool {
        status(access, "/", &[("host", host)], reached).is_none()
    }

    #[test]
    fn only_this_machine_is_named() {
        let access = Access::default();
        for host in
            ["127.0.0.1", "127.0.0.1:3000", "localhost", "LocalHost:8000", "[::1]", "[::1]:1"]
        {
            assert!(answers(&access, host, "127.0.0.1"), "{host}");
        }
        for host in [
            "evil.example",
            "127.0.0.1.evil.example",
            "localhost.evil.example:8000",
            "localhost.",
            "evil.example:127",
            "x@localhost",
            "127.0.0.1@evil.example",
            "127.0.0.2",
            "0.0.0.0:8000",
            "2130706433",
            "172.17.0.1:8000",
            "host.docker.internal:8000",
            "",
            " ",
            "[::1",
            "::1",
        ] {
            assert!(!answers(&access, host, "127.0.0.1"), "{host}");
        }
        assert_eq!(status(&access, "/", &[], "127.0.0.1"), Some(403), "nobody is named");
        let twice = [("host", "localhost"), ("host", "evil.example")];
        assert_eq!(status(&access, "/", &twice, "127.0.0.1"), Some(403));
        let local = [("host", "localhost")];
        assert_eq!(status(&access, "http://evil.example/", &local, "127.0.0.1"), Some(403));
        assert_eq!(status(&access, "http://localhost:1/", &local, "127.0.0.1"), None);
    }

    #[test]
    fn no_page_is_answered_wherever_it_is_from() {
        let everyone = Access { containers: true, hosts: vec!["name.example".to_owned()] };
        for access in [Access::default(), everyone] {
            for origin in ["https://evil.example", "http://localhost:3000", "null", ""] {
                let headers = [("host", "localhost:3000"), ("origin", origin)];
                assert_eq!(status(&access, "/", &headers, "127.0.0.1"), Some(403), "{origin}");
            }
        }
    }

    #[test]
    fn no_page_asks_for_a_picture_and_a_person_may_look() {
        let access = Access::default();
        for (site, expected) in [
            ("cross-site", Some(403)),
            ("same-site", Some(403)),
            ("same-origin", Some(403)),
            ("", Some(403)),
            ("none", None),
        ] {
            let headers = [("host", "localhost:3001"), ("sec-fetch-site", site)];
            assert_eq!(status(&access, "/public/x", &headers, "127.0.0.1"), expected, "{site}");
        }
    }

    #[test]
    fn a_host_is_named_as_a_request_names_it() {
        for name in ["mine.tunnel.example", "LOCALHOST", "10.0.0.1", "[fd00::1]"] {
            assert_eq!(parse_host(name), Ok(name.to_owned()));
        }
        for name in
            ["", "*", "*.example", "https://a.example", "a.example:443", "a.example/", "b@a", "a b"]
        {
            assert!(parse_host(name).is_err(), "{name}");
        }
    }

    #[test]
    fn containers_name_this_machine_in_their_way() {
        let access = Access { containers: true, ..Access::default() };
        for (host, reached) in [
            ("host.docker.internal:8000", "172.17.0.1"),
            ("host.docker.internal:8000", "127.0.0.1"),
            ("host.containers.internal:8000", "10.88.0.1"),
            ("172.17.0.1:8000", "172.17.0.1"),
        ] {
            assert!(answers(&access, host, reached), "{host}");
        }
        for host in ["evil.example", "172.17.0.2", "docker.internal", "x.host.docker.internal"] {
            assert!(!answers(&access, host, "172.17.0.1"), "{host}");
        }
    }

    #[test]
    fn a_host_of_ones_own_is_the_one_that_was_named() {
        let access = Access { hosts: vec!["Mine.tunnel.example".to_owned()], ..Access::default() };
        assert!(answers(&access, "mine.tunnel.example", "127.0.0.1"));
        assert!(answers(&access, "mine.tunnel.example:443", "127.0.0.1"));
        assert!(!answers(&access, "other.tunnel.example", "127.0.0.1"));
        assert!(!answers(&access, "host.docker.internal", "127.0.0.1"));
    }

    #[test]
    fn containers_are_heard_from_private_networks_alone() {
        let containers = Access { containers: true, ..Access::default() };
        for (peer, here_ip, heard, heard_by_default) in [
            ("127.0.0.1", "127.0.0.1", true, true),
            ("172.17.0.2", "172.17.0.1", true, false),
            ("10.88.0.7", "10.88.0.1", true, false),
            ("169.254.1.2", "192.168.1.5", true, false),
            // Rootless Podman's connections come from the machine's own address.
            ("203.0.113.9", "203.0.113.9", true, true),
            ("198.51.100.7", "203.0.113.9", false, false),
            ("100.64.0.3", "100.64.0.2", false, false),
        ] {
            let (peer, here) = (here(peer), here(here_ip));
            assert_eq!(containers.hears(peer, here), heard, "{peer}");
            assert_eq!(Access::default().hears(peer, here), heard_by_default, "{peer}");
        }
    }
}
