//! The chart: start to first answer, each bar with its quartiles, on a logarithmic scale.

use std::fmt::{self, Write as _};

use crate::measure;
use crate::results::{Results, Row};
use crate::store::Kind;
use crate::subject::Role;

const WIDTH: f64 = 860.0;
const LEFT: f64 = 290.0;
const RIGHT: f64 = 70.0;
const BAR: f64 = 16.0;
const PITCH: f64 = 24.0;
/// Height above the bars of a store.
const HEAD: f64 = 44.0;
/// Height below them, with the scale.
const FOOT: f64 = 30.0;

/// The chart as SVG; `None` where nothing was measured.
#[must_use]
pub fn svg(results: &Results) -> Option<String> {
    let panels: Vec<(Kind, Vec<&Row>)> = [Kind::Stub, Kind::StubOverTls]
        .into_iter()
        .map(|kind| (kind, results.rows.iter().filter(|row| row.kind == kind).collect()))
        .filter(|(_, rows): &(_, Vec<_>)| !rows.is_empty())
        .collect();
    let answers = || results.rows.iter().filter_map(|row| row.spread(measure::first_answer));
    let smallest = answers().map(|spread| spread.lower).min_by(f64::total_cmp)?;
    let largest = answers().map(|spread| spread.upper).max_by(f64::total_cmp)?;
    let scale = Scale { from: smallest.log10().floor(), to: largest.log10().ceil().max(1.0) };
    let mut text = String::new();
    write(&mut text, &panels, &scale).ok()?;
    Some(text)
}

/// Powers of ten, in milliseconds.
struct Scale {
    from: f64,
    to: f64,
}

impl Scale {
    fn x(&self, milliseconds: f64) -> f64 {
        let share = (milliseconds.log10() - self.from) / (self.to - self.from);
        LEFT + share * (WIDTH - LEFT - RIGHT)
    }
}

fn write(text: &mut String, panels: &[(Kind, Vec<&Row>)], scale: &Scale) -> fmt::Result {
    let height = |rows: &[&Row]| rows.iter().fold(HEAD + FOOT, |height, _| height + PITCH);
    let total = panels.iter().fold(0.0, |total, (_, rows)| total + height(rows));
    writeln!(
        text,
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {WIDTH} {total}\" \
         font-family=\"system-ui, sans-serif\" font-size=\"13\">\n\
         <title>Process start to first answer, in milliseconds</title>\n\
         <rect width=\"{WIDTH}\" height=\"{total}\" fill=\"#ffffff\"/>"
    )?;
    let mut top = 0.0;
    for (kind, rows) in panels {
        write_panel(text, *kind, rows, scale, top)?;
        top += height(rows);
    }
    writeln!(text, "</svg>")
}

fn write_panel(
    text: &mut String,
    kind: Kind,
    rows: &[&Row],
    scale: &Scale,
    top: f64,
) -> fmt::Result {
    writeln!(
        text,
        "<text x=\"12\" y=\"{}\" font-weight=\"600\" fill=\"#1f2328\">Process start to first \
         answer, ms, logarithmic: {}</text>",
        top + 24.0,
        kind.title()
    )?;
    let bottom = rows.iter().fold(top + HEAD, |bottom, _| bottom + PITCH);
    let mut power = scale.from;
    while power <= scale.to {
        let (x, label) = (scale.x(10_f64.powf(power)), 10_f64.powf(power));
        writeln!(
            text,
            "<line x1=\"{x:.1}\" y1=\"{:.1}\" x2=\"{x:.1}\" y2=\"{bottom:.1}\" \
             stroke=\"#d0d7de\"/><text x=\"{x:.1}\" y=\"{:.1}\" text-anchor=\"middle\" \
             fill=\"#59636e\">{label}</text>",
            top + HEAD - 6.0,
            bottom + 16.0
        )?;
        power += 1.0;
    }
    let mut y = top + HEAD;
    for row in rows {
        let Some(answer) = row.spread(measure::first_answer) else { continue };
        let colour = match row.role {
            Role::Function | Role::Contract | Role::Variant => "#1a7f37",
            Role::Peer => "#bc4c00",
            Role::Floor => "#6e7781",
        };
        let [lower, median, upper] =
            [answer.lower, answer.median, answer.upper].map(|v| scale.x(v));
        let middle = y + BAR / 2.0;
        writeln!(
            text,
            "<text x=\"{:.1}\" y=\"{:.1}\" text-anchor=\"end\" fill=\"#1f2328\">{}</text>\
             <rect x=\"{LEFT}\" y=\"{y:.1}\" width=\"{:.1}\" height=\"{BAR}\" fill=\"{colour}\"/>\
             <path d=\"M{lower:.1} {middle:.1}H{upper:.1}\" stroke=\"#1f2328\" stroke-width=\"1.5\"/>\
             <text x=\"{:.1}\" y=\"{:.1}\" fill=\"#1f2328\">{:.1}</text>",
            LEFT - 8.0,
            y + 13.0,
            escape(&row.name),
            median - LEFT,
            upper + 8.0,
            y + 13.0,
            answer.median
        )?;
        y += PITCH;
    }
    Ok(())
}

fn escape(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;")
}
