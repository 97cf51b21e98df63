//! Whether a text of a given form can be read in two ways.
//!
//! The form is taken as a position automaton (V. M. Glushkov, "The abstract theory of automata", 1961): a state for
//! each place of the form where a character may stand. Two readings of one text are two ways through it, which are
//! gone side by side here: a pair of places is reached where one character can stand at both.

use std::collections::HashSet;

use crate::field_type::FieldType;

/// Whose a character is: a field's, by its number, or nobody's.
pub(super) type Owner = Option<usize>;

/// What a character may be.
#[derive(Debug, Clone, Copy)]
pub(super) enum Symbol<'a> {
    /// This one.
    Is(char),
    /// One that a field of this type may have.
    In(&'a FieldType),
    /// A hex digit of either case.
    HexDigit,
    /// Any at all.
    Any,
    /// The secret as a whole: nobody who does not know it can write any part of it.
    Secret,
}

/// What may stand in a place of the form.
#[derive(Debug, Clone)]
pub(super) enum Texts<'a> {
    /// One of these, symbol by symbol.
    Words(Vec<Vec<Symbol<'a>>>),
    /// One symbol, once or more often.
    Run(Symbol<'a>),
}

/// A part of the form.
#[derive(Debug, Clone)]
pub(super) struct Part<'a> {
    pub(super) owner: Owner,
    pub(super) texts: Texts<'a>,
    /// Whether it may be nothing as well.
    pub(super) or_nothing: bool,
}

/// Where a text may be, having come through a part of the form: places of [`Automaton`].
pub(super) type Places = Vec<usize>;

/// A form, place by place; the first place is before all text.
#[derive(Debug)]
pub(super) struct Automaton<'a> {
    symbols: Vec<(Owner, Symbol<'a>)>,
    next: Vec<Places>,
    ends: HashSet<usize>,
    alphabet: Vec<char>,
}

/// The place before all text.
pub(super) const START: usize = 0;

impl<'a> Automaton<'a> {
    /// The automaton of no text at all. `special` are the characters beside ASCII that anything depends on.
    pub(super) fn new(special: impl Iterator<Item = char>) -> Self {
        // One more stands for all others, about which every type says the same.
        let alphabet = ('\0'..='\u{7f}').chain(special).chain(['\u{10fffd}']).collect();
        Self {
            symbols: vec![(None, Symbol::Any)],
            next: vec![Vec::new()],
            ends: HashSet::new(),
            alphabet,
        }
    }

    /// Lets `part` stand behind any of `before`; gives the places behind it.
    pub(super) fn append(&mut self, before: &[usize], part: &Part<'a>) -> Places {
        let mut behind = if part.or_nothing { before.to_vec() } else { Vec::new() };
        match &part.texts {
            Texts::Run(symbol) => {
                let place = self.place(before, part.owner, *symbol);
                self.next[place].push(place);
                behind.push(place);
            }
            Texts::Words(words) => {
                for word in words {
                    let step = |at: Places, symbol: &Symbol<'a>| {
                        vec![self.place(&at, part.owner, *symbol)]
                    };
                    behind.extend(word.iter().fold(before.to_vec(), step));
                }
            }
        }
        behind
    }

    fn place(&mut self, before: &[usize], owner: Owner, symbol: Symbol<'a>) -> usize {
        let place = self.symbols.len();
        self.symbols.push((owner, symbol));
        self.next.push(Vec::new());
        for at in before {
            self.next[*at].push(place);
        }
        place
    }

    /// Lets the text be over at any of `places`.
    pub(super) fn end(&mut self, places: Places) {
        self.ends.extend(places);
    }

    /// Two owners, of whom one text can be read as giving the same character to the one and to the other.
    pub(super) fn ambiguity(&self) -> Option<(Owner, Owner)> {
        let mut seen = HashSet::new();
        let mut open = vec![(START, START, None)];
        while let Some((one, other, apart)) = open.pop() {
            if apart.is_some() && self.ends.contains(&one) && self.ends.contains(&other) {
                return apart;
            }
            for (one, other) in pairs(&self.next[one], &self.next[other]) {
                if !self.meet(one, other) {
                    continue;
                }
                let owners = (self.symbols[one].0, self.symbols[other].0);
                let apart = apart.or((owners.0 != owners.1).then_some(owners));
                if seen.insert((one, other, apart.is_some())) {
                    open.push((one, other, apart));
                }
            }
        }
        None
    }

    /// Whether one character can stand at both places.
    fn meet(&self, one: usize, other: usize) -> bool {
        match (self.symbols[one].1, self.symbols[other].1) {
            (Symbol::Secret, Symbol::Secret) => true,
            (one, other) => self.alphabet.iter().any(|c| one.may_be(*c) && other.may_be(*c)),
        }
    }
}

impl Symbol<'_> {
    fn may_be(self, c: char) -> bool {
        match self {
            Self::Is(it) => it == c,
            Self::In(kind) => kind.may_have(c),
            Self::HexDigit => c.is_ascii_hexdigit(),
            Self::Any => true,
            Self::Secret => false,
        }
    }
}

fn pairs<'p>(ones: &'p [usize], others: &'p [usize]) -> impl Iterator<Item = (usize, usize)> + 'p {
    ones.iter().flat_map(|one| others.iter().map(|other| (*one, *other)))
}
