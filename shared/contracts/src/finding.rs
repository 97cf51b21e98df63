//! What the linter finds: each with a name, a sentence and a way out.

use std::fmt;

/// Something that is wrong with a contract, or worth knowing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Finding {
    /// What kind of thing.
    pub rule: Rule,
    /// What in the file it is about: a field, a route, a number of a list.
    pub about: String,
}

impl Finding {
    /// A finding of `rule` about `about`.
    pub fn new(rule: Rule, about: impl Into<String>) -> Self {
        Self { rule, about: about.into() }
    }

    /// What it is to who reads it: an error or a warning.
    #[must_use]
    pub fn severity(&self) -> &'static str {
        if self.rule.is_error() { "error" } else { "warning" }
    }
}

impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (name, says, way_out) = (self.rule.name(), self.rule.says(), self.rule.way_out());
        write!(f, "{}: {name}: {}: {says}. {way_out}.", self.severity(), self.about)
    }
}

macro_rules! rules {
    ($($(#[$meta:meta])* $variant:ident = $severity:ident $name:literal, $says:literal, $way_out:literal;)*) => {
        /// A rule of the linter.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum Rule {
            $(#[doc = $says] $variant,)*
        }

        impl Rule {
            /// All of them.
            pub const ALL: &'static [Self] = &[$(Self::$variant),*];

            /// Its name, as in `[accept]`.
            #[must_use]
            pub const fn name(self) -> &'static str {
                match self { $(Self::$variant => $name,)* }
            }

            /// What is wrong, in a sentence without its full stop.
            #[must_use]
            pub const fn says(self) -> &'static str {
                match self { $(Self::$variant => $says,)* }
            }

            /// What to do about it, in a sentence without its full stop.
            #[must_use]
            pub const fn way_out(self) -> &'static str {
                match self { $(Self::$variant => $way_out,)* }
            }

            const fn severity(self) -> Severity {
                match self { $(Self::$variant => Severity::$severity,)* }
            }
        }
    };
}

/// What a finding means for the contract.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Severity {
    /// It is not served.
    Error,
    /// It is not served unless the file names the weakness.
    Acceptable,
    /// It is said.
    Warning,
}

impl Rule {
    /// Whether a contract with such a finding is not served.
    #[must_use]
    pub fn is_error(self) -> bool {
        self.severity() != Severity::Warning
    }

    /// Whether `[accept]` may name it.
    #[must_use]
    pub fn is_acceptable(self) -> bool {
        self.severity() == Severity::Acceptable
    }

    /// The rule called `name`.
    #[must_use]
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|rule| rule.name() == name)
    }
}

