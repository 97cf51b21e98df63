//! Which crate uses which: what the table "Crates" of `docs/architecture.md` says, and nothing else.
//!
//! The table goes from the bottom to the top: a crate uses those of the rows above its own, so that there is
//! no cycle. What its tests alone use (dev-dependencies) does not count.

use std::collections::{BTreeMap, BTreeSet};
use std::process::Command;

use serde_json::Value;

/// In place of names: a crate may use all of the rows above.
const ANY: &str = "any of the above";

/// The workspace's crates that each of them uses, by name.
type Uses = BTreeMap<String, BTreeSet<String>>;

/// A row of the table: some crates, and what each of them may use.
struct Row {
    crates: Vec<String>,
    uses: Vec<String>,
    any: bool,
}

/// What is between backticks.
fn names(cell: &str) -> Vec<String> {
    cell.split('`').skip(1).step_by(2).map(str::to_owned).collect()
}

/// The rows of the first table below the heading "Crates".
fn rows(page: &str) -> Vec<Row> {
    let (_, section) = page.split_once("\n## Crates\n").expect("a section");
    let table = section.lines().skip_while(|line| !line.starts_with("| crate |")).skip(2);
    table
        .take_while(|line| line.starts_with('|'))
        .map(|line| {
            let cells: Vec<_> = line.split('|').collect();
            let [_, crates, _, uses, _] = cells[..] else { panic!("three cells: {line}") };
            Row { crates: names(crates), uses: names(uses), any: uses.contains(ANY) }
        })
        .collect()
}

/// What the manifests say.
fn manifests() -> Uses {
    let cargo = std::env::var("CARGO").expect("cargo runs the tests");
    let manifest = bundle::project_file("Cargo.toml");
    let output = Command::new(cargo)
        .args(["metadata", "--offline", "--no-deps", "--format-version=1", "--manifest-path"])
        .arg(manifest)
        .output()
        .expect("cargo");
    let metadata: Value = serde_json::from_slice(&output.stdout).expect("JSON");
    let packages = metadata["packages"].as_array().expect("packages");
    let name = |value: &Value| value["name"].as_str().expect("a name").to_owned();
    let own: BTreeSet<_> = packages.iter().map(name).collect();
    let uses = |package: &Value| {
        let dependencies = package["dependencies"].as_array().expect("dependencies").iter();
        let used = dependencies.filter(|dependency| dependency["kind"] != "dev").map(name);
        used.filter(|used| own.contains(used)).collect()
    };
    packages.iter().map(|package| (name(package), uses(package))).collect()
}

/// Each difference between `rows` and `used`, as a line.
fn differences(rows: &[Row], used: &Uses) -> Vec<String> {
    let mut wrong = Vec::new();
    let mut above = BTreeSet::new();
    for Row { crates, uses, any } in rows {
        for name in uses {
            if !above.contains(name) {
                wrong.push(format!("{crates:?} may use {name}, which is not above"));
            }
            if !crates.iter().any(|own| used.get(own).is_some_and(|used| used.contains(name))) {
                wrong.push(format!("none of {crates:?} uses {name}"));
            }
        }
        for own in crates {
            let Some(used) = used.get(own) else {
                wrong.push(format!("there is no crate {own}"));
                continue;
            };
            for name in used {
                let allowed = uses.contains(name) || (*any && above.contains(name));
                if !allowed {
                    wrong.push(format!("{own} uses {name}, and may not"));
                }
            }
        }
        above.extend(crates.iter().cloned());
    }
    wrong.extend(
        used.keys()
            .filter(|name| !above.contains(*name))
            .map(|name| format!("{name} has no row in the table of docs/architecture.md")),
    );
    wrong
}

#[test]
fn crates_use_what_the_architecture_says() {
    let page = std::fs::read_to_string(bundle::project_file("docs/architecture.md"));
    let (rows, used) = (rows(&page.expect("a page")), manifests());
    assert!(rows.len() > 5 && used.len() > 5, "{} rows, {} crates", rows.len(), used.len());
    assert_eq!(differences(&rows, &used), [""; 0]);
}

#[test]
fn an_arrow_that_the_architecture_does_not_have_is_found() {
    let page = "\n## Crates\n\nText.\n\n| crate | task | uses |\n| --- | --- | --- |\n\
                | `base` | t | none |\n| `a`, `b` | t | `base` |\n| `top` | t | any of the above |\n\n| x |\n";
    let of = |uses: &[(&str, &[&str])]| -> Uses {
        let names = |names: &[&str]| names.iter().map(|name| (*name).to_owned()).collect();
        uses.iter().map(|(name, used)| ((*name).to_owned(), names(used))).collect()
    };
    let all =
        [("base", &[][..]), ("a", &["base"][..]), ("b", &[][..]), ("top", &["a", "base"][..])];
    assert_eq!(differences(&rows(page), &of(&all)), [""; 0]);
    for (changed, wrong) in [
        (("base", &["a"][..]), "base uses a, and may not"),
        (("b", &["a"][..]), "b uses a, and may not"),
        (("a", &["top", "base"][..]), "a uses top, and may not"),
        (("a", &[][..]), r#"none of ["a", "b"] uses base"#),
        (("new", &[][..]), "new has no row in the table of docs/architecture.md"),
    ] {
        let mut used = of(&all);
        used.extend(of(&[changed]));
        assert_eq!(differences(&rows(page), &used), [wrong]);
    }
    let upwards = page.replace("| `base` | t | none |", "| `base` | t | `a` |");
    let used = of(&[("base", &["a"]), ("a", &["base"]), ("b", &[]), ("top", &[])]);
    assert_eq!(differences(&rows(&upwards), &used), [r#"["base"] may use a, which is not above"#]);
}
