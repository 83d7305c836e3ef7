//! The file format of a backup: all rows of the store at one moment.
//!
//! | bytes | |
//! | --- | --- |
//! | 13 | `msnpd backup` and a line end |
//! | 1 | the version, which is the store's format version: 2 since the first profile, 3 since the first disabled account or denied network |
//! | 1 | 1 if the file contains the key, else 0 |
//! | 32 | the key, if the file contains it |
//! | | rows, sorted by table and key |
//! | 1 | 0: no more rows |
//! | 32 | SHA-256 of all bytes before it |
//!
//! A row consists of its table (1 meta, 2 accounts, 3 handles, 4 entries, 5 profiles, 6 disabled, 7
//! denied), the length of its key (one byte), the length of its value (two bytes, big-endian), the
//! key and the value. It is shorter than 64 KiB.

use crate::kv_store::{FORMAT, WITH_EXCLUSIONS};
use crate::rows::{Rows, Table, Visit};
use crate::seal::KeyBytes;
use actors::port::{ArchiveError, StoreError};
use sha2::{Digest, Sha256};
use std::io::{Read, Write};
use zeroize::Zeroizing;

/// The maximum size of a backup in bytes. A restore holds the whole file in memory.
pub(crate) const MAX_SIZE: u64 = 256 * 1024 * 1024;

const MAGIC: &[u8] = b"msnpd backup\n";
/// A backup has the format version of its store, so an older msnpd can read what it knows.
const FIRST_VERSION: u8 = FORMAT;
const VERSION: u8 = WITH_EXCLUSIONS;
/// Marks the end of the rows, in place of a table.
const END: u8 = 0;

const fn code(table: Table) -> u8 {
    match table {
        Table::Meta => 1,
        Table::Accounts => 2,
        Table::Handles => 3,
        Table::Entries => 4,
        Table::Profiles => 5,
        Table::Disabled => 6,
        Table::Denied => 7,
    }
}

pub(crate) struct Writer<'a> {
    to: &'a mut dyn Write,
    digest: Sha256,
    /// How many more bytes the backup may have.
    remaining: u64,
}

impl Writer<'_> {
    /// Starts a backup of at most `max_size` bytes, from a store of this format version.
    pub(crate) fn new<'a>(
        to: &'a mut dyn Write,
        key: Option<&KeyBytes>,
        format: u8,
        max_size: u64,
    ) -> Result<Writer<'a>, ArchiveError> {
        let mut writer = Writer { to, digest: Sha256::new(), remaining: max_size };
        writer.put(MAGIC)?;
        writer.put(&[format.clamp(FIRST_VERSION, VERSION), u8::from(key.is_some())])?;
        if let Some(key) = key {
            writer.put(key.as_slice())?;
        }
        Ok(writer)
    }

    /// Writes a row. Rows must be written in the order of their tables and keys.
    pub(crate) fn row(
        &mut self,
        table: Table,
        key: &[u8],
        value: &[u8],
    ) -> Result<(), ArchiveError> {
        let too_long = |_| ArchiveError::Io("a row is too long for it".to_owned());
        let key_length = u8::try_from(key.len()).map_err(too_long)?;
        let [high, low] = u16::try_from(value.len()).map_err(too_long)?.to_be_bytes();
        self.put(&[code(table), key_length, high, low])?;
        self.put(key)?;
        self.put(value)
    }

    pub(crate) fn finish(mut self) -> Result<(), ArchiveError> {
        self.put(&[END])?;
        let digest = self.digest.clone().finalize();
        self.put(digest.as_slice())?;
        self.to.flush().map_err(|why| io_error(&why))
    }

    fn put(&mut self, bytes: &[u8]) -> Result<(), ArchiveError> {
        let length = u64::try_from(bytes.len()).unwrap_or(u64::MAX);
        self.remaining = self.remaining.checked_sub(length).ok_or_else(|| {
            ArchiveError::Io(format!("it would be larger than {} MiB", MAX_SIZE / 1024 / 1024))
        })?;
        self.digest.update(bytes);
        self.to.write_all(bytes).map_err(|why| io_error(&why))
    }
}

