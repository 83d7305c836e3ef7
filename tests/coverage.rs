//! `docs/protocol-coverage.md` lists what is supported for each command, dialect and server, and what was
//! tested of each client. It is generated from the gate, the command files and the quirks, and compared
//! with them here. `MSNPD_WRITE=1 cargo test --test coverage` writes it.

#[cfg(test)]
#[path = "support/document.rs"]
mod document;
#[cfg(test)]
#[path = "support/script_files.rs"]
mod script_files;

#[cfg(test)]
#[path = "coverage/absent.rs"]
mod absent;
#[cfg(test)]
#[path = "coverage/clients.rs"]
mod clients;
#[cfg(test)]
#[path = "coverage/commands.rs"]
mod commands;
#[cfg(test)]
#[path = "coverage/page.rs"]
mod page;
#[cfg(test)]
#[path = "coverage/quirks.rs"]
mod quirks;
#[cfg(test)]
#[path = "coverage/scripts.rs"]
mod scripts;

const DOCUMENT: &str = "docs/protocol-coverage.md";

const HEAD: &str = "# Protocol coverage

This page is written by a test, from the table of commands (`msnp/src/table.rs`), the first words of each command's file
(`msnp/src/command/`), the quirks (`msnp/src/quirk.rs`) and the lists in `tests/coverage/`. Do not edit it: change those, then
`MSNPD_WRITE=1 cargo test --test coverage`. The test fails if this page is not what they say.
";

/// The whole page.
fn whole() -> String {
    let scripts = scripts::Scripts::read();
    [
        HEAD.to_owned(),
        commands::sent_by_clients(&scripts),
        commands::sent_by_servers(&scripts),
        absent::commands(),
        absent::forms(),
        clients::section(&scripts),
        quirks::section(),
    ]
    .join("\n")
}

#[test]
fn the_page_agrees_with_the_code() {
    document::check_up_to_date(DOCUMENT, &whole(), "coverage");
}

#[test]
fn no_cell_is_empty() {
    let page = whole();
    for line in page.lines().filter(|line| line.starts_with('|')) {
        let cells = line.trim_matches('|').split(" | ");
        assert!(cells.into_iter().all(|cell| !cell.trim().is_empty()), "{line}");
    }
}
