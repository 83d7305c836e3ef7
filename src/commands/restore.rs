use super::account_file;
use super::file::source;
use super::import::with_name;
use crate::config::Loaded;
use crate::control::client::{Client, Needs};
use crate::control::wire::{Answer, Request};
use crate::control::{Channel, Control, pipe};
use crate::error::CommandError;
use crate::running::is_running;
use crate::{stderr, system};
use actors::message::Backup;
use actors::operator;
use actors::port::{ArchiveError, Store, StoreError};
use actors::stats::AccountCount;
use std::fs::{self, File};
use std::io::{BufWriter, ErrorKind, Read, Seek};
use std::path::{Path, PathBuf};
use tokio::task::spawn_blocking;

/// Before a restore, the contents of the store are kept in the data folder, as a backup of this
/// name. It does not include the key. Older ones have a number in their names, from 2 on.
const PREVIOUS_CONTENTS: &str = "before-restore.backup";

/// How many backups of previous contents are kept.
const MAX_KEPT: usize = 5;

/// How many bytes of a file show whether it is an export.
const BEGINNING: u64 = 64;

/// `restore`: replaces all accounts and lists with those of a backup.
pub(super) async fn run(loaded: &Loaded, path: &Path) -> Result<(), CommandError> {
    let mut file = source(path)?;
    let mut new_files = NewFiles::in_folder(&loaded.config.data);
    let unusable_store = UnusableStore::move_away(&loaded.config.data)?;
    let restore = async {
        let mut client = Client::connect(loaded, Needs::Folder).await?;
        let failed = |error| CommandError::file(path, &error);
        client.ask_with_file(&Request::Restore, &mut file, failed).await
    };
    let answer = restore.await.map_err(|failure| with_name(failure, path))?;
    new_files.keep();
    super::print_answer(&answer);
    if let Some(unusable_store) = unusable_store {
        for path in unusable_store.keep_moved() {
            stderr::line(format_args!("the unusable file is kept as {}", path.display()));
        }
    }
    Ok(())
}

/// Which of the store, the key and the data folder did not exist before a restore. When this is dropped, they
/// are removed again, since the restore has failed: a new key that stays could later be mistaken for the key
/// of a backup.
#[derive(Default)]
struct NewFiles {
    files: Vec<PathBuf>,
    folder: Option<PathBuf>,
}

impl NewFiles {
    fn in_folder(data: &Path) -> NewFiles {
        // A restore into an existing store creates no files.
        if is_running(data) || store::File::exists(data) {
            return NewFiles::default();
        }
        let files = ["msnpd.redb", "msnpd.key"].map(|name| data.join(name));
        NewFiles {
            files: files.into_iter().filter(|file| !file.exists()).collect(),
            folder: (!data.exists()).then(|| data.to_owned()),
        }
    }

    /// Keeps the new files: the restore has succeeded.
    fn keep(&mut self) {
        self.files.clear();
        self.folder = None;
    }
}

impl Drop for NewFiles {
    fn drop(&mut self) {
        // The restore may have failed before it created them.
        for file in &self.files {
            let _ = fs::remove_file(file);
        }
        if let Some(folder) = &self.folder {
            // A folder with other files stays.
            let _ = fs::remove_dir(folder);
        }
    }
}

/// The original and the new path of a file.
struct MovedFile {
    original: PathBuf,
    moved: PathBuf,
}

/// The files of an unusable store, moved out of the way of a restore. They move back when this is dropped.
struct UnusableStore {
    moved: Vec<MovedFile>,
    /// The path of a key that the restore creates where there was none.
    new_key: Option<PathBuf>,
    data: PathBuf,
}