/// A backup whose checksum and order of rows were verified.
pub(crate) struct Archive {
    key: Option<KeyBytes>,
    bytes: Vec<u8>,
    /// The offset of each row. Rows stay encoded: a decoded small record takes many times its size.
    starts: Vec<u32>,
}

impl Archive {
    /// Reads a backup of at most `max_size` bytes. `max_size` must be below 4 GiB.
    pub(crate) fn read(from: &mut dyn Read, max_size: u64) -> Result<Archive, ArchiveError> {
        let mut from = from.take(max_size.saturating_add(1));
        let mut head = [0; MAGIC.len() + 2];
        from.read_exact(&mut head).map_err(|why| truncated_or_failed(&why))?;
        let with_key = match head.strip_prefix(MAGIC) {
            Some([FIRST_VERSION..=VERSION, with_key @ (0 | 1)]) => *with_key == 1,
            Some([later, _]) if *later > VERSION => return Err(ArchiveError::Newer),
            Some(_) | None => return Err(invalid("it does not begin like one")),
        };
        let mut digest = Sha256::new();
        digest.update(head);
        let key = if with_key {
            let mut key = Zeroizing::new([0; 32]);
            from.read_exact(key.as_mut_slice()).map_err(|why| truncated_or_failed(&why))?;
            digest.update(key.as_slice());
            Some(key)
        } else {
            None
        };
        let mut bytes = Vec::new();
        from.read_to_end(&mut bytes).map_err(|why| io_error(&why))?;
        if from.limit() == 0 {
            return Err(invalid("it is too long"));
        }
        let (rows, sum) = bytes.split_last_chunk::<32>().ok_or_else(truncated)?;
        digest.update(rows);
        if digest.finalize().as_slice() != sum {
            return Err(invalid("its checksum is wrong, so it is damaged or incomplete"));
        }
        let starts = starts(rows).ok_or_else(|| invalid("its rows are malformed"))?;
        Ok(Archive { key, bytes, starts })
    }

    /// The key that sealed the passwords, if the backup contains it.
    pub(crate) fn key(&self) -> Option<&KeyBytes> {
        self.key.as_ref()
    }

    fn row(&self, start: u32) -> Option<Row<'_>> {
        let rest = self.bytes.get(usize::try_from(start).ok()?..)?;
        row(rest).map(|(row, _)| row)
    }

    /// The index of the first row at or after this table and key.
    fn find(&self, table: Table, key: &[u8]) -> usize {
        let sought = (code(table), key);
        let is_before =
            |start: &u32| self.row(*start).is_some_and(|row| (row.code, row.key) < sought);
        self.starts.partition_point(is_before)
    }
}

impl Rows for Archive {
    fn name(&self) -> &str {
        "the backup"
    }

    fn get(&self, table: Table, key: &[u8]) -> Result<Option<Vec<u8>>, StoreError> {
        let found = self.starts.get(self.find(table, key)).and_then(|start| self.row(*start));
        let found = found.filter(|row| (row.code, row.key) == (code(table), key));
        Ok(found.map(|row| row.value.to_vec()))
    }

    fn scan(&self, table: Table, prefix: &[u8], visit: &mut Visit<'_>) -> Result<(), StoreError> {
        let from = self.starts.get(self.find(table, prefix)..).unwrap_or_default();
        for row in from.iter().filter_map(|start| self.row(*start)) {
            if row.code != code(table) || !row.key.starts_with(prefix) {
                break;
            }
            visit(row.key, row.value)?;
        }
        Ok(())
    }
}

struct Row<'a> {
    code: u8,
    key: &'a [u8],
    value: &'a [u8],
}

/// Splits off the first row.
fn row(bytes: &[u8]) -> Option<(Row<'_>, &[u8])> {
    let ([code, key, high, low], rest) = bytes.split_first_chunk()?;
    let (key, rest) = rest.split_at_checked(usize::from(*key))?;
    let (value, rest) = rest.split_at_checked(usize::from(u16::from_be_bytes([*high, *low])))?;
    Some((Row { code: *code, key, value }, rest))
}

