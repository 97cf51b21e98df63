//! A table for a screen of so many columns: what is too long loses its middle.

use std::fmt::Write as _;

use anstyle::Style;

use crate::{shortened, visible};

/// A column.
#[derive(Debug, Clone, Copy)]
pub struct Column {
    /// What stands above it.
    pub heading: &'static str,
    /// How narrow it may become, in characters.
    pub least: usize,
    /// Whether it is set to the right.
    pub right: bool,
}

/// What stands between two columns.
const BETWEEN: &str = "  ";

/// `rows` in `width` characters, as far as the least widths allow. The widest column gives way first. `style` says how a
/// cell looks, by its row and its column. What a cell could do to a terminal is an escape in it.
#[must_use]
pub fn fitting_table<const N: usize>(
    columns: [Column; N],
    rows: &[[String; N]],
    width: usize,
    style: impl Fn(usize, usize) -> Style,
) -> String {
    let rows: Vec<[String; N]> =
        rows.iter().map(|row| row.each_ref().map(|cell| visible(cell).into_owned())).collect();
    let widths = widths(&columns, &rows, width);
    let heading = columns.map(|column| column.heading.to_owned());
    let plain = |_: usize| Style::new();
    let mut text = line(&columns, &widths, &heading, plain);
    for (at, row) in rows.iter().enumerate() {
        text.push_str(&line(&columns, &widths, row, |column| style(at, column)));
    }
    text
}

fn widths<const N: usize>(columns: &[Column; N], rows: &[[String; N]], width: usize) -> [usize; N] {
    let mut widths: [usize; N] = std::array::from_fn(|at| {
        let cells = rows.iter().map(|row| row[at].chars().count());
        cells.max().unwrap_or_default().max(columns[at].heading.chars().count())
    });
    let between = BETWEEN.len() * N.saturating_sub(1);
    while widths.iter().sum::<usize>() + between > width {
        let wide = (0..N).filter(|at| widths[*at] > columns[*at].least);
        let Some(widest) = wide.max_by_key(|at| widths[*at]) else { break };
        widths[widest] -= 1;
    }
    widths
}

fn line<const N: usize>(
    columns: &[Column; N],
    widths: &[usize; N],
    cells: &[String; N],
    style: impl Fn(usize) -> Style,
) -> String {
    let mut text = String::new();
    let mut blanks = 0;
    for (at, cell) in cells.iter().enumerate() {
        let cell = shortened(cell, widths[at]);
        let left = widths[at].saturating_sub(cell.chars().count());
        let (before, behind) = if columns[at].right { (left, 0) } else { (0, left) };
        // Blanks at the end of a line are left out.
        text.push_str(&" ".repeat(blanks + before));
        let style = style(at);
        let _ = write!(text, "{style}{cell}{style:#}");
        blanks = behind + BETWEEN.len();
    }
    text.truncate(text.trim_end().len());
    text.push('\n');
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    const COLUMNS: [Column; 3] = [
        Column { heading: "Age", least: 3, right: true },
        Column { heading: "State", least: 5, right: false },
        Column { heading: "Id", least: 5, right: false },
    ];

    fn shown(width: usize) -> String {
        let row = |cells: [&str; 3]| cells.map(str::to_owned);
        let rows = [row(["3m", "held", "inbrain#reward#0001"]), row(["12m", "credited", "a"])];
        fitting_table(COLUMNS, &rows, width, |_, _| Style::new())
    }

    #[test]
    fn what_fits_is_whole_and_the_widest_column_gives_way_first() {
        let whole = "\
Age  State     Id
 3m  held      inbrain#reward#0001
12m  credited  a
";
        assert_eq!(shown(200), whole);
        assert_eq!(shown(34), whole);
        let narrow = "\
Age  State     Id
 3m  held      inbrai…d#0001
12m  credited  a
";
        assert_eq!(shown(28), narrow);
        for width in 17..60 {
            let text = shown(width);
            assert!(text.lines().all(|line| line.chars().count() <= width), "{width}: {text}");
        }
        // Less than the least is not to be had.
        assert_eq!(shown(0), shown(17));
    }

    #[test]
    fn a_style_is_around_its_cell_alone() {
        let rows = [["1m".to_owned(), "held".to_owned(), "a".to_owned()]];
        let styled = |_, column| if column == 1 { Style::new().bold() } else { Style::new() };
        let text = fitting_table(COLUMNS, &rows, 80, styled);
        assert!(text.ends_with(" 1m  \u{1b}[1mheld\u{1b}[0m   a\n"), "{text:?}");
    }

    #[test]
    fn a_cell_does_nothing_to_the_terminal() {
        let rows = [["\u{9b}".to_owned(), "\u{1b}[31m\n".to_owned(), "\u{202e}".to_owned()]];
        let text = fitting_table(COLUMNS, &rows, 80, |_, _| Style::new());
        assert!(text.chars().all(|c| c == '\n' || (' '..='~').contains(&c)), "{text:?}");
    }
}
