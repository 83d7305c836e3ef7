//! Plays: protocol sessions written down as text, acted against the running program.
//!
//! `tests/scripts/README.md` describes the form. [`parse`] reads a file into steps, [`pattern`] says
//! what a line may contain and compares, [`act`] does the steps.

mod act;
mod lines;
mod parse;
mod pattern;
mod script;
mod shorthand;

use std::path::Path;

/// Acts the script `SUBJECT/NAME` and panics with `file:line` where the program departs from it.
pub(crate) fn act_script(name: &str) {
    let file = format!("tests/scripts/{name}.msnp");
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(&file);
    let text = std::fs::read_to_string(&path).unwrap_or_else(|error| panic!("{file}: {error}"));
    let script = parse::script(&text).unwrap_or_else(|wrong| panic!("{file}:{wrong}"));
    act::act(&script, &file);
}
