//! The URL that is put into a provider's dashboard.

use std::fmt::Write as _;

use verify::Route;

use crate::provider::ProviderEntry;

/// What stands in a URL in the place of the token that is made from the provider's key.
pub const TOKEN: &str = "TOKEN";

/// What stands behind the path of a route in a provider's dashboard.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Paste {
    /// The parameters with the provider's macros, from the question mark on; empty where there are none, or where
    /// the provider appends them itself.
    pub macros: String,
    /// Whether the URL carries a token.
    pub token: bool,
}

impl Paste {
    /// The URL of `route` at the API `base`.
    #[must_use]
    pub fn url(&self, base: &str, route: &Route) -> String {
        let base = base.trim_end_matches('/');
        let macros = self.macros.trim_start_matches('?');
        let token = self.token.then(|| format!("token={TOKEN}"));
        let parts = token.into_iter().chain((!macros.is_empty()).then(|| macros.to_owned()));
        let query = parts.collect::<Vec<_>>().join("&");
        let mark = if query.is_empty() { "" } else { "?" };
        format!("{base}{}{mark}{query}", route.path)
    }
}

/// The URLs of `provider` at the API `base`, a line each below what calls it, and how its token is made.
#[must_use]
pub fn urls(provider: &ProviderEntry, base: &str) -> String {
    let mut text = String::new();
    let mut token = false;
    for route in provider.routes() {
        let paste = provider.paste(&route);
        token |= paste.token;
        let _ =
            writeln!(text, "# {}, {}\n{}", provider.name, route.method, paste.url(base, &route));
    }
    if token {
        let _ = writeln!(
            text,
            "# {TOKEN} is made from the secret that {} signs with:\n\
             # printf 'the token of the callback URL' | openssl dgst -sha256 -hmac 'THE SECRET' -r | cut -c 1-32",
            provider.name
        );
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_url_has_the_macros_and_the_place_of_the_token() {
        let route = Route { method: "GET", path: "/acme" };
        for (macros, token, url) in [
            ("", false, "https://a.example/acme"),
            ("?tx={TX}&user=[%U%]", false, "https://a.example/acme?tx={TX}&user=[%U%]"),
            ("?tx={TX}", true, "https://a.example/acme?token=TOKEN&tx={TX}"),
            ("", true, "https://a.example/acme?token=TOKEN"),
        ] {
            let paste = Paste { macros: macros.to_owned(), token };
            assert_eq!(paste.url("https://a.example/", &route), url);
        }
    }
}
