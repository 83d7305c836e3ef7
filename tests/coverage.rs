//! `docs/protocol-coverage.md` says of each command, dialect and server what is supported, and of each
//! client what was tested. It is written from the gate, the command files and the quirks, and
//! compared with them here. `MSNPD_WRITE=1 cargo test --test coverage` writes it.

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
#[path = "coverage/plays.rs"]
mod plays;
#[cfg(test)]
#[path = "coverage/quirks.rs"]
mod quirks;

const DOCUMENT: &str = "docs/protocol-coverage.md";

const HEAD: &str = "# Protocol coverage

This page is written by a test, from the table of commands (`msnp/src/gate.rs`), the first words of each command's file
(`msnp/src/command/`), the quirks (`msnp/src/quirk.rs`) and the lists in `tests/coverage/`. Do not edit it: change those, then
`MSNPD_WRITE=1 cargo test --test coverage`. The test fails if this page is not what they say.
";

/// The whole page.
fn document() -> String {
    let plays = plays::Plays::read();
    [
        HEAD.to_owned(),
        commands::sent_by_clients(&plays),
        commands::sent_by_servers(&plays),
        absent::commands(),
        absent::forms(),
        clients::section(&plays),
        quirks::section(),
    ]
    .join("\n")
}

#[test]
fn the_page_says_what_the_code_does() {
    let (path, now) = (page::root().join(DOCUMENT), document());
    if std::env::var_os("MSNPD_WRITE").is_some() {
        std::fs::write(&path, &now).unwrap();
    }
    let written = std::fs::read_to_string(&path).unwrap_or_default();
    let differs = written.lines().zip(now.lines()).position(|(old, new)| old != new);
    let line = differs.unwrap_or_else(|| written.lines().count().min(now.lines().count())) + 1;
    assert!(
        written == now,
        "{DOCUMENT} is stale from line {line} on: MSNPD_WRITE=1 cargo test --test coverage\n\
         it says:   {}\nit should: {}",
        written.lines().nth(line - 1).unwrap_or("(nothing)"),
        now.lines().nth(line - 1).unwrap_or("(nothing)"),
    );
}

#[test]
fn no_cell_is_empty() {
    let page = document();
    for line in page.lines().filter(|line| line.starts_with('|')) {
        let cells = line.trim_matches('|').split(" | ");
        assert!(cells.into_iter().all(|cell| !cell.trim().is_empty()), "{line}");
    }
}