/// The offsets of the rows; `None` if a row is malformed or out of order.
fn starts(bytes: &[u8]) -> Option<Vec<u32>> {
    let mut starts = Vec::new();
    let mut last: Option<Row<'_>> = None;
    let mut rest = bytes;
    while rest != [END] {
        let start = bytes.len() - rest.len();
        let (row, after) = row(rest)?;
        let known = Table::ALL.iter().any(|table| code(*table) == row.code);
        let later = last.is_none_or(|last| (last.code, last.key) < (row.code, row.key));
        if !known || !later {
            return None;
        }
        starts.push(u32::try_from(start).ok()?);
        (last, rest) = (Some(row), after);
    }
    Some(starts)
}

fn invalid(why: &str) -> ArchiveError {
    ArchiveError::NotABackup(why.to_owned())
}

fn truncated() -> ArchiveError {
    invalid("it is incomplete")
}

fn io_error(why: &std::io::Error) -> ArchiveError {
    ArchiveError::Io(why.to_string())
}

fn truncated_or_failed(why: &std::io::Error) -> ArchiveError {
    if why.kind() == std::io::ErrorKind::UnexpectedEof { truncated() } else { io_error(why) }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn written(key: Option<&KeyBytes>, rows: &[(Table, &[u8], &[u8])]) -> Vec<u8> {
        let mut bytes = Vec::new();
        let mut writer = Writer::new(&mut bytes, key, VERSION, MAX_SIZE).unwrap();
        for (table, key, value) in rows {
            writer.row(*table, key, value).unwrap();
        }
        writer.finish().unwrap();
        bytes
    }

    /// Appends the correct checksum.
    fn sealed(bytes: &[u8]) -> Vec<u8> {
        [bytes, Sha256::digest(bytes).as_slice()].concat()
    }

    fn read(bytes: &[u8]) -> Result<Archive, ArchiveError> {
        Archive::read(&mut &*bytes, MAX_SIZE)
    }

    fn refused(bytes: &[u8]) -> String {
        match read(bytes) {
            Err(ArchiveError::NotABackup(why)) => why,
            Err(other) => panic!("{other}"),
            Ok(_) => panic!("it was accepted"),
        }
    }

    #[test]
    fn the_bytes_of_a_backup() {
        let bytes = written(None, &[(Table::Meta, b"k", b"value"), (Table::Entries, b"12", b"")]);
        let before = b"msnpd backup\n\x03\0\x01\x01\0\x05kvalue\x04\x02\0\x0012\0";
        assert_eq!(bytes, sealed(before));
    }

    #[test]
    fn rows_and_key_come_back() {
        let key = Zeroizing::new([7; 32]);
        let long = [9; u16::MAX as usize];
        let rows: [(Table, &[u8], &[u8]); 4] = [
            (Table::Meta, b"a", b""),
            (Table::Accounts, b"a", &long),
            (Table::Accounts, b"ab", b"2"),
            (Table::Accounts, b"b", b"3"),
        ];
        let archive = read(&written(Some(&key), &rows)).unwrap();
        assert_eq!(archive.key().unwrap().as_slice(), [7; 32]);
        for (table, key, value) in rows {
            assert_eq!(archive.get(table, key).unwrap().as_deref(), Some(value));
        }
        for (table, key) in
            [(Table::Meta, b"".as_slice()), (Table::Meta, b"b"), (Table::Entries, b"a")]
        {
            assert_eq!(archive.get(table, key).unwrap(), None);
        }
        let scanned = |prefix: &[u8]| {
            let mut keys = Vec::new();
            let all = archive.scan(Table::Accounts, prefix, &mut |key, _| {
                keys.push(key.to_vec());
                Ok(())
            });
            all.map(|()| keys).unwrap()
        };
        assert_eq!(scanned(b""), [b"a".as_slice(), b"ab", b"b"]);
        assert_eq!(scanned(b"a"), [b"a".as_slice(), b"ab"]);
        assert!(read(&written(None, &[])).unwrap().key().is_none());
    }

    #[test]
    fn a_backup_that_is_cut_short_changed_or_extended_is_refused() {
        let key = Zeroizing::new([7; 32]);
        let whole = written(Some(&key), &[(Table::Meta, b"k", b"value")]);
        for end in 0..whole.len() {
            refused(&whole[..end]);
        }
        for place in (0..whole.len()).filter(|place| *place != MAGIC.len()) {
            let mut changed = whole.clone();
            changed[place] ^= 0x40;
            refused(&changed);
        }
        refused(&[&*whole, b"\0"].concat());
        refused(&[&*whole, &*whole].concat());
    }

    #[test]
    fn backups_of_older_versions_are_read() {
        for version in [1, 2] {
            let head = [b"msnpd backup\n".as_slice(), &[version]].concat();
            let before = sealed(&[&*head, b"\0\x01\x01\0\x05kvalue\0"].concat());
            let archive = read(&before).unwrap();
            let value = archive.get(Table::Meta, b"k").unwrap();
            assert_eq!(value.as_deref(), Some(b"value".as_slice()));
        }
    }

    #[test]
    fn a_newer_version_is_distinguished_from_damage() {
        assert!(matches!(read(b"msnpd backup\n\x04\0"), Err(ArchiveError::Newer)));
        assert!(matches!(read(b"msnpd backup\n\xff\x07..."), Err(ArchiveError::Newer)));
        refused(b"msnpd backup\n\0\0");
        refused(b"msnpd backup\n\x02\x02");
        refused(b"SQLite format 3\0");
    }

    #[test]
    fn malformed_rows_and_rows_out_of_order_are_refused() {
        let rows: [&[u8]; 10] = [
            b"",
            b"\x01",
            b"\x01\xff\xff\xff\0",
            b"\x01\x01\xff\xffkvalue\0",
            b"\x08\x01\0\0k\0",
            b"\x01\x01\0\0k",
            b"\x01\x01\0\0k\0\0",
            b"\x01\x01\0\0k\x01\x01\0\0k\0",
            b"\x01\x01\0\0k\x01\x01\0\0j\0",
            b"\x02\x01\0\0k\x01\x01\0\0l\0",
        ];
        for rows in rows {
            let bytes = sealed(&[b"msnpd backup\n\x01\0", rows].concat());
            assert_eq!(refused(&bytes), "its rows are malformed", "{rows:?}");
        }
    }

    #[test]
    fn a_backup_that_is_too_long_is_neither_written_nor_read() {
        let whole = written(None, &[(Table::Meta, b"k", b"value")]);
        let length = whole.len() as u64;
        assert!(Archive::read(&mut whole.as_slice(), length).is_ok());
        let shorter = Archive::read(&mut whole.as_slice(), length - 1);
        let Err(ArchiveError::NotABackup(why)) = shorter else { panic!("it was accepted") };
        assert_eq!(why, "it is too long");
        let mut head = MAGIC.to_vec();
        head.extend([1, 0]);
        let endless = &mut head.as_slice().chain(std::io::repeat(1));
        assert!(matches!(Archive::read(endless, 1 << 16), Err(ArchiveError::NotABackup(_))));
        let mut bytes = Vec::new();
        let mut writer = Writer::new(&mut bytes, None, VERSION, 24).unwrap();
        writer.row(Table::Meta, b"k", b"val").unwrap();
        assert!(matches!(writer.row(Table::Meta, b"l", b""), Err(ArchiveError::Io(_))));
        let mut bytes = Vec::new();
        let mut writer = Writer::new(&mut bytes, None, VERSION, MAX_SIZE).unwrap();
        assert!(writer.row(Table::Meta, &[0; 256], b"").is_err());
        assert!(writer.row(Table::Meta, b"", &[0; 65536]).is_err());
    }
}
