//! The storage under a redb database, and its exact state after a failure.
//!
//! redb copies on write: until a commit is synced, the pages of the commit before it stay
//! unchanged. Only the first page, which points to the others, and the length of the file change in
//! place. So the first page, the length and the file give the state at the last sync. [`LastSync`]
//! keeps the first two:
//!
//! * When a database is opened again after a failed commit, that state is restored first, unless
//!   another program changed the file. So the refused change is gone. Pages that the system failed
//!   to write, but keeps in its cache as written, are not used.
//! * A [`View`] shows that state while nothing can be written.

use redb::{BackendError, StorageBackend};
use std::collections::BTreeMap;
use std::io::{Error, ErrorKind, Result};
use std::ops::{Bound, Range};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// The page size of redb.
const PAGE: usize = 4096;

/// The offset of the byte whose bit [`PRIMARY`] selects the active commit slot, in the first page.
const GOD_BYTE: usize = 9;
const PRIMARY: u8 = 1;

/// The two commit slots in the first page.
const SLOTS: Range<usize> = 64..320;

/// The maximum number of pages that a [`View`] keeps in memory: 16 MiB. A repair writes only a few.
const MAX_PAGES: usize = 4096;

/// How many versions of the first page are kept between two syncs. redb writes two or three.
const MAX_VERSIONS: usize = 8;

/// Opens the storage of a database.
pub(crate) trait Medium: Send + Sync {
    type Storage: StorageBackend;

    /// Opens it for reading and writing. It must exist, and may be empty only if `new`.
    fn open(&self, new: bool) -> Result<Self::Storage>;

    fn open_read_only(&self) -> Result<Self::Storage>;

    /// Checks that it could be opened for writing, as far as that is possible while it is open.
    fn may_be_written(&self) -> Result<()>;
}

/// The first page of a database and its length. If the file is shorter than a page, zeros fill the
/// rest.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Header {
    page: Box<[u8; PAGE]>,
    length: u64,
}

impl Header {
    fn read(storage: &impl StorageBackend) -> Result<Header> {
        let length = storage.len()?;
        let mut page = Box::new([0; PAGE]);
        let available = usize::try_from(length).unwrap_or(PAGE).min(PAGE);
        if let Some(part) = page.get_mut(..available).filter(|part| !part.is_empty()) {
            storage.read(0, part)?;
        }
        Ok(Header { page, length })
    }

    fn write(&mut self, offset: u64, bytes: &[u8]) {
        let end = offset.saturating_add(length_of(bytes));
        self.length = self.length.max(end);
        let Some(from) = usize::try_from(offset).ok().filter(|from| *from < PAGE) else { return };
        for (to, byte) in self.page.iter_mut().skip(from).zip(bytes) {
            *to = *byte;
        }
    }
}

fn length_of(bytes: &[u8]) -> u64 {
    u64::try_from(bytes.len()).unwrap_or(u64::MAX)
}

/// The state at the last sync, and the versions of the first page that were written since. It
/// outlives the opened database.
#[derive(Debug, Default)]
pub(crate) struct LastSync(Mutex<LastSyncState>);

#[derive(Debug, Default)]
struct LastSyncState {
    /// `None` until the database was opened once.
    synced: Option<Header>,
    /// Each version of the first page that was written since the sync.
    versions: Vec<Box<[u8; PAGE]>>,
    /// The first page and the length as they are at present.
    current: Option<Header>,
    /// Whether another program changed the file.
    foreign_change: bool,
}

impl LastSync {
    fn state(&self) -> MutexGuard<'_, LastSyncState> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Identifies the commits that are on the disk: the slots of the first page, and which one is
    /// active. A commit that fails after its sync, when redb shortens the file, is among them.
    pub(crate) fn commits(&self) -> Option<Vec<u8>> {
        let state = self.state();
        let page = &state.synced.as_ref()?.page;
        let primary = page.get(GOD_BYTE)? & PRIMARY;
        Some(page.get(SLOTS)?.iter().copied().chain([primary]).collect())
    }

