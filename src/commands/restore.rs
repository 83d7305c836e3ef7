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

/// The name under which the contents before a restore are kept in the data folder, encrypted with the key
/// that stays there. Those before earlier restores have a number from 2 on.
const BEFORE_RESTORE: &str = "before-restore.backup";

/// The number of such files that are kept.
const MAX_KEPT: usize = 5;

/// The number of bytes at the beginning of a file that show whether it is an export.
const BEGINNING: u64 = 64;

/// `restore`: replaces all accounts and lists with those of a backup.
pub(super) async fn run(loaded: &Loaded, path: &Path) -> Result<(), CommandError> {
    let mut file = source(path)?;
    let mut new = NewFiles::of(&loaded.config.data);
    let aside = SetAside::put(&loaded.config.data)?;
    let restored = async {
        let mut client = Client::connect(loaded, Needs::Folder).await?;
        let failed = |error| CommandError::file(path, &error);
        client.ask_with_file(&Request::Restore, &mut file, failed).await
    };
    let answer = restored.await.map_err(|failure| with_name(failure, path))?;
    new.keep();
    super::print_answer(&answer);
    if let Some(aside) = aside {
        for place in aside.keep() {
            stderr::line(format_args!("the unusable file is kept as {}", place.display()));
        }
    }
    Ok(())
}

/// The store, the key and the data folder, as far as they do not exist before a restore. Those that it
/// creates are removed if it fails: a new key would later be taken for the key of a backup.
#[derive(Default)]
struct NewFiles {
    files: Vec<PathBuf>,
    folder: Option<PathBuf>,
}

impl NewFiles {
    fn of(data: &Path) -> NewFiles {
        // If there is a store, its key is not replaced.
        if is_running(data) || store::File::exists(data) {
            return NewFiles::default();
        }
        let files = ["msnpd.redb", "msnpd.key"].map(|name| data.join(name));
        NewFiles {
            files: files.into_iter().filter(|file| !file.exists()).collect(),
            folder: (!data.exists()).then(|| data.to_owned()),
        }
    }

    fn keep(&mut self) {
        self.files.clear();
        self.folder = None;
    }
}

impl Drop for NewFiles {
    fn drop(&mut self) {
        // They may not have been created.
        for file in &self.files {
            let _ = fs::remove_file(file);
        }
        if let Some(folder) = &self.folder {
            // A folder with other files stays.
            let _ = fs::remove_dir(folder);
        }
    }
}

/// An unusable store and key file, moved out of the way of a restore. They move back when this is dropped.
struct SetAside {
    /// The old and the new path of each.
    moved: Vec<(PathBuf, PathBuf)>,
    /// The path of a key that the restore creates where there was none.
    new_key: Option<PathBuf>,
    data: PathBuf,
}

impl SetAside {
    /// Moves an unusable store away; returns `None` if the store is usable.
    fn put(data: &Path) -> Result<Option<SetAside>, CommandError> {
        if is_running(data) || !store::File::exists(data) {
            return Ok(None);
        }
        let opened =
            store::File::open(data, system::now).and_then(|store| store.verify_integrity());
        let wrong = match opened {
            Ok(found) if found.faults.is_empty() => return Ok(None),
            Ok(_) => None,
            // Another command may have it open for a moment: this one waits for it later.
            Err(StoreError::Locked(_)) => return Ok(None),
            Err(StoreError::Io(place, why)) => return Err(StoreError::Io(place, why).into()),
            Err(wrong) => Some(wrong),
        };
        let key = data.join("msnpd.key");
        let new_key = matches!(wrong, Some(StoreError::KeyMissing(_))).then_some(key);
        let mut aside = SetAside { moved: Vec::new(), new_key, data: data.to_owned() };
        aside.move_away("msnpd.redb")?;
        // A key that does not fit the store may still fit the backup, if it is a key at all.
        let fits_none =
            matches!(wrong, Some(StoreError::KeyWrong(_))) && !store::File::has_key(data);
        if fits_none {
            aside.move_away("msnpd.key")?;
        }
        Ok(Some(aside))
    }

    fn move_away(&mut self, name: &str) -> Result<(), CommandError> {
        let from = self.data.join(name);
        let free = |number: &usize| !self.data.join(format!("{name}.unusable-{number}")).exists();
        let number = (1..=usize::MAX).find(free).unwrap_or_default();
        let to = self.data.join(format!("{name}.unusable-{number}"));
        fs::rename(&from, &to).map_err(|error| CommandError::file(&from, &error))?;
        self.moved.push((from, to));
        Ok(())
    }

    /// Leaves the files at their new paths, and returns these.
    fn keep(mut self) -> Vec<PathBuf> {
        self.new_key = None;
        std::mem::take(&mut self.moved).into_iter().map(|(_, to)| to).collect()
    }
}

