//! What a redb database lies on, and what of it is certain after a failure.
//!
//! redb copies on write: until a commit is synced, the pages of the one before it stay as they are. Only
//! the first page, which says where the others begin, and the length of the file change in place. So
//! the state of the last sync is those two and the file. [`Trail`] keeps them:
//!
//! * A database that is opened again after a failed commit is put back to that state first, if nobody
//!   else changed the file. The change that was refused is not there, and pages that the system
//!   failed to write, but keeps in its cache as written, are not relied on.
//! * A [`View`] shows that state while nothing can be written.

use redb::{BackendError, StorageBackend};
use std::collections::BTreeMap;
use std::io::{Error, ErrorKind, Result};
use std::ops::{Bound, Range};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// The length of a page of redb's.
const PAGE: usize = 4096;

/// Where the first page of a redb file says which slot counts, by which bit, and where the slots are.
const GOD_BYTE: usize = 9;
const PRIMARY: u8 = 1;
const SLOTS: Range<usize> = 64..320;

/// How many pages a [`View`] keeps in memory: 16 MiB. A repair writes a few of them.
const MOST: usize = 4096;

/// How many versions of the first page are kept between two syncs. redb writes two or three.
const VERSIONS: usize = 8;

/// Where a database lies.
pub(crate) trait Medium: Send + Sync {
    type Storage: StorageBackend;

    /// Opens it for reading and writing. It must be there; it may be empty only if `new`.
    fn open(&self, new: bool) -> Result<Self::Storage>;

    /// Opens it for reading.
    fn open_to_read(&self) -> Result<Self::Storage>;

    /// Whether it could be opened for writing, as far as that can be found out while it is open.
    fn may_be_written(&self) -> Result<()>;
}

/// The first page of a database and its length. What is behind the end is zeros.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Anchor {
    page: Box<[u8; PAGE]>,
    length: u64,
}

