//! The store in a file, with its key in a second file.

use crate::database::Redb;
use crate::key_file::{self, io_error, private};
use crate::kv_store::{KvStore, StoreClock};
use crate::medium::Medium;
use crate::owner;
use crate::seal::{self, Key};

use actors::port::{Clock, StoreError};
use redb::StorageBackend;
use redb::backends::FileBackend;
use std::fs::{self, OpenOptions};
use std::io::ErrorKind;
use std::ops::Bound;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use zeroize::Zeroizing;

/// A store in one file of a data directory, `msnpd.redb`. Beside it, `msnpd.key` has the key that
/// unseals the passwords. Only one process can have it open.
pub type File = KvStore<Redb>;

impl File {
    /// Whether the directory contains a store file. It may be damaged or in use. Creates nothing.
    #[must_use]
    pub fn exists(directory: &Path) -> bool {
        store_path(directory).exists()
    }

    /// Whether the directory contains a well-formed key file. It need not fit the store.
    #[must_use]
    pub fn has_key(directory: &Path) -> bool {
        key_file::read(&directory.join("msnpd.key")).is_ok_and(|key| key.is_some())
    }

    /// Opens the store of a data directory. Creates the directory, the store file and the key file
    /// if they are missing.
    ///
    /// A key is created only for a store without accounts. Such a store also accepts any other key.
    /// From then on, only that key fits. No password is lost, because none is sealed yet. This also
    /// happens when a store is opened only to look at it.
    ///
    /// # Errors
    /// [`StoreError`] if the store cannot be used.
    pub fn open(
        directory: &Path,
        clock: impl Clock + Send + Sync + 'static,
    ) -> Result<File, StoreError> {
        File::open_at(directory, Arc::new(clock))
    }

    fn open_at(directory: &Path, clock: StoreClock) -> Result<File, StoreError> {
        create_directory(directory).map_err(|why| io_error(directory, &why))?;
        let (path, key_path) = (store_path(directory), directory.join("msnpd.key"));
        create_file(directory, &path, &key_path)?;
        let name = path.display().to_string();
        let rows = Redb::open(name, FileMedium::new(&path), clock.clone())?;
        KvStore::with_backend(rows, &key_path.display().to_string(), clock, |has_accounts| {
            let key = match key_file::read(&key_path)? {
                Some(key) => key,
                None if has_accounts => {
                    return Err(StoreError::KeyMissing(key_path.display().to_string()));
                }
                None => key_file::create(&key_path)?,
            };
            Ok(Key::new(&key))
        })
    }

    /// Opens the store of a data directory that cannot be written. Files are opened read-only, and
    /// none is created. A store that was not closed is repaired in memory. It refuses changes while
    /// it cannot be written.
    ///
    /// # Errors
    /// [`StoreError`] if the store cannot be used.
    pub fn open_read_only(
        directory: &Path,
        clock: impl Clock + Send + Sync + 'static,
    ) -> Result<File, StoreError> {
        File::open_read_only_at(directory, Arc::new(clock))
    }

    fn open_read_only_at(directory: &Path, clock: StoreClock) -> Result<File, StoreError> {
        let (path, key_path) = (store_path(directory), directory.join("msnpd.key"));
        // redb would create a new store in an empty file.
        if fs::metadata(&path).map_err(|why| io_error(&path, &why))?.len() == 0 {
            let why = "it is empty".to_owned();
            return Err(StoreError::Damaged(path.display().to_string(), why));
        }
        let name = path.display().to_string();
        let rows = Redb::open_read_only(name, FileMedium::new(&path), clock.clone())?;
        KvStore::with_backend(rows, &key_path.display().to_string(), clock, |has_accounts| {
            match key_file::read(&key_path)? {
                Some(key) => Ok(Key::new(&key)),
                None if has_accounts => Err(StoreError::KeyMissing(key_path.display().to_string())),
                // No password was sealed with this key.
                None => seal::random_key().map(|key| Key::new(&key)),
            }
        })
    }

    /// Opens the store of a data directory to look at it: with [`File::open`], or with
    /// [`File::open_read_only`] if that fails.
    ///
    /// # Errors
    /// [`StoreError`] if the store cannot be used.
    pub fn open_or_read_only(
        directory: &Path,
        clock: impl Clock + Send + Sync + 'static,
    ) -> Result<File, StoreError> {
        let clock: StoreClock = Arc::new(clock);
        match File::open_at(directory, clock.clone()) {
            Err(why @ StoreError::Io(..)) => {
                File::open_read_only_at(directory, clock).map_err(|read_error| {
                    // If reading fails for another reason, that is the better error.
                    if matches!(read_error, StoreError::Io(..)) { why } else { read_error }
                })
            }
            opened => opened,
        }
    }

