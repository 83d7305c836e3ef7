//! A store that a later version of the program wrote.

use std::path::Path;

use redb::{Database, ReadableDatabase, ReadableTable, TableDefinition};

use crate::support::conversation::account;
use crate::support::operator::run_to_end;
use crate::support::server::Installation;

type Bytes = &'static [u8];
type Row = (Vec<u8>, Vec<u8>);

const TABLES: [&str; 4] = ["meta", "accounts", "handles", "entries"];

const fn definition(table: &str) -> TableDefinition<'_, Bytes, Bytes> {
    TableDefinition::new(table)
}

fn rows(database: &Database, table: &str) -> Vec<Row> {
    let reading = database.begin_read().expect("a look");
    let table = reading.open_table(definition(table)).expect("the table");
    let rows = table.iter().expect("its rows").map(|row| row.expect("a row"));
    rows.map(|(key, value)| (key.value().to_vec(), value.value().to_vec())).collect()
}

fn all_rows(store: &Path) -> Vec<Vec<Row>> {
    let database = Database::open(store).expect("the store");
    TABLES.iter().map(|table| rows(&database, table)).collect()
}

/// Sets the first byte, which is the version, of each row of a table whose key is chosen.
fn set_version(store: &Path, table: &str, chosen: impl Fn(&[u8]) -> bool, version: u8) {
    let database = Database::open(store).expect("the store");
    let chosen = rows(&database, table).into_iter().filter(|(key, _)| chosen(key));
    let writing = database.begin_write().expect("a change");
    for (key, mut value) in chosen {
        let mut table = writing.open_table(definition(table)).expect("the table");
        value[0] = version;
        table.insert(&*key, &*value).expect("a row");
    }
    writing.commit().expect("a commit");
}

/// Checks that the server and the commands refuse the store with a reason, and do not change it.
fn is_refused(installation: &Installation, commands: &[&[&str]]) {
    let store = installation.data().join("msnpd.redb");
    let before = all_rows(&store);
    for arguments in commands {
        let refused = run_to_end(installation.program(arguments), b"other\n");
        let message = refused.expect_failure(5).lines().last().expect("a message").to_owned();
        assert!(message.contains(&store.display().to_string()), "{message}");
        assert!(message.ends_with("later version of msnpd; install that version"), "{message}");
        assert!(!refused.stderr.contains("ready"), "{refused:?}");
    }
    assert_eq!(all_rows(&store), before);
}

#[test]
fn a_store_of_a_newer_format_ends_with_5() {
    let installation = Installation::with_accounts(&[account("alice", None)]);
    let store = installation.data().join("msnpd.redb");
    set_version(&store, "meta", |key| key == b"format", 5);
    is_refused(&installation, &[&["run"], &["user", "list"], &["user", "add", "bob"]]);
    // The version that wrote it finds everything as it was.
    set_version(&store, "meta", |key| key == b"format", 4);
    assert_eq!(installation.run(&["user", "list"]).stdout, "alice@example.com  alice\n");
}

#[test]
fn a_record_of_a_newer_version_ends_with_5() {
    let installation = Installation::with_accounts(&[account("alice", None)]);
    let store = installation.data().join("msnpd.redb");
    set_version(&store, "accounts", |_| true, 3);
    is_refused(&installation, &[&["run"], &["user", "list"]]);
    set_version(&store, "accounts", |_| true, 2);
    assert_eq!(installation.run(&["user", "list"]).stdout, "alice@example.com  alice\n");
}
