//! The files that commands read and write. A file that a command writes gets its name when it is complete,
//! and only its owner can read it.

use crate::error::CommandError;
use std::fs::{self, File, OpenOptions};
use std::io::{self, Read, Write};
use std::path::{Path, PathBuf};
use tempfile::NamedTempFile;

/// The destination of a command's output.
pub(super) enum Target {
    /// A temporary file, which gets this path when it is complete.
    File(NamedTempFile, PathBuf),
    /// Standard output (`-`), a pipe or a device, with its path for messages.
    Stream(Box<dyn Write>, PathBuf),
}

impl Target {
    /// Opens the destination.
    pub(super) fn new(path: &Path) -> Result<Target, CommandError> {
        if path == Path::new("-") {
            return Ok(Target::Stream(Box::new(io::stdout()), PathBuf::from("standard output")));
        }
        let failed = |error: io::Error| CommandError::file(path, &error);
        // If the path is a symbolic link, the file that it leads to is replaced, not the link.
        let path = follow_links(path);
        match fs::metadata(&path) {
            Ok(metadata) if metadata.is_dir() => {
                return Err(failed(io::ErrorKind::IsADirectory.into()));
            }
            Ok(metadata) if !metadata.is_file() => {
                let stream = OpenOptions::new().write(true).open(&path).map_err(failed)?;
                return Ok(Target::Stream(Box::new(stream), path));
            }
            // A file to replace, or a new one.
            Ok(_) | Err(_) => {}
        }
        let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty());
        let folder = folder.unwrap_or_else(|| Path::new("."));
        fs::metadata(folder).map_err(|error| folder_error(&path, folder, &error))?;
        // Temporary files are readable by their owner only.
        let unfinished =
            tempfile::Builder::new().prefix(super::UNFINISHED_PREFIX).tempfile_in(folder);
        let unfinished =
            unfinished.map_err(|error| CommandError::file(folder, &without_path(&error)))?;
        Ok(Target::File(unfinished, path))
    }

    /// Writes a piece.
    pub(super) fn write(&mut self, bytes: &[u8]) -> Result<(), CommandError> {
        let (to, path): (&mut dyn Write, _) = match self {
            Target::File(file, path) => (file, path),
            Target::Stream(stream, path) => (stream, path),
        };
        to.write_all(bytes).map_err(|error| CommandError::file(path, &without_path(&error)))
    }

    /// Completes the output. A file gets its name, replaces one of the same name, and is on disk when this
    /// returns.
    pub(super) fn finish(self) -> Result<(), CommandError> {
        match self {
            Target::File(file, path) => {
                let failed = |error: io::Error| CommandError::file(&path, &without_path(&error));
                file.as_file().sync_all().map_err(failed)?;
                file.persist(&path).map_err(|error| failed(error.error))?;
                let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty());
                let folder = File::open(folder.unwrap_or_else(|| Path::new(".")));
                folder.and_then(|folder| folder.sync_all()).map_err(failed)
            }
            Target::Stream(mut stream, path) => {
                stream.flush().map_err(|error| CommandError::file(&path, &error))
            }
        }
    }
}

/// Returns the error for a folder that cannot be examined: it may not exist.
fn folder_error(path: &Path, folder: &Path, error: &io::Error) -> CommandError {
    if error.kind() != io::ErrorKind::NotFound {
        return CommandError::file(folder, error);
    }
    let (path, folder) = (path.display(), folder.display());
    CommandError::Other(format!(
        "cannot write {path}: the folder {folder} does not exist; create it first"
    ))
}

/// Follows the symbolic links of a path. If the file at their end does not exist, follows only the last link.
fn follow_links(path: &Path) -> PathBuf {
    fs::canonicalize(path).unwrap_or_else(|_| match (fs::read_link(path), path.parent()) {
        (Ok(target), Some(folder)) => folder.join(target),
        _ => path.to_owned(),
    })
}

/// Returns an error without the name of the temporary file.
fn without_path(error: &io::Error) -> io::Error {
    match error.raw_os_error() {
        Some(code) => io::Error::from_raw_os_error(code),
        None => error.kind().into(),
    }
}

/// Opens a file to read, or standard input (`-`).
pub(super) fn source(path: &Path) -> Result<Box<dyn Read>, CommandError> {
    if path == Path::new("-") {
        return Ok(Box::new(io::stdin()));
    }
    let failed = |error: io::Error| CommandError::file(path, &error);
    let file = File::open(path).map_err(failed)?;
    if file.metadata().map_err(failed)?.is_dir() {
        return Err(failed(io::ErrorKind::IsADirectory.into()));
    }
    Ok(Box::new(file))
}