    /// Whether another program has changed the database since the last call.
    pub(crate) fn take_foreign_change(&self) -> bool {
        std::mem::take(&mut self.state().foreign_change)
    }
}

impl LastSyncState {
    fn reset(&mut self, found: Header) {
        self.versions.clear();
        self.synced = Some(found.clone());
        self.current = Some(found);
    }

    /// Whether this process wrote this version of the first page.
    fn has_written(&self, page: &[u8; PAGE]) -> bool {
        self.synced.as_ref().is_some_and(|synced| *synced.page == *page)
            || self.versions.iter().any(|version| **version == *page)
    }
}

/// A storage that records its writes in a [`LastSync`].
#[derive(Debug)]
pub(crate) struct Tracked<S> {
    storage: S,
    last_sync: Arc<LastSync>,
    /// Whether the state of the last sync was restored. This waits until redb has locked the
    /// storage.
    is_restored: Mutex<bool>,
}

impl<S: StorageBackend> Tracked<S> {
    pub(crate) fn new(storage: S, last_sync: Arc<LastSync>) -> Tracked<S> {
        Tracked { storage, last_sync, is_restored: Mutex::new(false) }
    }

    fn restore_once(&self) -> Result<()> {
        let mut is_restored = self.is_restored.lock().unwrap_or_else(PoisonError::into_inner);
        if !*is_restored {
            let found = Header::read(&self.storage)?;
            let mut state = self.last_sync.state();
            match state.synced.clone() {
                Some(synced) if state.has_written(&found.page) => {
                    let length = self.restore(&synced, &found)?;
                    state.reset(Header { length, ..synced });
                }
                synced => {
                    state.foreign_change |= synced.is_some();
                    state.reset(found);
                }
            }
            *is_restored = true;
        }
        Ok(())
    }

    /// Restores the first page and returns the length. redb treats bytes beyond the length of the
    /// last sync as free space.
    fn restore(&self, synced: &Header, found: &Header) -> Result<u64> {
        let length = synced.length.max(found.length);
        if length > found.length {
            self.storage.set_len(length)?;
        }
        if synced.page != found.page {
            self.storage.write(0, synced.page.as_slice())?;
            self.storage.sync_data()?;
        }
        Ok(length)
    }
}

impl<S: StorageBackend> StorageBackend for Tracked<S> {
    fn len(&self) -> Result<u64> {
        self.restore_once()?;
        self.storage.len()
    }

    fn read(&self, offset: u64, out: &mut [u8]) -> Result<()> {
        self.restore_once()?;
        self.storage.read(offset, out)
    }

    fn set_len(&self, length: u64) -> Result<()> {
        self.restore_once()?;
        self.storage.set_len(length)?;
        if let Some(current) = &mut self.last_sync.state().current {
            current.length = length;
        }
        Ok(())
    }

    fn sync_data(&self) -> Result<()> {
        self.restore_once()?;
        let before = self.last_sync.state().current.clone();
        self.storage.sync_data()?;
        let mut state = self.last_sync.state();
        // Bytes that were written during the sync may not be on the disk.
        if state.current == before {
            state.versions.clear();
        }
        state.synced = before;
        Ok(())
    }

    fn write(&self, offset: u64, bytes: &[u8]) -> Result<()> {
        self.restore_once()?;
        let mut state = self.last_sync.state();
        if let Some(current) = &mut state.current {
            current.write(offset, bytes);
            if offset < length_of(&[0; PAGE]) {
                // Recorded even if the write fails: part of it may be on the disk.
                let version = current.page.clone();
                if state.versions.len() == MAX_VERSIONS {
                    state.versions.remove(0);
                }
                state.versions.push(version);
            }
        }
        drop(state);
        self.storage.write(offset, bytes)
    }

    fn close(&self) -> Result<()> {
        self.storage.close()
    }

