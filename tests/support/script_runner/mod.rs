//! Scripts: protocol sessions as text, which are run against the program.
//!
//! `tests/scripts/README.md` describes the form. [`parse`] parses a file into steps, [`pattern`] compares
//! lines, and [`run`] runs the steps.

mod lines;
mod parse;
mod pattern;
mod run;
mod script;
mod shorthand;

use std::path::Path;

/// Runs the script `SUBJECT/NAME`. Panics with `file:line` if the program differs from it.
pub(crate) fn run_script(name: &str) {
    let file = format!("tests/scripts/{name}.msnp");
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(&file);
    let text = std::fs::read_to_string(&path).unwrap_or_else(|error| panic!("{file}: {error}"));
    let script = parse::script(&text).unwrap_or_else(|wrong| panic!("{file}:{wrong}"));
    run::run(&script, &file);
}
