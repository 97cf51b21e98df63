//! Texts of the data.

use serde::Deserialize;

/// A text, or pieces of it.
#[derive(Debug, Clone, Deserialize)]
#[serde(untagged)]
pub(crate) enum Text {
    /// As it is.
    Plain(String),
    /// Piece by piece.
    Pieces(Vec<Piece>),
}

/// A piece of a text.
#[derive(Debug, Clone, Deserialize)]
#[serde(untagged)]
pub(crate) enum Piece {
    /// As it is.
    Plain(String),
    /// Something that is there many times.
    Repeat(Repeat),
}

/// Something that is there many times.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Repeat {
    repeat: String,
    times: usize,
}

impl Text {
    /// The whole text.
    pub(crate) fn whole(&self) -> String {
        match self {
            Self::Plain(text) => text.clone(),
            Self::Pieces(pieces) => pieces.iter().map(Piece::whole).collect(),
        }
    }
}

impl Piece {
    fn whole(&self) -> String {
        match self {
            Self::Plain(text) => text.clone(),
            Self::Repeat(Repeat { repeat, times }) => repeat.repeat(*times),
        }
    }
}

impl Default for Text {
    fn default() -> Self {
        Self::Plain(String::new())
    }
}
