//! Pages with parts that are generated: each between two comments with its name.
//!
//! The catalogue's page is held by the same lines (`shared/catalogue/tests/page.rs`).

use std::path::{Path, PathBuf};

/// A file of the project.
pub(crate) fn project(path: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..").join(path)
}

/// The text of a page.
pub(crate) fn read(page: &str) -> String {
    std::fs::read_to_string(project(page)).unwrap_or_else(|error| panic!("{page}: {error}"))
}

/// Holds the part `name` of a page to `wanted`; with `UPDATE_DOCS=1`, writes it.
pub(crate) fn hold(page: &str, name: &str, wanted: &str) {
    let text = read(page);
    let (begin, end) = (format!("<!-- {name}: generated -->\n"), format!("<!-- {name}: end -->"));
    let parts = text.split_once(&begin).and_then(|(before, rest)| {
        let (part, behind) = rest.split_once(&end)?;
        Some((before, part, behind))
    });
    let (before, part, behind) = parts.unwrap_or_else(|| panic!("{page}: no part {name}"));
    if part == wanted {
        return;
    }
    if std::env::var_os("UPDATE_DOCS").is_some() {
        let text = [before, &begin, wanted, &end, behind].concat();
        std::fs::write(project(page), text).expect("written");
        return;
    }
    let differs = wanted.lines().find(|line| !part.lines().any(|there| there == *line));
    panic!(
        "{page}: the part {name} is not what the code says; `UPDATE_DOCS=1 cargo test -p {}` writes it anew. \
         It lacks: {}",
        env!("CARGO_PKG_NAME"),
        differs.unwrap_or("nothing, but has more")
    );
}
