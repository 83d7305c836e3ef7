//! The file format of a backup: all rows of the store at one moment.
//!
//! | bytes | |
//! | --- | --- |
//! | 13 | `msnpd backup` and a line end |
//! | 1 | the version: 1, 2 with profiles, 3 with disabled accounts or denied networks |
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
use crate::rows::{Records, RowKey, Rows, Table, Visit};
use crate::seal::KeyBytes;
use actors::port::{ArchiveError, ReadSeek, StoreError};
use sha2::{Digest, Sha256};
use std::cell::RefCell;
use std::io::{Read, SeekFrom, Write};
use std::ops::ControlFlow;
use zeroize::Zeroizing;

/// The maximum size of a backup in bytes.
pub(crate) const MAX_SIZE: u64 = 256 * 1024 * 1024;

/// What messages call the backup.
const NAME: &str = "the backup";

const MALFORMED: &str = "its rows are malformed";

/// The length of the checksum in bytes.
const CHECKSUM: u64 = 32;

const MAGIC: &[u8] = b"msnpd backup\n";
/// The versions of a backup are format versions of the store. A backup has the oldest one that has
/// all tables with rows, so that older programs can restore it.
const FIRST_VERSION: u8 = FORMAT;
const VERSION: u8 = WITH_EXCLUSIONS;
/// Marks the end of the rows, in place of a table.
const END: u8 = 0;

/// Whether a file that begins with these bytes claims to be a backup.
#[must_use]
pub fn is_backup(bytes: &[u8]) -> bool {
    bytes.starts_with(MAGIC)
}

