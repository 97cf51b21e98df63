//! Columns of text.

use std::fmt::Write as _;

use local::terminal::visible;

/// Columns as wide as their widest cell, without colours. What a cell could do to a terminal is an
/// escape in it.
#[must_use]
pub fn table<const N: usize>(headings: [&str; N], rows: &[[String; N]]) -> String {
    let headings = headings.map(str::to_owned);
    let rows =
        std::iter::once(&headings).chain(rows).map(|row| row.each_ref().map(|cell| visible(cell)));
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_are_as_wide_as_their_widest_cell() {
        let rows = [["a".to_owned(), "longer".to_owned()], ["wide".to_owned(), String::new()]];
        assert_eq!(table(["X", "Y"], &rows), "X     Y\na     longer\nwide\n");
    }

    #[test]
    fn a_cell_does_nothing_to_the_terminal_nor_to_its_column() {
        let rows = [["a\u{9b}1m".to_owned(), "b".to_owned()]];
        assert_eq!(table(["X", "Y"], &rows), "X          Y\na\\u{9b}1m  b\n");
    }
}
