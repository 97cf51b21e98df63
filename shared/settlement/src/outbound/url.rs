//! Where requests go.

use std::fmt;

use http::Uri;
use http::uri::Scheme;
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use settings::{ConfigError, Settings};

/// All but the unreserved characters of RFC 3986.
const ESCAPED: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');

/// An absolute HTTP or HTTPS URL. Debug shows its host and no more of it.
#[derive(Clone, PartialEq, Eq)]
pub struct Url(Uri);

impl fmt::Debug for Url {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Url").field(&self.0.host().unwrap_or_default()).finish()
    }
}

impl Url {
    /// The URL that the setting `variable` is: absolute, of HTTP or HTTPS, without a user name in it.
    pub fn configure(settings: &Settings, variable: &'static str) -> Result<Self, ConfigError> {
        const EXPECTED: &str = "an absolute http or https URL";
        let url = settings.parsed(variable, EXPECTED, Self::parse)?;
        url.ok_or(ConfigError { variable, expected: EXPECTED })
    }

    fn parse(text: &str) -> Option<Self> {
        let uri: Uri = text.parse().ok()?;
        let usable = matches!(uri.scheme_str(), Some("http" | "https"))
            && uri.host().is_some_and(|host| !host.is_empty())
            && uri.authority().is_some_and(|authority| !authority.as_str().contains('@'));
        usable.then_some(Self(uri))
    }

    /// The URL as it is.
    #[must_use]
    pub fn as_uri(&self) -> &Uri {
        &self.0
    }

    /// Whether it is HTTPS.
    #[must_use]
    pub fn is_https(&self) -> bool {
        self.0.scheme() == Some(&Scheme::HTTPS)
    }

    /// The URL with one more parameter in its query; `None` where that is longer than a URL can be.
    #[must_use]
    pub fn with_parameter(&self, name: &str, value: &str) -> Option<Uri> {
        let (path, query) = (self.0.path(), self.0.query().unwrap_or_default());
        let and = if query.is_empty() || query.ends_with('&') { "" } else { "&" };
        let [name, value] = [name, value].map(percent_encoded);
        let mut parts = self.0.clone().into_parts();
        parts.path_and_query = Some(format!("{path}?{query}{and}{name}={value}").parse().ok()?);
        Uri::from_parts(parts).ok()
    }
}

/// `text` as it stands in a query string.
pub(crate) fn percent_encoded(text: &str) -> String {
    utf8_percent_encode(text, ESCAPED).to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn url(text: &str) -> Url {
        Url::parse(text).expect(text)
    }

    #[test]
    fn only_an_absolute_http_url_is_one() {
        for text in [
            "http://127.0.0.1:3001/giveaway",
            "https://example.com",
            "HTTPS://EXAMPLE.COM/a?b=c",
            "http://[::1]:80/",
        ] {
            url(text);
        }
        for text in [
            "",
            "example.com",
            "example.com:443",
            "/path",
            "//example.com/path",
            "ftp://example.com/",
            "file:///etc/passwd",
            "https://",
            "https:///path",
            "https://user:password@example.com/",
            "https://example.com/a b",
            " https://example.com/",
        ] {
            assert!(Url::parse(text).is_none(), "{text}");
            let settings = Settings::from([("UPSTREAM_URL", text)]);
            let error = Url::configure(&settings, "UPSTREAM_URL").expect_err(text);
            assert_eq!(error.variable, "UPSTREAM_URL");
        }
        assert!(Url::configure(&Settings::default(), "UPSTREAM_URL").is_err());
    }

    #[test]
    fn a_parameter_is_added_to_the_query_that_there_is() {
        for (base, with) in [
            ("https://a.example", "https://a.example/?k=v"),
            ("https://a.example/", "https://a.example/?k=v"),
            ("https://a.example?", "https://a.example/?k=v"),
            ("https://a.example/p", "https://a.example/p?k=v"),
            ("https://a.example/p/", "https://a.example/p/?k=v"),
            ("https://a.example/p/?", "https://a.example/p/?k=v"),
            ("https://a.example/p?a=b", "https://a.example/p?a=b&k=v"),
            ("https://a.example?a=b", "https://a.example/?a=b&k=v"),
            ("https://a.example/p?a=b&", "https://a.example/p?a=b&k=v"),
            ("https://a.example:8443/p#fragment", "https://a.example:8443/p?k=v"),
        ] {
            assert_eq!(url(base).with_parameter("k", "v").expect(base).to_string(), with);
        }
    }

    #[test]
    fn a_value_cannot_leave_its_parameter() {
        // By Python: urllib.parse.quote(value, safe="").
        for (value, encoded) in [
            ("a&b=c#d?e/f+g h%", "a%26b%3Dc%23d%3Fe%2Ff%2Bg%20h%25"),
            ("déjà✓", "d%C3%A9j%C3%A0%E2%9C%93"),
            ("a\r\nHost: x", "a%0D%0AHost%3A%20x"),
            ("-._~", "-._~"),
        ] {
            let uri = url("http://a.example/").with_parameter("k", value).expect(value);
            assert_eq!(uri.query(), Some(format!("k={encoded}").as_str()));
        }
        assert!(url("http://a.example/").with_parameter("k", &"x".repeat(70_000)).is_none());
    }

    #[test]
    fn a_url_is_not_printed() {
        let printed = format!("{:?}", url("https://a.example/hunter2?hunter3"));
        assert_eq!(printed, r#"Url("a.example")"#);
    }
}
