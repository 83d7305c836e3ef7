//! The files of the verbs: whole or not at all, and for their owner's eyes only.

use crate::failure::Failure;
use std::fs::File;
use std::io::{self, Read, Write};
use std::path::{Path, PathBuf};
use tempfile::NamedTempFile;

/// A file that is being written, or standard output, which is called `-`.
pub(super) enum Target {
    /// It gets its name when it is whole.
    File(NamedTempFile, PathBuf),
    /// Standard output.
    Standard(io::Stdout),
}

impl Target {
    /// Begins to write.
    pub(super) fn new(path: &Path) -> Result<Target, Failure> {
        if path == Path::new("-") {
            return Ok(Target::Standard(io::stdout()));
        }
        let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty());
        let folder = folder.unwrap_or_else(|| Path::new("."));
        // Such files are readable by their owner only.
        let unfinished = tempfile::Builder::new().prefix(".msnpd-").tempfile_in(folder);
        let unfinished = unfinished.map_err(|error| Failure::file(path, &error))?;
        Ok(Target::File(unfinished, path.to_owned()))
    }

    /// Writes a piece.
    pub(super) fn write(&mut self, bytes: &[u8]) -> Result<(), Failure> {
        match self {
            Target::File(file, path) => {
                file.write_all(bytes).map_err(|error| Failure::file(path, &error))
            }
            Target::Standard(out) => out
                .write_all(bytes)
                .map_err(|error| Failure::file(Path::new("standard output"), &error)),
        }
    }

    /// It is whole: what had its name is replaced.
    pub(super) fn finish(self) -> Result<(), Failure> {
        match self {
            Target::File(file, path) => {
                file.as_file().sync_all().map_err(|error| Failure::file(&path, &error))?;
                file.persist(&path).map_err(|error| Failure::file(&path, &error.error))?;
                // What a power cut does to its name is the file system's.
                Ok(())
            }
            Target::Standard(mut out) => {
                out.flush().map_err(|error| Failure::file(Path::new("standard output"), &error))
            }
        }
    }
}

/// A file to read, or standard input, which is called `-`.
pub(super) fn source(path: &Path) -> Result<Box<dyn Read>, Failure> {
    if path == Path::new("-") {
        return Ok(Box::new(io::stdin()));
    }
    let file = File::open(path).map_err(|error| Failure::file(path, &error))?;
    Ok(Box::new(file))
}