impl UnusableStore {
    /// Moves an unusable store away. Returns `None` if there is no store, or a usable one.
    fn move_away(data: &Path) -> Result<Option<UnusableStore>, CommandError> {
        if is_running(data) || !store::File::exists(data) {
            return Ok(None);
        }
        let verified =
            store::File::open(data, system::now).and_then(|store| store.verify_integrity());
        let open_error = match verified {
            Ok(report) if report.faults.is_empty() => return Ok(None),
            Ok(_) => None,
            // Another command may have the store open for a moment. The restore waits for that.
            Err(StoreError::Locked(_)) => return Ok(None),
            Err(StoreError::Io(place, why)) => return Err(StoreError::Io(place, why).into()),
            Err(error) => Some(error),
        };
        let key = data.join("msnpd.key");
        let new_key = matches!(open_error, Some(StoreError::KeyMissing(_))).then_some(key);
        let mut unusable = UnusableStore { moved: Vec::new(), new_key, data: data.to_owned() };
        unusable.move_file("msnpd.redb")?;
        // A key that does not fit the store may still fit the backup, if it is a key at all.
        let is_no_key =
            matches!(open_error, Some(StoreError::KeyWrong(_))) && !store::File::has_key(data);
        if is_no_key {
            unusable.move_file("msnpd.key")?;
        }
        Ok(Some(unusable))
    }

    fn move_file(&mut self, name: &str) -> Result<(), CommandError> {
        let original = self.data.join(name);
        let path = |number: usize| self.data.join(format!("{name}.unusable-{number}"));
        let free_number = (1..=usize::MAX).find(|number| !path(*number).exists());
        let moved = path(free_number.unwrap_or_default());
        fs::rename(&original, &moved).map_err(|error| CommandError::file(&original, &error))?;
        self.moved.push(MovedFile { original, moved });
        Ok(())
    }

    /// Leaves the files at their new paths, and returns these: the restore has succeeded.
    fn keep_moved(mut self) -> Vec<PathBuf> {
        self.new_key = None;
        std::mem::take(&mut self.moved).into_iter().map(|file| file.moved).collect()
    }
}

impl Drop for UnusableStore {
    fn drop(&mut self) {
        if let Some(key) = &self.new_key {
            // The key may not have been created.
            let _ = fs::remove_file(key);
        }
        for MovedFile { original, moved } in self.moved.drain(..) {
            // The restore may have created an empty file at the original path, which this replaces.
            if let Err(error) = fs::rename(&moved, &original) {
                stderr::line(format_args!(
                    "msnpd: cannot move {} back, it is now {}: {error}",
                    original.display(),
                    moved.display()
                ));
            }
        }
    }
}

/// Restores the whole backup, or nothing if that fails. Signs all users off, since everything may be
/// different.
pub(super) async fn serve(
    control: &Control,
    channel: &mut Channel,
) -> Result<Answer, CommandError> {
    // First receive the whole file: no one can sign in while the store reads it, and the command may send it
    // slowly.
    let mut file = spool(control, channel).await?;
    refuse_export(&mut file, &control.data())?;
    let _one_at_a_time = control.archive_lock.lock().await;
    let _no_other_changes = control.changes_lock.lock().await;
    let accounts_before = AccountCount::of(&control.node).await?;
    let had_accounts = operator::count(&control.node).await? > 0;
    let kept = if had_accounts { keep_previous(control).await? } else { None };
    let restored = operator::restore(control.node.clone(), Box::new(file)).await;
    if restored.is_err()
        && let Some(kept) = &kept
    {
        // Nothing has changed.
        let _ = fs::remove_file(kept);
    }
    restored.map_err(|error| with_caution(error.into(), had_accounts))?;
    let accounts = AccountCount::of(&control.node).await?;
    let mut message = format!("restored, {accounts}");
    if let Some(kept) = kept {
        let path = rotate_kept(&control.data(), &kept)?;
        let path = path.display();
        message
            .push_str(&format!("; the previous contents, {accounts_before}, are kept in {path}"));
    } else if had_accounts {
        message.push_str("; the previous contents had faults and could not be kept");
    }
    log::info!("{message}");
    Ok(Answer::Words(message))
}

