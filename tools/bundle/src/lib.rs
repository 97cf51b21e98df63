//! What the bundle consists of, for the programs that run it, look at it and test it.
//!
//! # Layout
//!
//! | module | what it is |
//! | --- | --- |
//! | [`registry`] | the list of the providers; a new one is one line there |
//! | [`provider`] | what is known of a provider without running its function |
//! | [`described`], [`folder`] | the same of those that a contract describes, and where the contracts are |
//! | `side` | what both have in common |
//! | [`paste`] | the URL that is put into a provider's dashboard |
//! | [`samples`] | the sample callbacks of a provider |
//! | [`numbered`] | as many callbacks of a provider as are wanted |
//! | [`prover`] | what proves a request to a route, and what it signs in it |
//! | [`probe`] | a signed request that a route refuses, to see whether it works |
//! | [`template`] | what is read from `template.yaml`: routes, tables, settings |
//! | [`reference`](mod@reference) | which resource of the template a value names |
//! | [`names`] | region, account, names and ports on this machine |

pub mod described;
pub mod folder;
pub mod names;
pub mod numbered;
pub mod paste;
pub mod probe;
pub mod prover;
pub mod provider;
pub mod reference;
pub mod registry;
pub mod samples;
mod side;
pub mod template;

use std::path::{Path, PathBuf};

/// The path of a file of the project, named from its root: of the checkout that this was built from, or, where that is
/// not on this machine, of the folder that it is run in.
#[must_use]
pub fn project_file(path: &str) -> PathBuf {
    root(&Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")).join(path)
}

fn root(built_from: &Path) -> &Path {
    if built_from.is_dir() { built_from } else { Path::new("") }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn without_its_checkout_a_program_looks_where_it_is_run() {
        let there = Path::new(env!("CARGO_MANIFEST_DIR"));
        assert_eq!(root(there), there);
        assert_eq!(root(&there.join("not-there")).join("contracts"), Path::new("contracts"));
    }
}
