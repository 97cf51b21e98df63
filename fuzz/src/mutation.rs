//! Random changes to inputs: single bytes, pieces, and whole tokens of JSON and of query strings.

/// A sequence of numbers that looks random and is the same for the same seed: `SplitMix64`.
#[derive(Debug, Clone)]
pub struct Random(u64);

impl Random {
    /// The sequence of `seed`.
    #[must_use]
    pub const fn new(seed: u64) -> Self {
        Self(seed)
    }

    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    /// A number below `end`; 0 where that is 0.
    fn below(&mut self, end: usize) -> usize {
        let end = u64::try_from(end).unwrap_or(u64::MAX).max(1);
        usize::try_from(self.next() % end).unwrap_or_default()
    }

    fn pick<'a, T>(&mut self, from: &'a [T]) -> Option<&'a T> {
        from.get(self.below(from.len()))
    }
}

/// The longest input, in bytes.
const LONGEST: usize = 70_000;

/// Tokens on which readers are known to stumble, with white space between them.
const TOKENS: &str = r#"
    null true false "" "0" {} [] [[]] {"a":1,"a":2} \ " , : { } [ ]
    0 -0 1 -1 00 1.0 1.50 "1." "+1" 1e2 1e-2 1e999999999 1e-99999 9007199254740993
    9999999999999999999999999999 79228162514264337593543950335 0.0000000000000000000000000001
    "\u0000" "\u0061" "\ud800" "\ud83d\ude00" "\n" "é"
    & = % %00 %26 %C3 + # ~
"#;

/// Makes inputs out of others.
#[derive(Debug)]
pub struct Mutator {
    inputs: Vec<Vec<u8>>,
    tokens: Vec<Vec<u8>>,
    random: Random,
}

impl Mutator {
    /// Makes inputs out of `inputs`, the same ones for the same `random`.
    #[must_use]
    pub fn new(inputs: Vec<Vec<u8>>, random: Random) -> Self {
        let tokens = TOKENS.split_whitespace().chain(["\n", "\u{feff}", "\u{202e}"]);
        let mut tokens: Vec<_> = tokens.map(|token| token.as_bytes().to_vec()).collect();
        for input in &inputs {
            tokens.extend(words(input));
        }
        tokens.sort();
        tokens.dedup();
        Self { inputs, tokens, random }
    }

    /// The next input.
    #[must_use]
    pub fn next_input(&mut self) -> Vec<u8> {
        let mut input = self.random.pick(&self.inputs).cloned().unwrap_or_default();
        // Seldom many at once: a change is no good that nobody gets to see.
        for _ in 0..1 << self.random.below(4) {
            self.change(&mut input);
        }
        input.truncate(LONGEST);
        input
    }

    fn change(&mut self, input: &mut Vec<u8>) {
        let at = self.random.below(input.len() + 1);
        match self.random.below(8) {
            0 => {
                if let Some(byte) = input.get_mut(at) {
                    *byte ^= 1 << self.random.below(8);
                }
            }
            1 => {
                let byte = self.random.next().to_le_bytes()[0];
                input.insert(at, byte);
            }
            2 => {
                let end = at + self.random.below((input.len() - at).min(32) + 1);
                input.drain(at..end);
            }
            3 => {
                let end = at + self.random.below((input.len() - at).min(64) + 1);
                let piece = input[at..end].repeat(1 + self.random.below(3));
                input.splice(end..end, piece);
            }
            4 => {
                let token = self.token();
                input.splice(at..at, token);
            }
            5 | 6 => {
                let (start, end) = word_from(input, at);
                let token = self.token();
                input.splice(start..end, token);
            }
            _ => {
                let other = self.random.pick(&self.inputs).cloned().unwrap_or_default();
                let start = self.random.below(other.len() + 1);
                let end = start + self.random.below((other.len() - start).min(256) + 1);
                input.splice(at..at, other[start..end].iter().copied());
            }
        }
    }

    fn token(&mut self) -> Vec<u8> {
        self.random.pick(&self.tokens).cloned().unwrap_or_default()
    }
}

/// The first word at or behind `at`: a string with its quotes, or letters and digits.
fn word_from(input: &[u8], at: usize) -> (usize, usize) {
    let plain = |byte: &u8| byte.is_ascii_alphanumeric() || b"_-.".contains(byte);
    let start = input[at..].iter().position(|byte| *byte == b'"' || plain(byte));
    let Some(start) = start.map(|start| start + at) else { return (at, at) };
    let length = if input[start] == b'"' {
        let end = input[start + 1..].iter().position(|byte| *byte == b'"');
        end.map_or(1, |end| end + 2)
    } else {
        let end = input[start..].iter().position(|byte| !plain(byte));
        end.unwrap_or(input.len() - start)
    };
    (start, start + length)
}

/// The words in `input` that are short enough to be names or values.
fn words(input: &[u8]) -> Vec<Vec<u8>> {
    let mut words = Vec::new();
    let mut at = 0;
    while at < input.len() {
        let (start, end) = word_from(input, at);
        if start == end {
            break;
        }
        if (2..=40).contains(&(end - start)) {
            words.push(input[start..end].to_vec());
        }
        at = end;
    }
    words
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_strings_and_numbers() {
        let found = words(br#"{"id" : "m-1", "xp":-1.50, "a":""}&user=x%20y"#);
        let expected =
            [r#""id""#, r#""m-1""#, r#""xp""#, "-1.50", r#""a""#, r#""""#, "user", "20y"];
        let found: Vec<_> = found.iter().map(|word| String::from_utf8_lossy(word)).collect();
        assert_eq!(found, expected);
    }

    #[test]
    fn one_seed_gives_one_sequence() {
        let inputs = || vec![br#"{"id":1}"#.to_vec(), b"a=b".to_vec(), Vec::new()];
        let sequence = |seed| {
            let mut mutator = Mutator::new(inputs(), Random::new(seed));
            (0..100).map(|_| mutator.next_input()).collect::<Vec<_>>()
        };
        assert_eq!(sequence(1), sequence(1));
        assert_ne!(sequence(1), sequence(2));
        let different: std::collections::HashSet<_> = sequence(1).into_iter().collect();
        assert!(different.len() > 50, "{}", different.len());
    }

    #[test]
    fn there_may_be_nothing_to_start_from() {
        let mut mutator = Mutator::new(Vec::new(), Random::new(1));
        for _ in 0..100 {
            let _ = mutator.next_input();
        }
    }
}