    fn try_lock_range(
        &self,
        start: Bound<u64>,
        end: Bound<u64>,
    ) -> std::result::Result<bool, BackendError> {
        self.storage.try_lock_range(start, end)
    }

    fn try_lock_shared_range(
        &self,
        start: Bound<u64>,
        end: Bound<u64>,
    ) -> std::result::Result<bool, BackendError> {
        self.storage.try_lock_shared_range(start, end)
    }

    fn lock_range(
        &self,
        start: Bound<u64>,
        end: Bound<u64>,
    ) -> std::result::Result<(), BackendError> {
        self.storage.lock_range(start, end)
    }

    fn lock_shared_range(
        &self,
        start: Bound<u64>,
        end: Bound<u64>,
    ) -> std::result::Result<(), BackendError> {
        self.storage.lock_shared_range(start, end)
    }

    fn unlock_range(
        &self,
        start: Bound<u64>,
        end: Bound<u64>,
    ) -> std::result::Result<(), BackendError> {
        self.storage.unlock_range(start, end)
    }

    fn query_lock_range(
        &self,
        start: Bound<u64>,
        end: Bound<u64>,
    ) -> std::result::Result<bool, BackendError> {
        self.storage.query_lock_range(start, end)
    }
}

/// The state at the last sync of a storage that is never written. redb writes to it when it repairs
/// a database that was not closed. These pages stay in memory.
#[derive(Debug)]
pub(crate) struct View<S> {
    storage: S,
    last_sync: Arc<LastSync>,
    pages: Mutex<Option<Pages>>,
}

#[derive(Debug)]
struct Pages {
    /// The length that redb sees.
    length: u64,
    /// The length of the storage. Bytes beyond it read as zeros.
    storage_length: u64,
    /// The pages that differ from the storage, by page number.
    written: BTreeMap<u64, Box<[u8; PAGE]>>,
}

impl<S: StorageBackend> View<S> {
    pub(crate) fn new(storage: S, last_sync: Arc<LastSync>) -> View<S> {
        View { storage, last_sync, pages: Mutex::new(None) }
    }

    fn with<T>(&self, work: impl FnOnce(&mut Pages) -> Result<T>) -> Result<T> {
        let mut pages = self.pages.lock().unwrap_or_else(PoisonError::into_inner);
        if pages.is_none() {
            *pages = Some(self.initial_pages()?);
        }
        pages.as_mut().map_or_else(|| Err(ErrorKind::Other.into()), work)
    }

    /// The state at the last sync. Called after redb has locked the storage.
    fn initial_pages(&self) -> Result<Pages> {
        let found = Header::read(&self.storage)?;
        let state = self.last_sync.state();
        let shown = match &state.synced {
            Some(synced) if state.has_written(&found.page) => synced.clone(),
            _ => found.clone(),
        };
        let mut pages =
            Pages { length: shown.length, storage_length: found.length, written: BTreeMap::new() };
        self.write(&mut pages, 0, shown.page.as_slice())?;
        Ok(pages)
    }

    fn page(&self, pages: &Pages, number: u64) -> Result<Box<[u8; PAGE]>> {
        if let Some(page) = pages.written.get(&number) {
            return Ok(page.clone());
        }
        let mut page = Box::new([0; PAGE]);
        let start = number.saturating_mul(length_of(&[0; PAGE]));
        let available = usize::try_from(pages.storage_length.saturating_sub(start)).unwrap_or(PAGE);
        if let Some(part) = page.get_mut(..available.min(PAGE)).filter(|part| !part.is_empty()) {
            self.storage.read(start, part)?;
        }
        Ok(page)
    }

    fn read(&self, pages: &Pages, offset: u64, out: &mut [u8]) -> Result<()> {
        let end = offset.checked_add(length_of(out)).filter(|end| *end <= pages.length);
        end.ok_or_else(|| Error::from(ErrorKind::UnexpectedEof))?;
        for (number, from, part) in parts(offset, out) {
            let page = self.page(pages, number)?;
            for (to, byte) in part.iter_mut().zip(page.iter().skip(from)) {
                *to = *byte;
            }
        }
        Ok(())
    }

