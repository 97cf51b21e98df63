//! Where requests may come from.

use std::borrow::Cow;
use std::net::IpAddr;

use ipnet::IpNet;
use settings::{ConfigError, Settings};
use verify::Refusal;

/// The setting with the list.
const VARIABLE: &str = "ALLOWED_NETWORKS";

/// The networks that a provider calls from.
///
/// A second lock, never the only one: whoever is let in still has to prove the callback.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Networks(Option<Vec<IpNet>>);

impl Networks {
    /// Takes the setting `ALLOWED_NETWORKS`: networks in CIDR notation (RFC 4632, RFC 4291 section 2.3),
    /// IPv4 and IPv6, with commas between them. Absent lets those of the provider's `own` in, or everyone.
    pub fn configure(
        settings: &Settings,
        own: Option<&[Cow<'static, str>]>,
    ) -> Result<Self, ConfigError> {
        let networks =
            |list: &str| list.split(',').map(|network| read(network.trim())).collect::<Option<_>>();
        let expected = "networks such as 192.0.2.0/24 or 2001:db8::/32 with commas between them";
        let listed = settings.parsed(VARIABLE, expected, networks)?;
        let all = |own: &[Cow<'static, str>]| {
            let networks = own.iter().map(|network| read(network)).collect::<Option<_>>();
            networks.ok_or(ConfigError { variable: VARIABLE, expected })
        };
        Ok(Self(match listed {
            Some(listed) => Some(listed),
            None => own.map(all).transpose()?,
        }))
    }

    /// Lets a request in that comes from `address`.
    ///
    /// # Errors
    ///
    /// [`Refusal::ForeignNetwork`], also for what is no address, where there is a list.
    pub fn admit(&self, address: Option<&str>) -> Result<(), Refusal> {
        let Some(networks) = &self.0 else { return Ok(()) };
        let address: Option<IpAddr> = address.and_then(|address| address.parse().ok());
        // An IPv4 address may be written as an IPv6 one (RFC 4291 section 2.5.5.2).
        let address = address.map(|address| address.to_canonical());
        let known = |address| networks.iter().any(|network| network.contains(&address));
        if address.is_some_and(known) { Ok(()) } else { Err(Refusal::ForeignNetwork) }
    }
}

/// A network in CIDR notation. Leading zeros are refused: some read them as octal (RFC 6943 section 3.1.1), and
/// `ipnet` does not.
fn read(text: &str) -> Option<IpNet> {
    let network: IpNet = text.parse().ok()?;
    let (address, prefix) = text.split_once('/')?;
    let plain = address.parse() == Ok(network.addr()) && prefix == network.prefix_len().to_string();
    plain.then_some(network)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn networks(list: &str) -> Result<Networks, ConfigError> {
        Networks::configure(&Settings::from([(VARIABLE, list)]), None)
    }

    #[test]
    fn without_a_list_everyone_is_let_in() {
        let absent = Networks::configure(&Settings::default(), None).expect("no list");
        assert_eq!(absent, networks("").expect("no list"));
        for address in [Some("192.0.2.1"), Some("2001:db8::1"), Some("nowhere"), Some(""), None] {
            assert_eq!(absent.admit(address), Ok(()), "{address:?}");
        }
    }

    #[test]
    fn only_the_networks_of_a_list_are_let_in() {
        let networks = networks("192.0.2.0/25, 203.0.113.7/32,2001:db8:1::/48").expect("a list");
        for address in [
            "192.0.2.0",
            "192.0.2.127",
            "203.0.113.7",
            "2001:db8:1::",
            "2001:DB8:1:ffff:ffff:ffff:ffff:ffff",
            "::ffff:192.0.2.1",
        ] {
            assert_eq!(networks.admit(Some(address)), Ok(()), "{address}");
        }
        for address in [
            "192.0.1.255",
            "192.0.2.128",
            "203.0.113.6",
            "203.0.113.8",
            "2001:db8:0:ffff:ffff:ffff:ffff:ffff",
            "2001:db8:2::",
            "::ffff:192.0.2.128",
            "::192.0.2.1",
            "192.0.2.1, 10.0.0.1",
            "192.0.2.1:443",
            "192.0.2.01",
            " 192.0.2.1",
            "192.0.2",
            "",
        ] {
            assert_eq!(networks.admit(Some(address)), Err(Refusal::ForeignNetwork), "{address}");
        }
        assert_eq!(networks.admit(None), Err(Refusal::ForeignNetwork));
    }

    #[test]
    fn a_provider_has_networks_of_its_own_until_a_setting_says_otherwise() {
        let own = [Cow::Borrowed("192.0.2.0/24")];
        let admits = |settings: Settings, address| {
            let networks = Networks::configure(&settings, Some(&own)).expect("a list");
            networks.admit(Some(address)).is_ok()
        };
        assert!(admits(Settings::default(), "192.0.2.1"));
        assert!(!admits(Settings::default(), "203.0.113.1"));
        let other = Settings::from([(VARIABLE, "203.0.113.0/24")]);
        assert!(admits(other.clone(), "203.0.113.1") && !admits(other, "192.0.2.1"));
        assert!(
            Networks::configure(&Settings::default(), Some(&[]))
                .expect("none")
                .admit(None)
                .is_err()
        );
    }

    #[test]
    fn a_network_may_be_everything_or_one_address() {
        let everything = networks("0.0.0.0/0,::/0").expect("a list");
        let one = networks("255.255.255.255/32,2001:DB8:1:2:3:4:5:6/128").expect("a list");
        for address in ["255.255.255.255", "2001:db8:1:2:3:4:5:6"] {
            assert_eq!(everything.admit(Some(address)), Ok(()), "{address}");
            assert_eq!(one.admit(Some(address)), Ok(()), "{address}");
        }
        assert_eq!(one.admit(Some("192.0.2.1")), Err(Refusal::ForeignNetwork));
    }

    #[test]
    fn a_network_may_be_named_by_any_of_its_addresses() {
        let networks = networks("192.0.2.77/24").expect("a list");
        assert_eq!(networks.admit(Some("192.0.2.200")), Ok(()));
    }

    #[test]
    fn a_list_that_is_none_is_no_list_of_everyone() {
        for list in [
            " ",
            ",",
            "192.0.2.0/24,",
            ",192.0.2.0/24",
            "192.0.2.0",
            "192.0.2.0/33",
            "192.0.2.0/-1",
            "192.0.2/24",
            "256.0.2.0/24",
            "192.0.02.0/24",
            "192.0.2.0/08",
            "1:2/32",
            "1:2:3:4:5:6:7:8:9/128",
            "20011:db8::/32",
            "2001:db8::/129",
            "2001:db8::",
            "192.0.2.0/24;203.0.113.0/24",
            "192.0.2.0/24 203.0.113.0/24",
            "*",
            "everyone",
        ] {
            assert_eq!(networks(list).expect_err(list).variable, VARIABLE);
        }
    }
}
