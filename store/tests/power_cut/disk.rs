//! A disk with a cache: a power cut loses some or all of the writes since the last sync.

use super::dice::Dice;
use redb::StorageBackend;
use std::io::{Error, ErrorKind, Result};
use std::sync::{Arc, Mutex, MutexGuard};

/// The number of bytes that a disk writes atomically.
const SECTOR: usize = 512;

#[derive(Debug, Default)]
pub(crate) struct Disk(Mutex<State>);

#[derive(Debug, Default)]
struct State {
    /// The content that survives a power cut.
    synced: Vec<u8>,
    /// The content that is read.
    now: Vec<u8>,
    /// The operations since the last sync, in order.
    since: Vec<Operation>,
    /// The number of operations until the power fails; the last of them fails.
    until_cut: Option<u64>,
    off: bool,
    /// The maximum length of the disk.
    max_length: Option<u64>,
    /// Whether all writes fail.
    full: bool,
    /// The number of operations until the disk turns read-only; the last of them fails.
    until_read_only: Option<u64>,
    read_only: bool,
}

#[derive(Debug)]
enum Operation {
    Length(u64),
    Write(u64, Vec<u8>),
}

/// How much a power cut leaves of the operations since the last sync.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Leaves {
    Nothing,
    Everything,
    /// Each sector, and each change of the length, with this probability in tenths.
    Some(u64),
}

/// The disk, as one opened database uses it.
#[derive(Debug)]
pub(crate) struct Medium(Arc<Disk>);

fn resize(bytes: &mut Vec<u8>, length: u64) {
    bytes.resize(usize::try_from(length).unwrap(), 0);
}

fn write(bytes: &mut Vec<u8>, at: usize, new: &[u8]) {
    if bytes.len() < at + new.len() {
        bytes.resize(at + new.len(), 0);
    }
    bytes[at..][..new.len()].copy_from_slice(new);
}

impl Disk {
    pub(crate) fn medium(self: &Arc<Disk>) -> Result<Medium> {
        if self.state().off { Err(off()) } else { Ok(Medium(self.clone())) }
    }

    pub(crate) fn cut_after(&self, operations: u64) {
        self.state().until_cut = Some(operations);
    }

    pub(crate) fn is_off(&self) -> bool {
        self.state().off
    }

    /// The operation with this number from now fails, and the disk is read-only from then on.
    pub(crate) fn turn_read_only_after(&self, operations: u64) {
        self.state().until_read_only = Some(operations);
    }

    /// Makes the disk read-only, or writable again.
    pub(crate) fn protect(&self, protected: bool) {
        let mut state = self.state();
        (state.until_read_only, state.read_only) = (None, protected);
    }

    pub(crate) fn is_read_only(&self) -> bool {
        self.state().read_only
    }

    /// Turns the power on again, or mounts the disk again.
    pub(crate) fn restart(&self, dice: &mut Dice, leaves: Leaves) {
        let mut state = self.state();
        let mut image = std::mem::take(&mut state.synced);
        let mut keeps = || match leaves {
            Leaves::Nothing => false,
            Leaves::Everything => true,
            Leaves::Some(tenths) => dice.roll(10) < tenths,
        };
        for operation in &state.since {
            match operation {
                Operation::Length(length) if keeps() => resize(&mut image, *length),
                Operation::Length(_) => {}
                Operation::Write(at, bytes) => {
                    let (mut at, mut rest) = (usize::try_from(*at).unwrap(), bytes.as_slice());
                    while !rest.is_empty() {
                        let (sector, after) = rest.split_at(rest.len().min(SECTOR - at % SECTOR));
                        if keeps() {
                            write(&mut image, at, sector);
                        }
                        at += sector.len();
                        rest = after;
                    }
                }
            }
        }
        *state = State { now: image.clone(), synced: image, ..State::default() };
    }

    /// Fixes the length of the disk at its current value, or lifts that limit.
    pub(crate) fn limit(&self, limited: bool) {
        let mut state = self.state();
        state.max_length = limited.then(|| state.now.len() as u64);
    }

    /// Makes all writes fail, or succeed again.
    pub(crate) fn fill(&self, full: bool) {
        self.state().full = full;
    }

    /// Changes bytes without the store.
    pub(crate) fn tamper(&self, change: impl FnOnce(&mut Vec<u8>)) {
        let mut state = self.state();
        change(&mut state.now);
        state.synced = state.now.clone();
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap()
    }
}

fn off() -> Error {
    Error::other("the power is off")
}

impl State {
    /// Runs before each operation that changes the disk. Returns an error if the disk is read-only
    /// or turns read-only now.
    fn may_write(&mut self) -> Result<()> {
        if let Some(left) = &mut self.until_read_only {
            *left = left.saturating_sub(1);
            self.read_only |= *left == 0;
        }
        if self.read_only { Err(Error::from(ErrorKind::ReadOnlyFilesystem)) } else { Ok(()) }
    }

    /// Counts an operation that changes the disk. Returns an error if the power fails now.
    fn count(&mut self) -> Result<()> {
        if let Some(left) = &mut self.until_cut {
            *left = left.saturating_sub(1);
            self.off |= *left == 0;
        }
        if self.off { Err(off()) } else { Ok(()) }
    }

    fn check_space(&self, length: u64) -> Result<()> {
        let fits = self.max_length.is_none_or(|max| length <= max) && !self.full;
        if fits { Ok(()) } else { Err(Error::from(ErrorKind::StorageFull)) }
    }
}

impl StorageBackend for Medium {
    fn len(&self) -> Result<u64> {
        let state = self.0.state();
        if state.off { Err(off()) } else { Ok(state.now.len() as u64) }
    }

    fn read(&self, offset: u64, out: &mut [u8]) -> Result<()> {
        let state = self.0.state();
        if state.off {
            return Err(off());
        }
        let from = usize::try_from(offset).unwrap();
        let found = state.now.get(from..from + out.len());
        out.copy_from_slice(found.ok_or_else(|| Error::from(ErrorKind::UnexpectedEof))?);
        Ok(())
    }

    fn set_len(&self, length: u64) -> Result<()> {
        let mut state = self.0.state();
        if state.off {
            return Err(off());
        }
        state.may_write()?;
        state.check_space(length)?;
        state.since.push(Operation::Length(length));
        resize(&mut state.now, length);
        state.count()
    }

    fn sync_data(&self) -> Result<()> {
        let mut state = self.0.state();
        if state.off {
            return Err(off());
        }
        state.may_write()?;
        state.count()?;
        let State { synced, since, .. } = &mut *state;
        for operation in since.drain(..) {
            match operation {
                Operation::Length(length) => resize(synced, length),
                Operation::Write(at, bytes) => write(synced, usize::try_from(at).unwrap(), &bytes),
            }
        }
        Ok(())
    }

    fn write(&self, offset: u64, bytes: &[u8]) -> Result<()> {
        let mut state = self.0.state();
        if state.off {
            return Err(off());
        }
        state.may_write()?;
        state.check_space(offset + bytes.len() as u64)?;
        state.since.push(Operation::Write(offset, bytes.to_vec()));
        write(&mut state.now, usize::try_from(offset).unwrap(), bytes);
        state.count()
    }
}