const fn code(table: Table) -> u8 {
    match table {
        Table::Meta => 1,
        Table::Accounts => 2,
        Table::Handles => 3,
        Table::Entries => 4,
        Table::Profiles => 5,
        Table::Disabled => 6,
        Table::Denied => 7,
        // Not in a backup: it is an index.
        Table::Permissions => 8,
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

/// A backup in a file, whose checksum and order of rows were verified. The rows stay in the file.
pub(crate) struct Archive<'a> {
    file: RefCell<&'a mut dyn ReadSeek>,
    key: Option<KeyBytes>,
    /// Sorted.
    blocks: Vec<Block>,
    /// The offset after the last row.
    end: u64,
    /// The bytes of the block that was read last, and its index.
    last_block: RefCell<(usize, Vec<u8>)>,
}

/// Neighbouring rows of about [`BLOCK`] bytes together: their offset in the file, and the table
/// code and the key of the first one.
struct Block {
    start: u64,
    code: u8,
    key: Box<[u8]>,
}

/// The size of a block in bytes. A row is found by reading one block.
const BLOCK: u64 = 4096;

/// How many bytes of a backup come before the key or the first row: [`MAGIC`], the version, and whether
/// the key follows.
const HEAD: usize = MAGIC.len() + 2;

/// How many bytes are read at once.
const CHUNK: usize = 64 * 1024;

impl<'a> Archive<'a> {
    /// Opens a backup of at most `max_size` bytes.
    pub(crate) fn open(
        file: &'a mut dyn ReadSeek,
        max_size: u64,
    ) -> Result<Archive<'a>, ArchiveError> {
        let length = file.seek(SeekFrom::End(0)).map_err(|why| io_error(&why))?;
        file.rewind().map_err(|why| io_error(&why))?;
        let mut head = Vec::with_capacity(HEAD);
        let mut beginning = Read::take(&mut *file, HEAD as u64);
        beginning.read_to_end(&mut head).map_err(|why| io_error(&why))?;
        let with_key = match head.strip_prefix(MAGIC) {
            _ if head.is_empty() => return Err(invalid("it is empty")),
            None if MAGIC.starts_with(&head) => return Err(truncated()),
            Some([] | [_]) => return Err(truncated()),
            Some([FIRST_VERSION..=VERSION, with_key @ (0 | 1)]) => *with_key == 1,
            Some([version, _]) if *version > VERSION => return Err(ArchiveError::Newer),
            Some(_) | None => return Err(invalid("it does not begin like one")),
        };
        let key = if with_key {
            let mut key = Zeroizing::new([0; 32]);
            file.read_exact(key.as_mut_slice()).map_err(|why| truncated_or_failed(&why))?;
            Some(key)
        } else {
            None
        };
        if length > max_size {
            return Err(invalid("it is too long"));
        }
        let start = file.stream_position().map_err(|why| io_error(&why))?;
        let checksum_start = length.checked_sub(CHECKSUM).filter(|offset| *offset >= start);
        let checksum_start = checksum_start.ok_or_else(truncated)?;
        verify_checksum(file, checksum_start)?;
        let end = checksum_start.saturating_sub(1);
        let (file, last_block) = (RefCell::new(file), RefCell::new((usize::MAX, Vec::new())));
        let mut archive = Archive { file, key, blocks: Vec::new(), end, last_block };
        let mut code = [0];
        archive.read_at(end, &mut code).map_err(backup_error)?;
        if end < start || code != [END] {
            return Err(invalid(MALFORMED));
        }
        archive.blocks = archive.find_blocks(start).map_err(backup_error)?;
        Ok(archive)
    }

    /// The key that sealed the passwords, if the backup contains it.
    pub(crate) fn key(&self) -> Option<&KeyBytes> {
        self.key.as_ref()
    }

    /// Checks all rows from `start` on, and finds the blocks.
    fn find_blocks(&self, start: u64) -> Result<Vec<Block>, StoreError> {
        let mut blocks: Vec<Block> = Vec::new();
        let mut last: Option<(u8, Vec<u8>)> = None;
        self.read_rows(start, &mut |offset, row| {
            let mut tables = Table::ALL.iter().filter(|table| !table.is_index());
            let known = tables.any(|table| code(*table) == row.code);
            let is_later =
                last.as_ref().is_none_or(|(code, key)| (*code, &**key) < (row.code, row.key));
            if !known || !is_later {
                return Err(self.damaged(MALFORMED));
            }
            if blocks.last().is_none_or(|block| offset >= block.start.saturating_add(BLOCK)) {
                blocks.push(Block { start: offset, code: row.code, key: row.key.into() });
            }
            let (last_code, last_key) = last.get_or_insert_default();
            *last_code = row.code;
            last_key.clear();
            last_key.extend_from_slice(row.key);
            Ok(ControlFlow::Continue(()))
        })?;
        Ok(blocks)
    }

    /// Reads the rows from an offset on, until `visit` breaks off.
    fn read_rows(&self, start: u64, visit: &mut VisitRow<'_>) -> Result<(), StoreError> {
        // The part of the file from `offset` on; rows before `used` were visited.
        let (mut buffer, mut offset, mut used) = (Vec::new(), start, 0);
        loop {
            let rest = buffer.get(used..).unwrap_or_default();
            if let Some((row, after)) = split_row(rest) {
                let length = rest.len() - after.len();
                if visit(offset.saturating_add(length_of(used)), row)?.is_break() {
                    return Ok(());
                }
                used += length;
                continue;
            }
            buffer.drain(..used);
            offset = offset.saturating_add(length_of(used));
            used = 0;
            let filled = buffer.len();
            let missing = self.end.saturating_sub(offset.saturating_add(length_of(filled)));
            let more = usize::try_from(missing).unwrap_or(CHUNK).min(CHUNK);
            match (filled, more) {
                (0, 0) => return Ok(()),
                (_, 0) => return Err(self.damaged(MALFORMED)),
                _ => buffer.resize(filled + more, 0),
            }
            let from = offset.saturating_add(length_of(filled));
            self.read_at(from, buffer.get_mut(filled..).unwrap_or_default())?;
        }
    }

    fn read_at(&self, offset: u64, into: &mut [u8]) -> Result<(), StoreError> {
        let mut file = self.file.borrow_mut();
        let read = file.seek(SeekFrom::Start(offset)).and_then(|_| file.read_exact(into));
        read.map_err(|why| StoreError::Io(self.name().to_owned(), (&why).into()))
    }

    /// The index of the only block that can contain a row.
    fn block_of(&self, table: Table, key: &[u8]) -> Option<usize> {
        let sought = (code(table), key);
        self.blocks.partition_point(|block| (block.code, &*block.key) <= sought).checked_sub(1)
    }

    /// Runs `find` on the bytes of a block.
    fn with_block<T>(
        &self,
        index: usize,
        find: impl FnOnce(&[u8]) -> T,
    ) -> Result<Option<T>, StoreError> {
        let Some(block) = self.blocks.get(index) else { return Ok(None) };
        let mut last_block = self.last_block.borrow_mut();
        let (last_index, bytes) = &mut *last_block;
        if *last_index != index {
            let end = self.blocks.get(index + 1).map_or(self.end, |next| next.start);
            let length = usize::try_from(end.saturating_sub(block.start)).unwrap_or_default();
            *last_index = usize::MAX;
            bytes.clear();
            bytes.resize(length, 0);
            self.read_at(block.start, bytes)?;
            *last_index = index;
        }
        Ok(Some(find(bytes)))
    }
}

