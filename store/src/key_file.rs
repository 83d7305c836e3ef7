//! The key file: 64 hexadecimal digits and a line end, for nobody's eyes but the server's. An editor may
//! have put a byte order mark before them.

use crate::owner;
use crate::seal::{self, KeyBytes};
use actors::port::StoreError;
use actors::port::store::IoReason;
use std::fs::{self, File, OpenOptions};
use std::io::{ErrorKind, Read, Write};
use std::path::Path;
use zeroize::Zeroizing;

/// More than a key file has.
const TOO_MUCH: usize = 256;

/// Reads a key file; `None` if there is none.
pub(crate) fn read(path: &Path) -> Result<Option<KeyBytes>, StoreError> {
    let file = match File::open(path) {
        Ok(file) => file,
        Err(why) if why.kind() == ErrorKind::NotFound => return Ok(None),
        Err(why) => return Err(failed(path, &why)),
    };
    // With room for one more than is read, it is never moved, and no copy of it stays behind.
    let mut text = Zeroizing::new(Vec::with_capacity(TOO_MUCH + 1));
    let limit = u64::try_from(TOO_MUCH).unwrap_or(u64::MAX);
    file.take(limit).read_to_end(&mut text).map_err(|why| failed(path, &why))?;
    let mut key = Zeroizing::new([0; 32]);
    let digits = plain(&text);
    match base16ct::mixed::decode(digits.trim_ascii(), key.as_mut_slice()) {
        Ok(decoded) if decoded.len() == 32 => Ok(Some(key)),
        Ok(_) | Err(_) => Err(StoreError::KeyWrong(path.display().to_string())),
    }
}

/// The digits of a text without its byte order mark; UTF-16 has a zero beside each.
fn plain(text: &[u8]) -> Zeroizing<Vec<u8>> {
    let (rest, is_wide) = match text {
        [0xef, 0xbb, 0xbf, rest @ ..] => (rest, false),
        [0xff, 0xfe, rest @ ..] | [0xfe, 0xff, rest @ ..] => (rest, true),
        rest => (rest, false),
    };
    let mut digits = Zeroizing::new(Vec::with_capacity(rest.len()));
    digits.extend(rest.iter().filter(|byte| !is_wide || **byte != 0));
    digits
}

/// Makes a new key file where there is none. It is on disk, whole, when this returns.
pub(crate) fn create(path: &Path) -> Result<KeyBytes, StoreError> {
    let key = seal::random_key()?;
    let unfinished = path.with_extension("key.new");
    write(&unfinished, &key).map_err(|why| failed(&unfinished, &why))?;
    fs::rename(&unfinished, path).map_err(|why| failed(path, &why))?;
    if let Some(directory) = path.parent() {
        sync_directory(directory).map_err(|why| failed(directory, &why))?;
    }
    Ok(key)
}

fn write(path: &Path, key: &KeyBytes) -> std::io::Result<()> {
    // What a power cut left of an earlier try.
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
        owner::give(&file, directory)?;
    }
    file.write_all(digits.as_slice())?;
    file.sync_all()
}

/// Files that are made with these options are for their owner only.
pub(crate) fn private(options: &mut OpenOptions) -> &mut OpenOptions {
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(options, 0o600);
    options
}

/// Makes the names of new files in a directory durable.
#[cfg(unix)]
fn sync_directory(path: &Path) -> std::io::Result<()> {
    File::open(path)?.sync_all()
}

#[cfg(not(unix))]
fn sync_directory(_: &Path) -> std::io::Result<()> {
    Ok(())
}

pub(crate) fn failed(path: &Path, why: &std::io::Error) -> StoreError {
    let reason = IoReason { kind: Some(why.kind()), words: owner::describe(path, why) };
    StoreError::Io(path.display().to_string(), reason)
}
