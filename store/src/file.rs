//! The store in one file, and its key in another.

use crate::key_file::{self, failed, private};
use crate::kv_store::KvStore;
use crate::medium::Medium;
use crate::owner;
use crate::seal::{self, Key};
use crate::tables::Redb;
use actors::port::StoreError;
use redb::StorageBackend;
use redb::backends::FileBackend;
use std::fs::{self, OpenOptions};
use std::io::ErrorKind;
use std::ops::Bound;
use std::path::{Path, PathBuf};
use zeroize::Zeroizing;

/// A store in one file of a data directory, `msnpd.redb`, with the key that unseals its passwords
/// in `msnpd.key` beside it. One process can have it open.
pub type File = KvStore<Redb>;

impl File {
    /// Whether there is a store file in a directory, be it damaged or in use. Nothing is made.
    #[must_use]
    pub fn exists(directory: &Path) -> bool {
        store_in(directory).exists()
    }

    /// Whether a data directory has a key file that is one, whatever it fits.
    #[must_use]
    pub fn has_key(directory: &Path) -> bool {
        key_file::read(&directory.join("msnpd.key")).is_ok_and(|key| key.is_some())
    }

    /// Opens the store of a data directory; directory, file and key are made if they are missing.
    /// A missing key is made only as long as there are no accounts. As long, a store also takes
    /// any other key for its own, and says from then on that this one fits: nothing is sealed that
    /// could be lost. Whoever opens a store only to look at it does that too.
    ///
    /// # Errors
    /// [`StoreError`] says why it cannot be used.
    pub fn open(directory: &Path) -> Result<File, StoreError> {
        make_directory(directory).map_err(|why| failed(directory, &why))?;
        let (path, key_path) = (store_in(directory), directory.join("msnpd.key"));
        make_file(directory, &path, &key_path)?;
        let place = path.display().to_string();
        let rows = Redb::open(place, InFile::new(&path))?;
        KvStore::over(rows, &key_path.display().to_string(), |inhabited| {
            let key = match key_file::read(&key_path)? {
                Some(key) => key,
                None if inhabited => {
                    return Err(StoreError::KeyMissing(key_path.display().to_string()));
                }
                None => key_file::create(&key_path)?,
            };
            Ok(Key::new(&key))
        })
    }

    /// Opens the store of a data directory that cannot be written: its files are read only, and
    /// nothing is made. A store that was not closed is repaired in memory. It takes no changes
    /// while it cannot be written.
    ///
    /// # Errors
    /// [`StoreError`] says why it cannot be used.
    pub fn open_to_read(directory: &Path) -> Result<File, StoreError> {
        let (path, key_path) = (store_in(directory), directory.join("msnpd.key"));
        // redb would begin a new store.
        if fs::metadata(&path).map_err(|why| failed(&path, &why))?.len() == 0 {
            let why = "it is empty".to_owned();
            return Err(StoreError::Damaged(path.display().to_string(), why));
        }
        let place = path.display().to_string();
        let rows = Redb::open_to_read(place, InFile::new(&path))?;
        KvStore::over(rows, &key_path.display().to_string(), |inhabited| {
            match key_file::read(&key_path)? {
                Some(key) => Ok(Key::new(&key)),
                None if inhabited => Err(StoreError::KeyMissing(key_path.display().to_string())),
                // It seals nothing.
                None => seal::random_key().map(|key| Key::new(&key)),
            }
        })
    }

    /// Opens the store of a data directory to look at it: as [`File::open`] does, or else as
    /// [`File::open_to_read`] does.
    ///
    /// # Errors
    /// [`StoreError`] says why it cannot be used.
    pub fn look(directory: &Path) -> Result<File, StoreError> {
        match File::open(directory) {
            Err(why @ StoreError::Io(..)) => File::open_to_read(directory).map_err(|later| {
                // What keeps it from being read is the better reason.
                if matches!(later, StoreError::Io(..)) { why } else { later }
            }),
            opened => opened,
        }
    }