impl Anchor {
    fn of(storage: &impl StorageBackend) -> Result<Anchor> {
        let length = storage.len()?;
        let mut page = Box::new([0; PAGE]);
        let there = usize::try_from(length).unwrap_or(PAGE).min(PAGE);
        if let Some(part) = page.get_mut(..there).filter(|part| !part.is_empty()) {
            storage.read(0, part)?;
        }
        Ok(Anchor { page, length })
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

/// What the last sync left, and what was written since. It outlives the opened database.
#[derive(Debug, Default)]
pub(crate) struct Trail(Mutex<Steps>);

#[derive(Debug, Default)]
struct Steps {
    /// `None` until the database was opened first.
    synced: Option<Anchor>,
    /// The first page as it was written since, version by version.
    since: Vec<Box<[u8; PAGE]>>,
    /// The first page and the length as they are now.
    now: Option<Anchor>,
    /// Whether the file was found changed by somebody else.
    foreign: bool,
}

impl Trail {
    fn steps(&self) -> MutexGuard<'_, Steps> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Which commits are on the disk for certain: the slots of the first page, and which of them counts.
    /// A commit that fails after its sync, when redb shortens the file, is one of them.
    pub(crate) fn commits(&self) -> Option<Vec<u8>> {
        let steps = self.steps();
        let page = &steps.synced.as_ref()?.page;
        let primary = page.get(GOD_BYTE)? & PRIMARY;
        Some(page.get(SLOTS)?.iter().copied().chain([primary]).collect())
    }

    /// Whether the database was found changed by another program since this was asked last.
    pub(crate) fn take_foreign(&self) -> bool {
        std::mem::take(&mut self.steps().foreign)
    }
}

impl Steps {
    fn begin(&mut self, found: Anchor) {
        self.since.clear();
        self.synced = Some(found.clone());
        self.now = Some(found);
    }

    /// Whether a first page is one that this process has written.
    fn knows(&self, page: &[u8; PAGE]) -> bool {
        self.synced.as_ref().is_some_and(|synced| *synced.page == *page)
            || self.since.iter().any(|version| **version == *page)
    }
}

/// A storage whose steps are noted.
#[derive(Debug)]
pub(crate) struct Tracked<S> {
    storage: S,
    trail: Arc<Trail>,
    /// Whether it was put back to the last sync, which waits until redb has locked it.
    begun: Mutex<bool>,
}

impl<S: StorageBackend> Tracked<S> {
    pub(crate) fn new(storage: S, trail: Arc<Trail>) -> Tracked<S> {
        Tracked { storage, trail, begun: Mutex::new(false) }
    }

    fn begin(&self) -> Result<()> {
        let mut begun = self.begun.lock().unwrap_or_else(PoisonError::into_inner);
        if !*begun {
            let found = Anchor::of(&self.storage)?;
            let mut steps = self.trail.steps();
            match steps.synced.clone() {
                Some(synced) if steps.knows(&found.page) => {
                    let length = self.put_back(&synced, &found)?;
                    steps.begin(Anchor { length, ..synced });
                }
                earlier => {
                    steps.foreign |= earlier.is_some();
                    steps.begin(found);
                }
            }
            *begun = true;
        }
        Ok(())
    }

    /// The answer is the length then: what is behind the end of then is room, as redb takes it.
    fn put_back(&self, synced: &Anchor, found: &Anchor) -> Result<u64> {
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
        self.begin()?;
        self.storage.len()
    }

    fn read(&self, offset: u64, out: &mut [u8]) -> Result<()> {
        self.begin()?;
        self.storage.read(offset, out)
    }

    fn set_len(&self, length: u64) -> Result<()> {
        self.begin()?;
        self.storage.set_len(length)?;
        if let Some(now) = &mut self.trail.steps().now {
            now.length = length;
        }
        Ok(())
    }

    fn sync_data(&self) -> Result<()> {
        self.begin()?;
        let before = self.trail.steps().now.clone();
        self.storage.sync_data()?;
        let mut steps = self.trail.steps();
        // What was written meanwhile may not be on the disk.
        if steps.now == before {
            steps.since.clear();
        }
        steps.synced = before;
        Ok(())
    }

    fn write(&self, offset: u64, bytes: &[u8]) -> Result<()> {
        self.begin()?;
        let mut steps = self.trail.steps();
        if let Some(now) = &mut steps.now {
            now.write(offset, bytes);
            if offset < length_of(&[0; PAGE]) {
                // It counts if it fails: a part of it may be there.
                let version = now.page.clone();
                if steps.since.len() == VERSIONS {
                    steps.since.remove(0);
                }
                steps.since.push(version);
            }
        }
        drop(steps);
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

/// The state of the last sync of a storage that is never written. What redb writes into it, to repair a
/// database that was not closed, stays in memory.
#[derive(Debug)]
pub(crate) struct View<S> {
    storage: S,
    trail: Arc<Trail>,
    pages: Mutex<Option<Pages>>,
}

#[derive(Debug)]
struct Pages {
    length: u64,
    /// How long the storage is: what is behind it reads as zeros.
    stored: u64,
    written: BTreeMap<u64, Box<[u8; PAGE]>>,
}

impl<S: StorageBackend> View<S> {
    pub(crate) fn new(storage: S, trail: Arc<Trail>) -> View<S> {
        View { storage, trail, pages: Mutex::new(None) }
    }

    fn with<T>(&self, work: impl FnOnce(&mut Pages) -> Result<T>) -> Result<T> {
        let mut pages = self.pages.lock().unwrap_or_else(PoisonError::into_inner);
        if pages.is_none() {
            *pages = Some(self.begin()?);
        }
        pages.as_mut().map_or_else(|| Err(ErrorKind::Other.into()), work)
    }

    /// What is shown at first, once redb has locked it.
    fn begin(&self) -> Result<Pages> {
        let found = Anchor::of(&self.storage)?;
        let steps = self.trail.steps();
        let shown = match &steps.synced {
            Some(synced) if steps.knows(&found.page) => synced.clone(),
            _ => found.clone(),
        };
        let mut pages =
            Pages { length: shown.length, stored: found.length, written: BTreeMap::new() };
        self.write(&mut pages, 0, shown.page.as_slice())?;
        Ok(pages)
    }

    fn page(&self, pages: &Pages, number: u64) -> Result<Box<[u8; PAGE]>> {
        if let Some(page) = pages.written.get(&number) {
            return Ok(page.clone());
        }
        let mut page = Box::new([0; PAGE]);
        let start = number.saturating_mul(length_of(&[0; PAGE]));
        let there = usize::try_from(pages.stored.saturating_sub(start)).unwrap_or(PAGE);
        if let Some(part) = page.get_mut(..there.min(PAGE)).filter(|part| !part.is_empty()) {
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
            if pages.written.len() >= MOST && !pages.written.contains_key(&number) {
                let words = "repairing it would take more memory than there may be";
                return Err(Error::new(ErrorKind::OutOfMemory, words));
            }
            pages.written.insert(number, page);
        }
        pages.length = pages.length.max(offset.saturating_add(length_of(&bytes)));
        Ok(())
    }
}

/// A range in pages: the number of each, where in it the part begins, and the part.
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
            pages.stored = pages.stored.min(length);
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

    /// Others may read it meanwhile, and nobody may write it. A file that was opened for reading takes
    /// shared locks only.
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
