//! Columns of text.

use std::fmt::Write as _;

/// Columns as wide as their widest cell, without colours. What a cell could do to a terminal is taken
/// out of it.
#[must_use]
pub fn table<const N: usize>(headings: [&str; N], rows: &[[String; N]]) -> String {
    let headings = headings.map(str::to_owned);
    let rows =
        std::iter::once(&headings).chain(rows).map(|row| row.each_ref().map(|cell| shown(cell)));
    let rows: Vec<_> = rows.collect();
    let widths: [usize; N] = std::array::from_fn(|column| {
        rows.iter().map(|row| row[column].chars().count()).max().unwrap_or_default()
    });
    let mut text = String::new();
    for row in &rows {
        let mut line = String::new();
        for (cell, width) in row.iter().zip(widths) {
            let _ = write!(line, "{cell:<width$}  ");
        }
        let _ = writeln!(text, "{}", line.trim_end());
    }
    text
}

/// `text` on one line, without control characters and without those that change the order of the others.
#[must_use]
pub fn shown(text: &str) -> String {
    let harmless = |c: char| match c {
        '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' => '\u{fffd}',
        c if c.is_control() => '\u{fffd}',
        c => c,
    };
    text.chars().map(harmless).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_are_as_wide_as_their_widest_cell() {
        let rows = [["a".to_owned(), "longer".to_owned()], ["wide".to_owned(), String::new()]];
        assert_eq!(table(["X", "Y"], &rows), "X     Y\na     longer\nwide\n");
    }

    #[test]
    fn a_cell_does_nothing_to_the_terminal() {
        assert_eq!(shown("a\u{1b}[31m\nb\u{202e}c"), "a\u{fffd}[31m\u{fffd}b\u{fffd}c");
    }
}
