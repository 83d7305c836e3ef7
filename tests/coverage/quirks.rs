//! What single clients do differently.

use super::page::{code, link, table};
use msnp::quirk::Quirk;

/// The test of a quirk has its name.
fn test(quirk: Quirk) -> String {
    let mut name = String::new();
    for letter in quirk.name().chars() {
        if letter.is_uppercase() && !name.is_empty() {
            name.push('_');
        }
        name.extend(letter.to_lowercase());
    }
    name
}

/// All quirks.
fn all() -> String {
    let row = |quirk: &Quirk| {
        let shown = match quirk.shown_in() {
            Some(path) => link(path),
            None => format!("{} in `msnp/tests/quirks/`", code(&test(*quirk))),
        };
        let (clients, source) = (quirk.clients().to_owned(), quirk.source().to_owned());
        vec![code(quirk.name()), clients, quirk.description().to_owned(), source, shown]
    };
    let rows: Vec<Vec<String>> = Quirk::ALL.iter().map(row).collect();
    table(&["quirk", "clients", "what, and what is done about it", "known from", "shown in"], &rows)
}

/// Returns the section of the page.
pub(crate) fn section() -> String {
    format!(
        "## Quirks\n\nWhat single clients do otherwise than others, or need otherwise (`msnp/src/quirk.rs`).\n\n{}",
        all()
    )
}
