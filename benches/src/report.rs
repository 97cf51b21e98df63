//! The tables, as Markdown.

use std::fmt::{self, Write as _};

use crate::measure::{self, Measure};
use crate::results::{Results, Row};
use crate::stats::{Spread, wide};
use crate::store::Kind;
use crate::subject::{PLAIN, Role, TUNED};
use crate::targets::{Reference, targets};

/// Everything as Markdown; `chart` is the file of the chart, if there is one.
#[must_use]
pub fn markdown(title: &str, results: &Results, chart: Option<&str>) -> String {
    let mut text = String::new();
    // Writing to a string cannot fail.
    let _ = write(&mut text, title, results, chart);
    text
}

fn write(
    text: &mut String,
    title: &str,
    results: &Results,
    chart: Option<&str>,
) -> Result<(), fmt::Error> {
    writeln!(text, "# {title}\n\n{}\n", results.machine)?;
    writeln!(
        text,
        "Medians, with the quartiles around them in brackets. Times depend on the machine and its \
         load; the ratios, to *{PLAIN}* in the same round, are the result.\n"
    )?;
    if let Some(chart) = chart {
        writeln!(text, "![Start to first answer]({chart})\n")?;
    }
    write_targets(text, results)?;
    for kind in Kind::ALL {
        let rows: Vec<_> = results.rows.iter().filter(|row| row.kind == kind).collect();
        if !rows.is_empty() {
            write_rows(text, kind, &rows, results.row(PLAIN, kind))?;
        }
    }
    write_beside_tuned(text, results)?;
    write_packages(text, results)?;
    write_verification(text, results)
}

fn write_targets(text: &mut String, results: &Results) -> fmt::Result {
    let targets = targets(results);
    if targets.is_empty() {
        return Ok(());
    }
    writeln!(
        text,
        "## Targets\n\nOf the functions that were measured the one that is furthest from it.\n"
    )?;
    writeln!(
        text,
        "| | wanted, at most | measured | of | met |\n| --- | ---: | ---: | --- | --- |"
    )?;
    for target in targets {
        let met = if target.is_met() { "yes" } else { "**no**" };
        let number = |value: f64| {
            if value >= 1000.0 { format!("{value:.0}") } else { format!("{value:.2}") }
        };
        let (wanted, measured) = (number(target.at_most), number(target.measured));
        writeln!(text, "| {} | {wanted} | {measured} | {} | {met} |", target.what, target.worst)?;
    }
    writeln!(text)
}

fn write_rows(text: &mut String, kind: Kind, rows: &[&Row], plain: Option<&Row>) -> fmt::Result {
    let starts = rows.iter().map(|row| row.starts.len()).min().unwrap_or_default();
    writeln!(text, "## {}\n\n{starts} starts each; milliseconds.\n", kind.title())?;
    writeln!(
        text,
        "| | init | start to first answer | ratio | 2nd | 100th | warm p50 | ratio | warm p99 | \
         ratio | warm/s | peak MiB | ratio |\n| --- |{}",
        " ---: |".repeat(12)
    )?;
    for row in rows {
        let ms = |of, digits| spread(row.spread(of), digits);
        let ratio = |of: Measure| proportion(plain.and_then(|plain| row.ratio(plain, of)));
        writeln!(
            text,
            "| {} | {} | {} | {} | {} | {} | {} | {} | {} | {} | {} | {} | {} |",
            name(row),
            ms(measure::init, 2),
            ms(measure::first_answer, 2),
            ratio(measure::first_answer),
            ms(measure::second, 3),
            ms(measure::hundredth, 3),
            ms(measure::warm_p50, 3),
            ratio(measure::warm_p50),
            ms(measure::warm_p99, 3),
            ratio(measure::warm_p99),
            median(row.spread(measure::per_second), 0),
            median(row.spread(measure::peak_mib), 1),
            ratio(measure::peak_mib),
        )?;
    }
    writeln!(text)
}

