//! Enums that are kept as texts: each variant has one, in one table, from which it is written and read.

/// A text that none of an enum's variants has: another version may have written it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("no text that is known here")]
pub struct UnknownText;

/// Defines an enum whose variants are texts. All of its variants may be those of another such enum: `..`,
/// after the texts.
///
/// Gives it `as_str`, `all`, [`FromStr`](std::str::FromStr) and [`Display`](std::fmt::Display).
#[macro_export]
macro_rules! texts {
    (
        $(#[$meta:meta])*
        pub enum $name:ident {
            $($(#[$doc:meta])* $variant:ident = $text:literal,)*
            $(..$wrap:ident($inner:ty),)?
        }
    ) => {
        $(#[$meta])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum $name {
            $($(#[$doc])* $variant,)*
            $(
                #[doc = concat!("One of [`", stringify!($inner), "`].")]
                $wrap($inner),
            )?
        }

        impl $name {
            /// Its text, wherever it is kept or shown.
            #[must_use]
            pub const fn as_str(self) -> &'static str {
                match self {
                    $(Self::$variant => $text,)*
                    $(Self::$wrap(inner) => inner.as_str(),)?
                }
            }

            /// Every one of them.
            pub fn all() -> impl Iterator<Item = Self> {
                [$(Self::$variant),*].into_iter()$(.chain(<$inner>::all().map(Self::$wrap)))?
            }
        }

        impl std::str::FromStr for $name {
            type Err = $crate::texts::UnknownText;

            fn from_str(text: &str) -> Result<Self, Self::Err> {
                Self::all().find(|it| it.as_str() == text).ok_or($crate::texts::UnknownText)
            }
        }

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str(self.as_str())
            }
        }
    };
}

#[cfg(test)]
#[expect(unreachable_pub, reason = "what the macro makes is public")]
mod tests {
    use super::*;

    crate::texts! {
        /// The inner one.
        pub enum Inner {
            /// One.
            One = "one",
        }
    }

    crate::texts! {
        /// The outer one.
        pub enum Outer {
            /// Two.
            Two = "two_words",
            ..Within(Inner),
        }
    }

    #[test]
    fn a_text_is_read_as_it_was_written() {
        let all: Vec<_> = Outer::all().collect();
        assert_eq!(all, [Outer::Two, Outer::Within(Inner::One)]);
        for (outer, text) in all.into_iter().zip(["two_words", "one"]) {
            assert_eq!((outer.as_str(), outer.to_string().as_str()), (text, text));
            assert_eq!(text.parse(), Ok(outer));
        }
        for text in ["", "One", "one ", "Within", "two"] {
            assert_eq!(text.parse::<Outer>(), Err(UnknownText), "{text}");
        }
    }
}