impl Rows for Archive<'_> {
    fn name(&self) -> &str {
        NAME
    }

    fn get(&self, table: Table, key: &[u8]) -> Result<Option<Vec<u8>>, StoreError> {
        let Some(index) = self.block_of(table, key) else { return Ok(None) };
        let found = self.with_block(index, |bytes| {
            let mut rest = bytes;
            while let Some((row, after)) = split_row(rest) {
                if (row.code, row.key) == (code(table), key) {
                    return Some(row.value.to_vec());
                }
                rest = after;
            }
            None
        });
        Ok(found?.flatten())
    }

    fn get_many(&self, keys: &[RowKey]) -> Result<Vec<Option<Vec<u8>>>, StoreError> {
        keys.iter().map(|(table, key)| self.get(*table, key)).collect()
    }

    fn count(&self, table: Table) -> Result<u64, StoreError> {
        let mut count = 0;
        self.scan(table, &[], &mut |_, _| {
            count += 1;
            Ok(())
        })?;
        Ok(count)
    }

    fn is_empty(&self, table: Table) -> Result<bool, StoreError> {
        Ok(self.count(table)? == 0)
    }

    fn scan(&self, table: Table, prefix: &[u8], visit: &mut Visit<'_>) -> Result<(), StoreError> {
        let first = self.blocks.get(self.block_of(table, prefix).unwrap_or(0));
        let Some(first) = first else { return Ok(()) };
        let sought = (code(table), prefix);
        self.read_rows(first.start, &mut |_, row| {
            if (row.code, row.key) < sought {
                return Ok(ControlFlow::Continue(()));
            }
            if row.code != code(table) || !row.key.starts_with(prefix) {
                return Ok(ControlFlow::Break(()));
            }
            visit(row.key, row.value)?;
            Ok(ControlFlow::Continue(()))
        })
    }
}

/// Compares the SHA-256 of the bytes before `checksum_start` with the one stored there.
fn verify_checksum(file: &mut dyn ReadSeek, checksum_start: u64) -> Result<(), ArchiveError> {
    let mut digest = Sha256::new();
    let mut chunk = vec![0; CHUNK];
    let mut read = || {
        file.rewind()?;
        let mut rest = checksum_start;
        while rest > 0 {
            let length = usize::try_from(rest).unwrap_or(CHUNK).min(CHUNK);
            let part = chunk.get_mut(..length).unwrap_or_default();
            file.read_exact(part)?;
            digest.update(part);
            rest = rest.saturating_sub(length_of(length));
        }
        let mut sum = [0; 32];
        file.read_exact(&mut sum)?;
        Ok(sum)
    };
    let sum = read().map_err(|why| truncated_or_failed(&why))?;
    if digest.finalize().as_slice() == sum {
        Ok(())
    } else {
        Err(invalid("its checksum is wrong, so it is damaged or incomplete"))
    }
}

fn length_of(count: usize) -> u64 {
    u64::try_from(count).unwrap_or(u64::MAX)
}

/// An error in the rows of a backup is an error of the backup, not of the store.
pub(crate) fn backup_error(why: StoreError) -> ArchiveError {
    match why {
        StoreError::Newer(_) => ArchiveError::Newer,
        StoreError::Damaged(_, why) => ArchiveError::NotABackup(why),
        StoreError::Io(name, why) if name == NAME => ArchiveError::Io(why.to_string()),
        other => ArchiveError::Store(other),
    }
}

/// Called with a row and its offset in the file.
type VisitRow<'a> = dyn FnMut(u64, Row<'_>) -> Result<ControlFlow<()>, StoreError> + 'a;

struct Row<'a> {
    code: u8,
    key: &'a [u8],
    value: &'a [u8],
}

