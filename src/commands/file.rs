//! The files of the verbs: whole or not at all, and for their owner's eyes only.

use crate::error::CommandError;
use std::fs::{self, File, OpenOptions};
use std::io::{self, Read, Write};
use std::path::{Path, PathBuf};
use tempfile::NamedTempFile;

/// What is being written.
pub(super) enum Target {
    /// A file that gets its name when it is whole.
    File(NamedTempFile, PathBuf),
    /// Standard output, which is called `-`, or what is no file: a pipe, a device.
    Stream(Box<dyn Write>, PathBuf),
}

impl Target {
    /// Begins to write.
    pub(super) fn new(path: &Path) -> Result<Target, CommandError> {
        if path == Path::new("-") {
            return Ok(Target::Stream(Box::new(io::stdout()), PathBuf::from("standard output")));
        }
        let failed = |error: io::Error| CommandError::file(path, &error);
        // What a symbolic link leads to is replaced, not the link.
        let path = destination(path);
        match fs::metadata(&path) {
            Ok(there) if there.is_dir() => return Err(failed(io::ErrorKind::IsADirectory.into())),
            Ok(there) if !there.is_file() => {
                let stream = OpenOptions::new().write(true).open(&path).map_err(failed)?;
                return Ok(Target::Stream(Box::new(stream), path));
            }
            Ok(_) | Err(_) => {}
        }
        let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty());
        let folder = folder.unwrap_or_else(|| Path::new("."));
        fs::metadata(folder).map_err(|error| CommandError::file(folder, &error))?;
        // Such files are readable by their owner only.
        let unfinished = tempfile::Builder::new().prefix(super::UNFINISHED).tempfile_in(folder);
        let unfinished = unfinished.map_err(|error| CommandError::file(folder, &plain(&error)))?;
        Ok(Target::File(unfinished, path))
    }

    /// Writes a piece.
    pub(super) fn write(&mut self, bytes: &[u8]) -> Result<(), CommandError> {
        let (to, path): (&mut dyn Write, _) = match self {
            Target::File(file, path) => (file, path),
            Target::Stream(stream, path) => (stream, path),
        };
        to.write_all(bytes).map_err(|error| CommandError::file(path, &plain(&error)))
    }

    /// It is whole: a file that had its name is replaced, durably.
    pub(super) fn finish(self) -> Result<(), CommandError> {
        match self {
            Target::File(file, path) => {
                let failed = |error: io::Error| CommandError::file(&path, &plain(&error));
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

/// What a path leads to, though there may be nothing yet.
fn destination(path: &Path) -> PathBuf {
    fs::canonicalize(path).unwrap_or_else(|_| match (fs::read_link(path), path.parent()) {
        (Ok(to), Some(folder)) => folder.join(to),
        _ => path.to_owned(),
    })
}

/// An error without the name of the unfinished file, which says nothing to anybody.
fn plain(error: &io::Error) -> io::Error {
    match error.raw_os_error() {
        Some(code) => io::Error::from_raw_os_error(code),
        None => error.kind().into(),
    }
}

/// A file to read, or standard input, which is called `-`.
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