    fn write(&self, pages: &mut Pages, offset: u64, bytes: &[u8]) -> Result<()> {
        let mut bytes = bytes.to_vec();
        for (number, from, part) in parts(offset, &mut bytes) {
            let mut page = self.page(pages, number)?;
            for (to, byte) in page.iter_mut().skip(from).zip(part) {
                *to = *byte;
            }
            if pages.written.len() >= MAX_PAGES && !pages.written.contains_key(&number) {
                let message = "repairing it would take more than 16 MiB of memory";
                return Err(Error::new(ErrorKind::OutOfMemory, message));
            }
            pages.written.insert(number, page);
        }
        pages.length = pages.length.max(offset.saturating_add(length_of(&bytes)));
        Ok(())
    }
}

/// Splits a range into pages: the page number, the offset in the page, and the bytes.
fn parts(offset: u64, mut rest: &mut [u8]) -> Vec<(u64, usize, &mut [u8])> {
    let page = length_of(&[0; PAGE]);
    let (mut number, mut from) = (offset / page, usize::try_from(offset % page).unwrap_or(0));
    let mut parts = Vec::new();
    while !rest.is_empty() {
        let length = rest.len().min(PAGE.saturating_sub(from));
        let Some((part, after)) = rest.split_at_mut_checked(length) else { break };
        parts.push((number, from, part));
        (number, from, rest) = (number.saturating_add(1), 0, after);
    }
    parts
}

impl<S: StorageBackend> StorageBackend for View<S> {
    fn len(&self) -> Result<u64> {
        self.with(|pages| Ok(pages.length))
    }

    fn read(&self, offset: u64, out: &mut [u8]) -> Result<()> {
        self.with(|pages| self.read(pages, offset, out))
    }

    fn set_len(&self, length: u64) -> Result<()> {
        self.with(|pages| {
            pages.length = length;
            pages.storage_length = pages.storage_length.min(length);
            let end = length.div_ceil(length_of(&[0; PAGE]));
            pages.written.retain(|number, _| *number < end);
            Ok(())
        })
    }

    fn sync_data(&self) -> Result<()> {
        Ok(())
    }

    fn write(&self, offset: u64, bytes: &[u8]) -> Result<()> {
        self.with(|pages| self.write(pages, offset, bytes))
    }

    fn close(&self) -> Result<()> {
        self.storage.close()
    }

    /// Takes a shared lock: others may read the file, but not write it. A file that is open for
    /// reading cannot take other locks.
    fn try_lock_range(
        &self,
        start: Bound<u64>,
        end: Bound<u64>,
    ) -> std::result::Result<bool, BackendError> {
        self.storage.try_lock_shared_range(start, end)
    }

    fn try_lock_shared_range(
        &self,
        start: Bound<u64>,
        end: Bound<u64>,
    ) -> std::result::Result<bool, BackendError> {
        self.storage.try_lock_shared_range(start, end)
    }

    fn lock_range(
        &self,
        start: Bound<u64>,
        end: Bound<u64>,
    ) -> std::result::Result<(), BackendError> {
        self.storage.lock_shared_range(start, end)
    }

    fn lock_shared_range(
        &self,
        start: Bound<u64>,
        end: Bound<u64>,
    ) -> std::result::Result<(), BackendError> {
        self.storage.lock_shared_range(start, end)
    }

    fn unlock_range(
        &self,
        start: Bound<u64>,
        end: Bound<u64>,
    ) -> std::result::Result<(), BackendError> {
        self.storage.unlock_range(start, end)
    }

    fn query_lock_range(
        &self,
        start: Bound<u64>,
        end: Bound<u64>,
    ) -> std::result::Result<bool, BackendError> {
        self.storage.query_lock_range(start, end)
    }
}