/// If the backup needs another key, adds to the error that the present key must be kept: the present accounts
/// need it.
fn with_caution(failure: CommandError, had_accounts: bool) -> CommandError {
    match failure {
        CommandError::Archive(ArchiveError::OtherKey) if had_accounts => {
            CommandError::Other(format!(
                "{}. Before you replace msnpd.key, keep a copy of the present msnpd.key and msnpd.redb",
                ArchiveError::OtherKey
            ))
        }
        failure => failure,
    }
}

/// Refuses a file that `export` wrote. The file is a temporary one in the data folder.
fn refuse_export(file: &mut File, data: &Path) -> Result<(), CommandError> {
    let failed = |error: std::io::Error| CommandError::file(data, &error);
    let mut beginning = Vec::new();
    file.by_ref().take(BEGINNING).read_to_end(&mut beginning).map_err(failed)?;
    file.rewind().map_err(failed)?;
    if account_file::is_export(&beginning) {
        let message = "the file is an export: use `msnpd import`. Nothing was changed";
        return Err(CommandError::Other(message.to_owned()));
    }
    Ok(())
}

/// Writes an incoming file into an unnamed temporary file on the disk of the data folder.
pub(super) async fn spool(control: &Control, channel: &mut Channel) -> Result<File, CommandError> {
    let data = control.data();
    let (sender, mut reader) = pipe::reader();
    let writing = spawn_blocking(move || {
        let mut copy = || {
            let mut file = tempfile::tempfile_in(&data)?;
            std::io::copy(&mut reader, &mut file)?;
            file.rewind()?;
            Ok(file)
        };
        copy().map_err(|error| CommandError::file(&data, &error))
    });
    let (written, received) = tokio::join!(writing, super::receive(channel, sender));
    received?;
    written.map_err(|error| {
        CommandError::Other(format!("an internal part of the server failed: {error}"))
    })?
}

/// Backs up the current contents under a preliminary name, since the user may restore the wrong backup.
/// Returns its path; `None` if the store has faults, because then it cannot be backed up.
async fn keep_previous(control: &Control) -> Result<Option<PathBuf>, CommandError> {
    let data = control.data();
    let failed = |error: std::io::Error| CommandError::file(&data, &error);
    let file = tempfile::Builder::new().prefix(super::UNFINISHED_PREFIX).tempfile_in(&data);
    let file = file.map_err(failed)?;
    store::owner::match_folder(file.as_file(), &data).map_err(failed)?;
    let to = Box::new(BufWriter::new(file.reopen().map_err(failed)?));
    match control.node.accounts.send(Backup { with_key: false, to }).await? {
        Err(ArchiveError::Store(StoreError::Damaged(_, why))) => {
            log::warn!("cannot keep the previous contents of the store: {why}");
            return Ok(None);
        }
        kept => kept?,
    }
    file.as_file().sync_all().map_err(failed)?;
    let path = data.join("before-restore.unfinished");
    file.persist(&path).map_err(|error| failed(error.error))?;
    Ok(Some(path))
}

/// Gives the kept file its final name. Earlier ones get the next number; the oldest is removed.
fn rotate_kept(data: &Path, kept: &Path) -> Result<PathBuf, CommandError> {
    let failed = |error: std::io::Error| CommandError::file(data, &error);
    let path = |number: usize| match number {
        1 => data.join(PREVIOUS_CONTENTS),
        number => data.join(format!("before-restore.{number}.backup")),
    };
    for number in (1..MAX_KEPT).rev() {
        match fs::rename(path(number), path(number + 1)) {
            Err(error) if error.kind() != ErrorKind::NotFound => return Err(failed(error)),
            Ok(()) | Err(_) => {}
        }
    }
    fs::rename(kept, path(1)).map_err(failed)?;
    File::open(data).and_then(|folder| folder.sync_all()).map_err(failed)?;
    Ok(path(1))
}