rules! {
    BadName = Error "bad-name", "the name of a provider is 1 to 32 lower-case letters, digits and hyphens, a letter first",
        "Rename the file";
    BadVersion = Error "bad-version", "the version of the grammar is not known here",
        "Write `contract = 1`";
    NoSource = Error "no-source", "nobody can check a recipe that has no source",
        "Name the pages that it was taken from in `sources`";
    BadRoute = Error "bad-route", "a route has either `get` or `post`, and a path of its own below the provider's name",
        "Write `get = \"/NAME\"` or `post = \"/NAME/hook\"`; `body` goes with `post` alone";
    BadType = Error "bad-type", "there is no such type",
        "Take one of the types of the documentation, such as `id(64)`, `decimal>=0` or `{ one_of = [\"1\", \"2\"] }`";
    UndeclaredField = Error "undeclared-field", "a field is used that is not declared, or not of a type that this use takes",
        "Declare it in `[fields]`; an amount is a decimal or an integer, what identifies has to be there";
    NoCallback = Error "no-callback", "a contract without a kind of callback receives nothing",
        "Add a `[[callbacks]]` entry";
    BadCallback = Error "bad-callback", "the kind, class, route or condition of a callback cannot be used",
        "A kind and a class are snake_case; a route is the `hook` of one; what pays needs `amount` and `unit`; a condition names a text, or `<0` or `>=0` of an amount";
    BadCredential = Error "bad-credential", "the credential cannot be checked as it is written",
        "See the documentation of `[credential]`: a known scheme, a place, encodings, and `over`";
    BadTemplate = Error "bad-template", "the braces of a template do not match",
        "Write `{field}`; a brace of its own cannot be said";
    SecretMissing = Error "secret-missing", "a digest without the secret can be made by anyone",
        "Put `{secret}` where the provider puts it, or use an `hmac-` scheme, whose key it is";
    SecretRepeated = Error "secret-repeated", "the secret is there more than once",
        "Leave one `{secret}`; an `hmac-` scheme has none in its template";
    TemplateAmbiguous = Acceptable "template-ambiguous", "two different callbacks have the same signed text, so that one signature proves both",
        "Give one of the two fields a fixed length, or characters that it is `without`, so that the text can be split in one way only; where the provider's values do not allow it, accept it and demand `networks.required` or `token`";
    IdentityUnsigned = Acceptable "identity-unsigned", "whoever has seen one callback can send it again under a new id, for ever",
        "Sign the field; where the provider does not, accept it and demand `networks.required` or `token`";
    IdentityUnguarded = Error "identity-unguarded", "nothing stands in for the signature, which does not say what identifies the callback",
        "Set `token = true`, or `required = true` in `[networks]`";
    MoneyUnsigned = Acceptable "amount-unsigned", "whoever has seen one callback can send it with another amount",
        "Accept it, and set a `cap`, above which a person looks at it";
    UserUnsigned = Acceptable "user-unsigned", "whoever has seen one callback can send it for another user",
        "Accept it, and say how you live with it";
    KindUnsigned = Acceptable "kind-unsigned", "whoever has seen one callback can send it as one of another kind",
        "Accept it; keep what pays in one class, so that one identity is one callback";
    TestUnsigned = Acceptable "test-unsigned", "whoever has seen a test can send it as one that pays",
        "Accept it; a test and what pays then have one identity, so that the second is a conflict";
    UnitUnsigned = Acceptable "unit-unsigned", "whoever has seen one callback can send it with another unit",
        "Accept it, or give `unit` as a fixed text";
    WindowUnsigned = Error "window-unsigned", "whoever has seen one callback can send it again at any time, under another time",
        "Sign the field, or leave `window` out: it promises what it does not hold";
    CredentialNone = Acceptable "credential-none", "nothing proves a request but where it comes from, or the token of the URL",
        "Accept it, and set `required = true` in `[networks]`, or `token = true`";
    UnusedAccept = Error "unused-accept", "a weakness is accepted that the contract does not have, or that cannot be accepted",
        "Leave it out";
    VectorFails = Error "vector-fails", "a published example is not proved by this recipe",
        "The recipe is wrong, or the example is: find out which";
    SampleFails = Error "sample-fails", "a sample is not read as it says",
        "Its name begins with the provider's; its route is one of the contract's; `forged` and `refused` say what is wrong with it";
    BadAnswer = Error "bad-answer", "an answer cannot be given so",
        "What is stored is answered 2xx, what is refused 4xx or 2xx, our outage 5xx; a body may name fields of the identity";
    BadNetworks = Error "bad-networks", "a network is not in CIDR notation, or there is none to require",
        "Write `192.0.2.0/24`";
    BadSettings = Error "bad-settings", "a setting cannot change what it is named for",
        "Its name is of capitals, digits and underscores; `header` goes with a credential in a header, `paying` with `amount` and `unit`";
    ReversalAlone = Error "reversal-without-completion", "it takes back what nothing gave",
        "Give the callback that pays the effect `complete`";
    CompletionAlone = Warning "completion-without-reversal", "nothing takes back what is said to be taken back",
        "Give it the effect `credit`";
    LengthExtension = Warning "length-extension", "of a digest that begins with the secret, a longer text's is made without it",
        "Nothing to be done here; what may stand at the end of the text has to have a form";
    Md5 = Warning "md5", "MD5 is broken for collisions, not for this use, where its weakness is the short secret",
        "Ask the provider for an HMAC";
    Sha1 = Warning "sha1", "SHA-1 is broken for collisions, not for this use",
        "Ask the provider for HMAC-SHA256";
    Bearer = Warning "bearer", "the secret itself goes over the wire, and proves whatever stands beside it",
        "Nothing to be done here; whoever reads the provider's logs can make callbacks";
    Unconfirmed = Warning "unconfirmed", "no published example proves the recipe",
        "Compare it with a genuine callback before money depends on it";
    Unexplained = Error "unexplained", "a recipe without a published example says what is not confirmed",
        "Say in `unconfirmed` what no page of the provider's says";
    SecretShown = Warning "secret-shown", "another flow shows browsers digests that are made with this secret",
        "Give the field that is signed a form that the other flow's cannot have, and demand `[networks]`";
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_rule_has_a_name_of_its_own_and_ends_without_a_stop() {
        for rule in Rule::ALL {
            assert_eq!(Rule::named(rule.name()), Some(*rule));
            for sentence in [rule.says(), rule.way_out()] {
                assert!(!sentence.ends_with('.'), "{sentence}");
            }
        }
    }
}