    /// Opens a store on another medium than a file in a directory: for tests that make the medium
    /// fail, and for boards whose flash has no file system. Messages call it `name`. If it is
    /// missing, it is created for this key.
    ///
    /// `medium` is called now and after each failure. It must return the same bytes each time. The
    /// earlier storage is closed by then.
    ///
    /// # Errors
    /// [`StoreError`] if the store cannot be used.
    pub fn on_medium<S: StorageBackend>(
        name: &str,
        key: &[u8; 32],
        clock: impl Clock + Send + Sync + 'static,
        medium: impl Fn() -> std::io::Result<S> + Send + Sync + 'static,
    ) -> Result<File, StoreError> {
        let clock: StoreClock = Arc::new(clock);
        let rows = Redb::open(name.to_owned(), CustomMedium(medium), clock.clone())?;
        let key = Key::new(&Zeroizing::new(*key));
        KvStore::with_backend(rows, &format!("given for {name}"), clock, |_| Ok(key))
    }
}

struct FileMedium(PathBuf);

impl FileMedium {
    /// Makes the path absolute: another disk may later be mounted over the working directory.
    fn new(path: &Path) -> FileMedium {
        FileMedium(std::path::absolute(path).unwrap_or_else(|_| path.to_owned()))
    }

    fn open_with(&self, options: &OpenOptions) -> std::io::Result<FileBackend> {
        FileBackend::new(options.open(&self.0)?).map_err(std::io::Error::other)
    }
}

impl Medium for FileMedium {
    type Storage = FileBackend;

    fn open(&self, new: bool) -> std::io::Result<FileBackend> {
        let file = self.open_with(OpenOptions::new().read(true).write(true))?;
        check_not_empty(file, new)
    }

    fn open_read_only(&self) -> std::io::Result<FileBackend> {
        check_not_empty(self.open_with(OpenOptions::new().read(true))?, false)
    }

    fn may_be_written(&self) -> std::io::Result<()> {
        OpenOptions::new().read(true).write(true).open(&self.0).map(drop)
    }
}

/// A medium that a function opens. Whether it can be written is only known after a write.
struct CustomMedium<F>(F);

impl<S: StorageBackend, F: Fn() -> std::io::Result<S> + Send + Sync> Medium for CustomMedium<F> {
    type Storage = S;

    fn open(&self, new: bool) -> std::io::Result<S> {
        check_not_empty((self.0)()?, new)
    }

    fn open_read_only(&self) -> std::io::Result<S> {
        check_not_empty((self.0)()?, false)
    }

    fn may_be_written(&self) -> std::io::Result<()> {
        Ok(())
    }
}

/// An error if the storage is empty and not `new`: redb would create a new store in it.
fn check_not_empty<S: StorageBackend>(storage: S, new: bool) -> std::io::Result<S> {
    if !new && storage.len()? == 0 {
        return Err(ErrorKind::UnexpectedEof.into());
    }
    Ok(storage)
}

fn store_path(directory: &Path) -> PathBuf {
    directory.join("msnpd.redb")
}

fn create_directory(path: &Path) -> std::io::Result<()> {
    let mut builder = fs::DirBuilder::new();
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.recursive(true).create(path)
}

/// Creates the store file if it is missing, readable by its owner only.
fn create_file(directory: &Path, path: &Path, key_path: &Path) -> Result<(), StoreError> {
    match private(OpenOptions::new().write(true).create_new(true)).open(path) {
        Ok(file) => owner::match_folder(&file, directory).map_err(|why| io_error(path, &why)),
        Err(why) if why.kind() == ErrorKind::AlreadyExists => {
            let file_error = |why: std::io::Error| io_error(path, &why);
            owner::may_change(path).map_err(file_error)?;
            // The key is created after the store, so a store without a key contains nothing of
            // value.
            if !key_path.exists() {
                return clear_unfinished(path).map_err(file_error);
            }
            // redb would create a new store in an empty file.
            if fs::metadata(path).map_err(file_error)?.len() == 0 {
                let why = "it is empty".to_owned();
                return Err(StoreError::Damaged(path.display().to_string(), why));
            }
            Ok(())
        }
        Err(why) => Err(io_error(path, &why)),
    }
}

/// Empties a file if a power cut interrupted the creation of its database. redb writes its magic
/// number last, and does not open a file without it.
fn clear_unfinished(path: &Path) -> std::io::Result<()> {
    let file = OpenOptions::new().read(true).write(true).open(path)?;
    let file = FileBackend::new(file).map_err(std::io::Error::other)?;
    // Another process that is creating the database right now holds the lock.
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
