//! A disk with a cache that forgets: what was not synced is lost when the power goes, or in part.

use super::dice::Dice;
use redb::StorageBackend;
use std::io::{Error, ErrorKind, Result};
use std::sync::{Arc, Mutex, MutexGuard};

/// A disk writes this many bytes whole or not at all.
const SECTOR: usize = 512;

#[derive(Debug, Default)]
pub(crate) struct Disk(Mutex<State>);

#[derive(Debug, Default)]
struct State {
    /// What is there after a power cut.
    synced: Vec<u8>,
    /// What is read.
    now: Vec<u8>,
    /// What was done since the last sync, in order.
    since: Vec<Operation>,
    /// After how many more operations the power goes.
    cut: Option<u64>,
    off: bool,
    /// How long the disk can become.
    room: Option<u64>,
    /// Whether nothing at all can be written.
    full: bool,
    /// After how many more operations the disk turns read-only.
    turns: Option<u64>,
    read_only: bool,
}

#[derive(Debug)]
enum Operation {
    Length(u64),
    Write(u64, Vec<u8>),
}

/// What a power cut leaves of the operations since the last sync.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Leaves {
    Nothing,
    Everything,
    /// Each sector, and each change of the length, so many times of ten.
    Some(u64),
}

/// The disk as one opened database has it.
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
        self.state().cut = Some(operations);
    }

    pub(crate) fn is_off(&self) -> bool {
        self.state().off
    }

    /// The disk turns read-only with this operation from now on, which fails.
    pub(crate) fn turn_read_only_after(&self, operations: u64) {
        self.state().turns = Some(operations);
    }

    /// From now on nothing can be written, or can.
    pub(crate) fn protect(&self, protected: bool) {
        let mut state = self.state();
        (state.turns, state.read_only) = (None, protected);
    }

    pub(crate) fn is_read_only(&self) -> bool {
        self.state().read_only
    }

    /// The power comes back, or the disk is mounted anew.
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

    /// From now on it cannot become longer, or can.
    pub(crate) fn limit(&self, limited: bool) {
        let mut state = self.state();
        state.room = limited.then(|| state.now.len() as u64);
    }

    /// From now on nothing can be written, or can.
    pub(crate) fn fill(&self, full: bool) {
        self.state().full = full;
    }

    /// Changes its bytes behind everybody's back.
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
    /// Before an operation that changes the disk: an error if it is read-only, or becomes it now.
    fn may_write(&mut self) -> Result<()> {
        if let Some(left) = &mut self.turns {
            *left = left.saturating_sub(1);
            self.read_only |= *left == 0;
        }
        if self.read_only { Err(Error::from(ErrorKind::ReadOnlyFilesystem)) } else { Ok(()) }
    }

    /// Counts an operation that changes the disk; an error if the power goes with it.
    fn count(&mut self) -> Result<()> {
        if let Some(left) = &mut self.cut {
            *left = left.saturating_sub(1);
            self.off |= *left == 0;
        }
        if self.off { Err(off()) } else { Ok(()) }
    }

    fn room_for(&self, length: u64) -> Result<()> {
        let fits = self.room.is_none_or(|room| length <= room) && !self.full;
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
        state.room_for(length)?;
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
        state.room_for(offset + bytes.len() as u64)?;
        state.since.push(Operation::Write(offset, bytes.to_vec()));
        write(&mut state.now, usize::try_from(offset).unwrap(), bytes);
        state.count()
    }
}