impl Drop for SetAside {
    fn drop(&mut self) {
        if let Some(key) = &self.new_key {
            // The key may not have been created.
            let _ = fs::remove_file(key);
        }
        for (from, to) in self.moved.drain(..) {
            // The restore may have created an empty file in its place, which this replaces.
            if let Err(error) = fs::rename(&to, &from) {
                stderr::line(format_args!(
                    "msnpd: cannot move {} back, it is now {}: {error}",
                    from.display(),
                    to.display()
                ));
            }
        }
    }
}

/// Restores the backup, all of it or nothing. All users are signed off, since everything may be different.
pub(super) async fn serve(
    control: &Control,
    channel: &mut Channel,
) -> Result<Answer, CommandError> {
    // No one can sign in while the store reads the file, so a slow client must not feed it directly.
    let mut file = spool(control, channel).await?;
    refuse_export(&mut file).map_err(|error| CommandError::file(&control.data(), &error))??;
    let _one_at_a_time = control.archive_lock.lock().await;
    let _alone = control.changes_lock.lock().await;
    let accounts_before = AccountCount::of(&control.node).await?;
    let before = operator::count(&control.node).await?;
    let kept = if before > 0 { keep_previous(control).await? } else { None };
    let restored = operator::restore(control.node.clone(), Box::new(file)).await;
    if restored.is_err()
        && let Some(kept) = &kept
    {
        // Nothing has changed.
        let _ = fs::remove_file(kept);
    }
    restored.map_err(|error| with_caution(error.into(), before))?;
    let accounts = AccountCount::of(&control.node).await?;
    let mut words = format!("restored, {accounts}");
    if let Some(kept) = kept {
        let place = rotate_kept(&control.data(), &kept)?;
        let place = place.display();
        words.push_str(&format!("; the previous contents, {accounts_before}, are kept in {place}"));
    } else if before > 0 {
        words.push_str("; the previous contents had faults and could not be kept");
    }
    log::info!("{words}");
    Ok(Answer::Words(words))
}

/// Adds to the advice to replace the key that the present one is needed for the present accounts.
fn with_caution(failure: CommandError, accounts: usize) -> CommandError {
    match failure {
        CommandError::Archive(ArchiveError::OtherKey) if accounts > 0 => {
            CommandError::Other(format!(
                "{}. Before you replace msnpd.key, keep a copy of the present msnpd.key and msnpd.redb",
                ArchiveError::OtherKey
            ))
        }
        failure => failure,
    }
}

/// Refuses a file that `export` wrote.
fn refuse_export(file: &mut File) -> std::io::Result<Result<(), CommandError>> {
    let mut beginning = Vec::new();
    file.by_ref().take(BEGINNING).read_to_end(&mut beginning)?;
    file.rewind()?;
    if account_file::is_export(&beginning) {
        let words = "the file is an export: use `msnpd import`. Nothing was changed";
        return Ok(Err(CommandError::Other(words.to_owned())));
    }
    Ok(Ok(()))
}

/// Writes an incoming file into an unnamed temporary file on the disk of the data folder.
pub(super) async fn spool(control: &Control, channel: &mut Channel) -> Result<File, CommandError> {
    let data = control.data();
    let (sender, mut reader) = pipe::reader();
    let writing = spawn_blocking(move || {
        let mut spooled = || {
            let mut file = tempfile::tempfile_in(&data)?;
            std::io::copy(&mut reader, &mut file)?;
            file.rewind()?;
            Ok(file)
        };
        spooled().map_err(|error| CommandError::file(&data, &error))
    });
    let (written, received) = tokio::join!(writing, super::receive(channel, sender));
    received?;
    written.map_err(|error| {
        CommandError::Other(format!("an internal part of the server failed: {error}"))
    })?
}

/// Keeps the current contents, since the backup may be the wrong one, under a preliminary name. A store
/// with faults cannot be backed up, so it is not kept.
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
    let place = data.join("before-restore.unfinished");
    file.persist(&place).map_err(|error| failed(error.error))?;
    Ok(Some(place))
}

/// Gives the kept file its final name. Earlier ones get the next number; the oldest is removed.
fn rotate_kept(data: &Path, kept: &Path) -> Result<PathBuf, CommandError> {
    let failed = |error: std::io::Error| CommandError::file(data, &error);
    let place = |number: usize| match number {
        1 => data.join(BEFORE_RESTORE),
        number => data.join(format!("before-restore.{number}.backup")),
    };
    for number in (1..MAX_KEPT).rev() {
        match fs::rename(place(number), place(number + 1)) {
            Err(error) if error.kind() != ErrorKind::NotFound => return Err(failed(error)),
            Ok(()) | Err(_) => {}
        }
    }
    fs::rename(kept, place(1)).map_err(failed)?;
    File::open(data).and_then(|folder| folder.sync_all()).map_err(failed)?;
    Ok(place(1))
}