    /// Opens a store on another medium than a file in a directory: for tests that let the medium
    /// fail, and for boards whose flash has no file system. It is called `place` in messages; a
    /// store that is missing is made, for this key. `medium` is called now, and again after each
    /// failure: it gives the same bytes each time, and the earlier one is closed by then.
    ///
    /// # Errors
    /// [`StoreError`] says why it cannot be used.
    pub fn on_medium<S: StorageBackend>(
        place: &str,
        key: &[u8; 32],
        medium: impl Fn() -> std::io::Result<S> + Send + Sync + 'static,
    ) -> Result<File, StoreError> {
        let rows = Redb::open(place.to_owned(), Bytes(medium))?;
        let key = Key::new(&Zeroizing::new(*key));
        KvStore::over(rows, &format!("given for {place}"), |_| Ok(key))
    }
}

/// A file of this name.
struct InFile(PathBuf);

impl InFile {
    /// By its full path: another disk may be mounted over the folder that this process runs in.
    fn new(path: &Path) -> InFile {
        InFile(std::path::absolute(path).unwrap_or_else(|_| path.to_owned()))
    }

    fn opened(&self, options: &OpenOptions) -> std::io::Result<FileBackend> {
        FileBackend::new(options.open(&self.0)?).map_err(std::io::Error::other)
    }
}

impl Medium for InFile {
    type Storage = FileBackend;

    fn open(&self, new: bool) -> std::io::Result<FileBackend> {
        let file = self.opened(OpenOptions::new().read(true).write(true))?;
        not_empty(file, new)
    }

    fn open_to_read(&self) -> std::io::Result<FileBackend> {
        not_empty(self.opened(OpenOptions::new().read(true))?, false)
    }

    fn may_be_written(&self) -> std::io::Result<()> {
        OpenOptions::new().read(true).write(true).open(&self.0).map(drop)
    }
}

/// What a function gives. Whether it can be written shows when it is.
struct Bytes<F>(F);

impl<S: StorageBackend, F: Fn() -> std::io::Result<S> + Send + Sync> Medium for Bytes<F> {
    type Storage = S;

    fn open(&self, new: bool) -> std::io::Result<S> {
        not_empty((self.0)()?, new)
    }

    fn open_to_read(&self) -> std::io::Result<S> {
        not_empty((self.0)()?, false)
    }

    fn may_be_written(&self) -> std::io::Result<()> {
        Ok(())
    }
}

/// In what is empty redb would begin a new store.
fn not_empty<S: StorageBackend>(storage: S, new: bool) -> std::io::Result<S> {
    if !new && storage.len()? == 0 {
        return Err(ErrorKind::UnexpectedEof.into());
    }
    Ok(storage)
}

fn store_in(directory: &Path) -> PathBuf {
    directory.join("msnpd.redb")
}

fn make_directory(path: &Path) -> std::io::Result<()> {
    let mut builder = fs::DirBuilder::new();
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.recursive(true).create(path)
}

/// Makes a file for its owner only, where there is none.
fn make_file(directory: &Path, path: &Path, key_path: &Path) -> Result<(), StoreError> {
    match private(OpenOptions::new().write(true).create_new(true)).open(path) {
        Ok(file) => owner::give(&file, directory).map_err(|why| failed(path, &why)),
        Err(why) if why.kind() == ErrorKind::AlreadyExists => {
            let of_the_file = |why: std::io::Error| failed(path, &why);
            owner::may_change(path).map_err(of_the_file)?;
            // A key is made only after its store: without one, nothing here is of any worth.
            if !key_path.exists() {
                return forget_unfinished(path).map_err(of_the_file);
            }
            // redb takes an empty file for a new one.
            if fs::metadata(path).map_err(of_the_file)?.len() == 0 {
                let why = "it is empty".to_owned();
                return Err(StoreError::Damaged(path.display().to_string(), why));
            }
            Ok(())
        }
        Err(why) => Err(failed(path, &why)),
    }
}

/// Empties a file in which a power cut interrupted the making of a database. redb writes its
/// magic number last, and makes no database of a file that has none.
fn forget_unfinished(path: &Path) -> std::io::Result<()> {
    let file = OpenOptions::new().read(true).write(true).open(path)?;
    let file = FileBackend::new(file).map_err(std::io::Error::other)?;
    // Whoever is making it right now has it locked.
    let locked = file.try_lock_range(Bound::Unbounded, Bound::Unbounded);
    if locked.map_err(std::io::Error::other)? {
        let mut magic = [0; 9];
        if file.len()? >= 9 {
            file.read(0, &mut magic)?;
            if magic == [0; 9] {
                file.set_len(0)?;
            }
        }
    }
    file.close()
}
