//! The order of everything: build, measure, write.

use std::collections::BTreeMap;
use std::fs;
use std::path::PathBuf;

use crate::callbacks::Callbacks;
use crate::cli::Cli;
use crate::cpu::{Cpus, stay_on};
use crate::error::Error;
use crate::results::{Results, Row};
use crate::start::Launch;
use crate::store::{Kind, Stores};
use crate::subject::{Role, Subject};
use crate::{build, chart, instructions, package, report, verification};

/// How often instructions are counted until there is an answer.
const TRIES: usize = 5;

/// How many callbacks go before the warm ones.
const WARM_UP: usize = 100;

/// Measures what `cli` wants and writes the results.
///
/// # Errors
///
/// When there is no result.
pub async fn run(cli: &Cli) -> Result<(), Error> {
    let folder = bundle::project_file("target/benches");
    create(&folder)?;
    println!("Building");
    let subjects = build::subjects(cli, &folder)?;
    let mut settlers = Vec::new();
    for (name, binary) in build::settlers(cli)? {
        settlers.push((name, package::zipped(&binary)?));
    }

    let cpus = Cpus::choose()?;
    stay_on(cpus.driver)?;
    let stores = Stores::start(&folder).await?;
    let mut measured = Vec::new();
    for subject in subjects {
        let callbacks = Callbacks::of(subject.provider)?;
        let package = package::zipped(&subject.package)?;
        measured.push(Measured { subject, callbacks, package });
    }
    let mut rows = Vec::new();
    for kind in cli.stores() {
        println!("{}", kind.title());
        rows.extend(in_front_of(kind, cli, &mut measured, &stores, cpus).await?);
    }
    println!("Verification");
    let verification = if cli.no_peers { Vec::new() } else { verification::measure() };
    write(cli, &Results { rows, settlers, verification, machine: machine(cpus) })
}

struct Measured {
    subject: Subject,
    callbacks: Callbacks,
    package: u64,
}

async fn in_front_of(
    kind: Kind,
    cli: &Cli,
    measured: &mut [Measured],
    stores: &Stores,
    cpus: Cpus,
) -> Result<Vec<Row>, Error> {
    let mut measured: Vec<_> = measured.iter_mut().filter(|of| of.subject.is_for(kind)).collect();
    let mut rows: Vec<_> = measured
        .iter()
        .map(|Measured { subject, package, .. }| Row {
            name: subject.name.clone(),
            role: subject.role,
            provider: subject.provider,
            kind,
            package: *package,
            instructions: None,
            starts: Vec::with_capacity(cli.starts),
        })
        .collect();
    // What the provider's function puts, which is measured before its floor: see the order of the subjects.
    let mut item_bytes: BTreeMap<&'static str, usize> = BTreeMap::new();
    // In turns, so that what else the machine does meets all of them. The first round is not counted:
    // it brings the files into memory.
    for round in 0..=cli.starts {
        println!("  start {round} of {}", cli.starts);
        for (of, row) in measured.iter_mut().zip(&mut rows) {
            let bytes = item_bytes.get(of.subject.provider).copied().unwrap_or_default();
            let mut launch = of.launch(kind, stores, cpus, bytes);
            let callbacks = if round == 0 { WARM_UP + 1 } else { cli.callbacks.max(WARM_UP + 1) };
            let start = launch.measure(callbacks, WARM_UP).await?;
            if of.subject.role == Role::Function && start.item_size > 0 {
                item_bytes.insert(of.subject.provider, start.item_size);
            }
            if round > 0 {
                row.starts.push(start);
            }
        }
    }
    if kind != Kind::DynamoDb && !cli.no_instructions && instructions::available() {
        for (of, row) in measured.iter_mut().zip(&mut rows).filter(|(of, _)| of.subject.countable) {
            println!("  instructions of {}", of.subject.name);
            let bytes = item_bytes.get(of.subject.provider).copied().unwrap_or_default();
            row.instructions = instructions(&mut of.launch(kind, stores, cpus, bytes)).await?;
        }
    }
    Ok(rows)
}

/// Under callgrind a function is fifty times slower, and answers 503 where the machine is busy.
async fn instructions(launch: &mut Launch<'_>) -> Result<Option<u64>, Error> {
    for _ in 0..TRIES {
        match instructions::count(launch).await {
            Ok(count) => return Ok(Some(count)),
            Err(error @ Error::Function { .. }) => println!("  once more: {error}"),
            Err(error) => return Err(error),
        }
    }
    Ok(None)
}

impl Measured {
    const fn launch<'a>(
        &'a mut self,
        kind: Kind,
        stores: &'a Stores,
        cpus: Cpus,
        item_bytes: usize,
    ) -> Launch<'a> {
        let (subject, callbacks) = (&self.subject, &mut self.callbacks);
        Launch { subject, callbacks, stores, kind, cpus, item_bytes }
    }
}

fn write(cli: &Cli, results: &Results) -> Result<(), Error> {
    let folder = cli.output.clone().unwrap_or_else(|| bundle::project_file("benches/results"));
    create(&folder)?;
    let name = cli.title.to_lowercase().replace(' ', "-");
    let chart = chart::svg(results).map(|svg| (format!("{name}.svg"), svg));
    let chart_name = chart.as_ref().map(|(name, _)| name.as_str());
    let table = report::markdown(&cli.title, results, chart_name);
    println!("\n{table}");
    for (name, text) in chart.iter().cloned().chain([(format!("{name}.md"), table)]) {
        let path = folder.join(name);
        fs::write(&path, text).map_err(|error| Error::File { path: path.clone(), error })?;
        println!("Written: {}", path.display());
    }
    Ok(())
}

fn create(folder: &PathBuf) -> Result<(), Error> {
    fs::create_dir_all(folder).map_err(|error| Error::File { path: folder.clone(), error })
}

fn machine(cpus: Cpus) -> String {
    let cpu = fs::read_to_string("/proc/cpuinfo").unwrap_or_default();
    let model = cpu.lines().find_map(|line| line.strip_prefix("model name")?.split_once(": "));
    let model = model.map_or("an unknown processor", |(_, model)| model);
    let load = fs::read_to_string("/proc/loadavg").unwrap_or_default();
    let load = load.split(' ').next().unwrap_or_default().to_owned();
    format!(
        "On {model}: the function on CPU {}, the driver and the store on CPU {}; load {load} at the \
         end.",
        cpus.function, cpus.driver
    )
}