fn write_beside_tuned(text: &mut String, results: &Results) -> fmt::Result {
    let of_functions =
        results.rows.iter().filter(|row| matches!(row.role, Role::Function | Role::Contract));
    let pairs: Vec<_> =
        of_functions.filter_map(|row| Some((row, Reference::Tuned.of(results, row)?))).collect();
    if pairs.is_empty() {
        return Ok(());
    }
    writeln!(
        text,
        "## Beside the tuned floor\n\nIn proportion to *{TUNED}*, which gets the same callbacks and puts items of \
         the same bytes. CPU is of a warm callback, in milliseconds.\n"
    )?;
    writeln!(
        text,
        "| | store | start to first answer | warm p50 | warm p99 | CPU | the floor's | ratio | peak MiB |\n\
         | --- | --- |{}",
        " ---: |".repeat(7)
    )?;
    for (row, tuned) in pairs {
        let ratio = |of: Measure| proportion(row.ratio(tuned, of));
        writeln!(
            text,
            "| {} | {} | {} | {} | {} | {} | {} | {} | {} |",
            name(row),
            row.kind.name(),
            ratio(measure::first_answer),
            ratio(measure::warm_p50),
            ratio(measure::warm_p99),
            median(row.spread(measure::warm_cpu), 3),
            median(tuned.spread(measure::warm_cpu), 3),
            ratio(measure::warm_cpu),
            ratio(measure::peak_mib),
        )?;
    }
    writeln!(text)
}

fn write_packages(text: &mut String, results: &Results) -> fmt::Result {
    writeln!(text, "## Package, instructions, requests\n")?;
    writeln!(
        text,
        "| | zipped MB | million instructions to first answer | over TLS | requests per callback | \
         item bytes |\n| --- |{}",
        " ---: |".repeat(5)
    )?;
    for row in results.rows.iter().filter(|row| row.kind == Kind::Stub) {
        let millions = |instructions: Option<u64>| {
            instructions.map_or_else(|| "-".into(), |count| format!("{:.1}", wide(count) / 1e6))
        };
        let over_tls = results.row(&row.name, Kind::StubOverTls);
        writeln!(
            text,
            "| {} | {:.2} | {} | {} | {} | {} |",
            name(row),
            wide(row.package) / 1e6,
            millions(row.instructions),
            millions(over_tls.and_then(|row| row.instructions)),
            median(row.spread(measure::requests), 0),
            row.item_size()
                .filter(|size| *size > 0)
                .map_or_else(|| "-".into(), |size| size.to_string()),
        )?;
    }
    for (name, size) in &results.settlers {
        writeln!(text, "| **{name}** | {:.2} | | | | |", wide(*size) / 1e6)?;
    }
    writeln!(text)
}

fn write_verification(text: &mut String, results: &Results) -> fmt::Result {
    if results.verification.is_empty() {
        return Ok(());
    }
    writeln!(text, "## Verification against the bare hash of the same bytes\n")?;
    writeln!(text, "| | bare hash, ns | verification, ns | ratio |\n| --- | ---: | ---: | ---: |")?;
    for of in &results.verification {
        let (hash, verify) = (spread(Some(of.hash), 0), spread(Some(of.verify), 0));
        let ratio = times(of.verify.median / of.hash.median, 2);
        writeln!(text, "| {} | {hash} | {verify} | {ratio} |", of.scheme)?;
    }
    writeln!(text)
}

fn name(row: &Row) -> String {
    match row.role {
        Role::Function | Role::Contract => format!("**{}**", row.name),
        _ => row.name.clone(),
    }
}

fn spread(of: Option<Spread>, digits: usize) -> String {
    of.map_or_else(
        || "-".to_owned(),
        |of| format!("{:.digits$} ({:.digits$}–{:.digits$})", of.median, of.lower, of.upper),
    )
}

fn median(of: Option<Spread>, digits: usize) -> String {
    of.map_or_else(|| "-".to_owned(), |of| format!("{:.digits$}", of.median))
}

fn proportion(of: Option<Spread>) -> String {
    of.map_or_else(String::new, |of| {
        let digits = if of.median >= 10.0 { 0 } else { 2 };
        let (lower, upper) = (of.lower, of.upper);
        format!("{} ({lower:.digits$}–{upper:.digits$})", times(of.median, digits))
    })
}

fn times(ratio: f64, digits: usize) -> String {
    format!("{ratio:.digits$}×")
}
