//! The key file: 64 hexadecimal digits and a line end. Only the server may read it. An editor may
//! have added a byte order mark.

use crate::owner;
use crate::seal::{self, KeyBytes};
use actors::port::StoreError;
use actors::port::store::IoReason;
use std::fs::{self, File, OpenOptions};
use std::io::{ErrorKind, Read, Write};
use std::path::Path;
use zeroize::Zeroizing;

/// The read limit in bytes. A key file is shorter.
const READ_LIMIT: usize = 256;

/// Reads a key file. Returns `None` if it does not exist.
pub(crate) fn read(path: &Path) -> Result<Option<KeyBytes>, StoreError> {
    let file = match File::open(path) {
        Ok(file) => file,
        Err(why) if why.kind() == ErrorKind::NotFound => return Ok(None),
        Err(why) => return Err(io_error(path, &why)),
    };
    // The buffer has room for one byte more than is read. So it is never reallocated, which would
    // leave a copy of the key in memory.
    let mut text = Zeroizing::new(Vec::with_capacity(READ_LIMIT + 1));
    let limit = u64::try_from(READ_LIMIT).unwrap_or(u64::MAX);
    file.take(limit).read_to_end(&mut text).map_err(|why| io_error(path, &why))?;
    let mut key = Zeroizing::new([0; 32]);
    let digits = strip_byte_order_mark(&text);
    match base16ct::mixed::decode(digits.trim_ascii(), key.as_mut_slice()) {
        Ok(decoded) if decoded.len() == 32 => Ok(Some(key)),
        Ok(_) | Err(_) => Err(StoreError::KeyWrong(path.display().to_string())),
    }
}

/// Removes the byte order mark. In UTF-16, also removes the zero byte beside each digit.
fn strip_byte_order_mark(text: &[u8]) -> Zeroizing<Vec<u8>> {
    let (rest, is_wide) = match text {
        [0xef, 0xbb, 0xbf, rest @ ..] => (rest, false),
        [0xff, 0xfe, rest @ ..] | [0xfe, 0xff, rest @ ..] => (rest, true),
        rest => (rest, false),
    };
    let mut digits = Zeroizing::new(Vec::with_capacity(rest.len()));
    digits.extend(rest.iter().filter(|byte| !is_wide || **byte != 0));
    digits
}

/// Creates a key file. When this returns, the whole file is on disk.
pub(crate) fn create(path: &Path) -> Result<KeyBytes, StoreError> {
    let key = seal::random_key()?;
    let unfinished = path.with_extension("key.new");
    write(&unfinished, &key).map_err(|why| io_error(&unfinished, &why))?;
    fs::rename(&unfinished, path).map_err(|why| io_error(path, &why))?;
    if let Some(directory) = path.parent() {
        sync_directory(directory).map_err(|why| io_error(directory, &why))?;
    }
    Ok(key)
}

fn write(path: &Path, key: &KeyBytes) -> std::io::Result<()> {
    // A power cut may have left the file of an earlier try.
    match fs::remove_file(path) {
        Err(why) if why.kind() != ErrorKind::NotFound => return Err(why),
        Ok(()) | Err(_) => {}
    }
    let mut digits = Zeroizing::new([0; 65]);
    base16ct::lower::encode(key.as_slice(), digits.as_mut_slice())
        .map_err(std::io::Error::other)?;
    if let Some(last) = digits.last_mut() {
        *last = b'\n';
    }
    let mut file = private(OpenOptions::new().write(true).create_new(true)).open(path)?;
    if let Some(directory) = path.parent() {
        owner::match_folder(&file, directory)?;
    }
    file.write_all(digits.as_slice())?;
    file.sync_all()
}

/// Restricts new files to their owner.
pub(crate) fn private(options: &mut OpenOptions) -> &mut OpenOptions {
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(options, 0o600);
    options
}

/// Syncs a directory, so that the names of new files in it are durable.
#[cfg(unix)]
fn sync_directory(path: &Path) -> std::io::Result<()> {
    File::open(path)?.sync_all()
}

#[cfg(not(unix))]
fn sync_directory(_: &Path) -> std::io::Result<()> {
    Ok(())
}

pub(crate) fn io_error(path: &Path, why: &std::io::Error) -> StoreError {
    let reason = IoReason { kind: Some(why.kind()), message: owner::describe(path, why) };
    StoreError::Io(path.display().to_string(), reason)
}
