#!/usr/bin/env bash
# redb 4.6.0: a program that opens a database, reads one value and closes it writes to the disk.
#
# What happens: `Database::open`, one read transaction and dropping the `Database` make 9 writes of 21 760 bytes in all, and 5
# syncs. The file changes each time. `ReadOnlyDatabase` cannot open a copy of the file that was made meanwhile, although
# there was only reading: RepairAborted.
# Why it is unexpected: no write transaction began, and the documentation of `Database::open` does not mention writing. The
# database marks itself as in use when it is opened, and commits the state of its allocator when it is dropped.
# Who is affected: programs on SD cards that start often (a status command, a cron job), backups that compare checksums, and
# anyone who copies the file of a program that only reads. `ReadOnlyDatabase::open` writes nothing.
set -euo pipefail

folder="$(mktemp -d)"
trap 'rm -rf "$folder"' EXIT
export CARGO_TARGET_DIR="$folder/target"
mkdir "$folder/src" "$folder/data"

cat > "$folder/Cargo.toml" << 'TOML'
[package]
name = "finding"
version = "0.0.0"
edition = "2024"

[dependencies]
redb = "=4.6.0"

[workspace]
TOML

cat > "$folder/src/main.rs" << 'RUST'
use redb::backends::InMemoryBackend;
use redb::{Database, ReadOnlyDatabase, ReadableDatabase, StorageBackend, TableDefinition};
use std::io::Error;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering::SeqCst};

const TABLE: TableDefinition<u32, &str> = TableDefinition::new("names");

/// A disk in memory, which counts what is written to it.
#[derive(Debug, Default)]
struct Disk {
    memory: InMemoryBackend,
    writes: AtomicUsize,
    bytes: AtomicUsize,
    syncs: AtomicUsize,
}

impl Disk {
    fn counts(&self) -> [usize; 3] {
        [&self.writes, &self.bytes, &self.syncs].map(|count| count.load(SeqCst))
    }
}

#[derive(Debug, Default, Clone)]
struct Counting(Arc<Disk>);

impl StorageBackend for Counting {
    fn len(&self) -> Result<u64, Error> {
        self.0.memory.len()
    }
    fn read(&self, offset: u64, out: &mut [u8]) -> Result<(), Error> {
        self.0.memory.read(offset, out)
    }
    fn set_len(&self, len: u64) -> Result<(), Error> {
        self.0.memory.set_len(len)
    }
    fn sync_data(&self) -> Result<(), Error> {
        self.0.syncs.fetch_add(1, SeqCst);
        self.0.memory.sync_data()
    }
    fn write(&self, offset: u64, data: &[u8]) -> Result<(), Error> {
        self.0.writes.fetch_add(1, SeqCst);
        self.0.bytes.fetch_add(data.len(), SeqCst);
        self.0.memory.write(offset, data)
    }
}

fn fill(database: &Database) {
    let write = database.begin_write().unwrap();
    write.open_table(TABLE).unwrap().insert(1, "alice").unwrap();
    write.commit().unwrap();
}

fn look(database: &impl ReadableDatabase) {
    let read = database.begin_read().unwrap();
    let table = read.open_table(TABLE).unwrap();
    assert_eq!(table.get(1).unwrap().unwrap().value(), "alice");
}

fn main() {
    let path = std::path::Path::new(&std::env::args().nth(1).unwrap()).join("names.redb");
    let copy = path.with_extension("copy");
    fill(&Database::create(&path).unwrap());
    let mut before = std::fs::read(&path).unwrap();
    for number in 1..=3 {
        let database = Database::open(&path).unwrap();
        look(&database);
        std::fs::copy(&path, &copy).unwrap();
        drop(database);
        let after = std::fs::read(&path).unwrap();
        let verdict = if before == after { "the same" } else { "another" };
        println!("file after reading it, session {number}: {verdict}");
        before = after;
    }
    look(&ReadOnlyDatabase::open(&path).unwrap());
    let verdict = if before == std::fs::read(&path).unwrap() { "the same" } else { "another" };
    println!("file after a ReadOnlyDatabase: {verdict}");
    println!("copy made while it was read: {:?}", ReadOnlyDatabase::open(&copy).err());

    let disk = Counting::default();
    fill(&Database::builder().create_with_backend(disk.clone()).unwrap());
    for number in 1..=3 {
        let [writes, bytes, syncs] = disk.0.counts();
        look(&Database::builder().create_with_backend(disk.clone()).unwrap());
        let after = disk.0.counts();
        println!(
            "session {number}: {} writes, {} bytes, {} syncs",
            after[0] - writes,
            after[1] - bytes,
            after[2] - syncs
        );
    }
}
RUST

cat > "$folder/expected" << 'TEXT'
file after reading it, session 1: another
file after reading it, session 2: another
file after reading it, session 3: another
file after a ReadOnlyDatabase: the same
copy made while it was read: Some(RepairAborted)
session 1: 9 writes, 21760 bytes, 5 syncs
session 2: 9 writes, 21760 bytes, 5 syncs
session 3: 9 writes, 21760 bytes, 5 syncs
TEXT

cargo run --quiet --manifest-path "$folder/Cargo.toml" -- "$folder/data" > "$folder/seen"
echo "redb 4.6.0, opened and only read:"
cat "$folder/seen"
diff "$folder/expected" "$folder/seen" || { echo "it behaves otherwise now" >&2; exit 1; }
echo "as stated: reading a database writes to it"