/// Splits off the first row. Returns `None` if `bytes` do not contain it as a whole.
fn split_row(bytes: &[u8]) -> Option<(Row<'_>, &[u8])> {
    let ([code, key, high, low], rest) = bytes.split_first_chunk()?;
    let (key, rest) = rest.split_at_checked(usize::from(*key))?;
    let (value, rest) = rest.split_at_checked(usize::from(u16::from_be_bytes([*high, *low])))?;
    Some((Row { code: *code, key, value }, rest))
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
    use std::io::Cursor;

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
    fn with_checksum(bytes: &[u8]) -> Vec<u8> {
        [bytes, Sha256::digest(bytes).as_slice()].concat()
    }

    fn open<'a>(file: &'a mut Cursor<&[u8]>) -> Result<Archive<'a>, ArchiveError> {
        Archive::open(file, MAX_SIZE)
    }

    fn refused(bytes: &[u8]) -> String {
        match open(&mut Cursor::new(bytes)) {
            Err(ArchiveError::NotABackup(why)) => why,
            Err(other) => panic!("{other}"),
            Ok(_) => panic!("it was accepted"),
        }
    }

    #[test]
    fn the_bytes_of_a_backup() {
        let bytes = written(None, &[(Table::Meta, b"k", b"value"), (Table::Entries, b"12", b"")]);
        let before = b"msnpd backup\n\x03\0\x01\x01\0\x05kvalue\x04\x02\0\x0012\0";
        assert_eq!(bytes, with_checksum(before));
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
        let bytes = written(Some(&key), &rows);
        let mut file = Cursor::new(&*bytes);
        let archive = open(&mut file).unwrap();
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
        assert!(open(&mut Cursor::new(&written(None, &[]))).unwrap().key().is_none());
    }

    #[test]
    fn rows_of_many_blocks_are_found() {
        let key = |number: u32| (number * 3).to_be_bytes();
        let rows: Vec<([u8; 4], Vec<u8>)> =
            (0..3000).map(|number| (key(number), vec![7; number as usize % 90])).collect();
        let mut bytes = Vec::new();
        let mut writer = Writer::new(&mut bytes, None, VERSION, MAX_SIZE).unwrap();
        for table in [Table::Accounts, Table::Entries] {
            for (key, value) in &rows {
                writer.row(table, key, value).unwrap();
            }
            if table == Table::Accounts {
                writer.row(Table::Handles, b"big", &[1; 60_000]).unwrap();
            }
        }
        writer.finish().unwrap();
        let mut file = Cursor::new(&*bytes);
        let archive = open(&mut file).unwrap();
        assert!(archive.blocks.len() > 20);
        for table in [Table::Accounts, Table::Entries] {
            for (key, value) in &rows {
                assert_eq!(archive.get(table, key).unwrap().as_ref(), Some(value));
                let between = [key.as_slice(), b"\0"].concat();
                assert_eq!(archive.get(table, &between).unwrap(), None);
            }
            let mut found = Vec::new();
            let scanned = archive.scan(table, &[0, 0, 9], &mut |key, value| {
                found.push((key.to_vec(), value.to_vec()));
                Ok(())
            });
            scanned.unwrap();
            let expected = rows.iter().filter(|(key, _)| key.starts_with(&[0, 0, 9]));
            assert!(
                found
                    .iter()
                    .map(|(key, value)| (&**key, value))
                    .eq(expected.map(|(key, value)| (key.as_slice(), value)))
            );
        }
        assert_eq!(archive.get(Table::Handles, b"big").unwrap().unwrap().len(), 60_000);
        assert_eq!(archive.get(Table::Denied, b"big").unwrap(), None);
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
            let before = with_checksum(&[&*head, b"\0\x01\x01\0\x05kvalue\0"].concat());
            let mut file = Cursor::new(&*before);
            let archive = open(&mut file).unwrap();
            let value = archive.get(Table::Meta, b"k").unwrap();
            assert_eq!(value.as_deref(), Some(b"value".as_slice()));
        }
    }

    #[test]
    fn a_newer_version_is_distinguished_from_damage() {
        assert!(matches!(
            open(&mut Cursor::new(b"msnpd backup\n\x04\0")),
            Err(ArchiveError::Newer)
        ));
        let later = open(&mut Cursor::new(b"msnpd backup\n\xff\x07...")).err();
        assert!(matches!(later, Some(ArchiveError::Newer)));
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
            let bytes = with_checksum(&[b"msnpd backup\n\x01\0", rows].concat());
            assert_eq!(refused(&bytes), "its rows are malformed", "{rows:?}");
        }
    }

    #[test]
    fn a_backup_that_is_too_long_is_neither_written_nor_read() {
        let whole = written(None, &[(Table::Meta, b"k", b"value")]);
        let length = whole.len() as u64;
        assert!(Archive::open(&mut Cursor::new(&whole), length).is_ok());
        let mut file = Cursor::new(&whole);
        let shorter = Archive::open(&mut file, length - 1);
        let Err(ArchiveError::NotABackup(why)) = shorter else { panic!("it was accepted") };
        assert_eq!(why, "it is too long");
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
