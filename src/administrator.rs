//! The administrator's password: what it is checked against is kept in the data folder, the
//! password itself nowhere. It is not one of the accounts' passwords, and no client sends it.

use crate::{password, system, text};
use argon2::password_hash::{Error, PasswordVerifier};
use argon2::{Algorithm, Argon2, Params, PasswordHash, PasswordHasher, Version};
use std::fs::File;
use std::io::{self, ErrorKind, Read, Write};
use std::path::{Path, PathBuf};

/// How much memory one check takes, in KiB: ten at a time must fit into a small board. With the
/// four passes it is one of the equal choices of the OWASP Password Storage Cheat Sheet.
const MEMORY: u32 = 9216;
const PASSES: u32 = 4;

/// More than the file has.
const TOO_MUCH: u64 = 512;

/// The administrator, as the data folder knows him.
#[derive(Debug)]
pub struct Administrator(PasswordHash);

/// Why the file of the administrator's password cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum AdministratorError {
    /// It cannot be read or written.
    #[error("{}: {error}", file.display())]
    Io {
        /// Which file.
        file: PathBuf,
        /// Why not.
        error: io::Error,
    },
    /// What is in it is not what is written into it.
    #[error("{} does not have a password to check against", .0.display())]
    Damaged(PathBuf),
    /// The password cannot be hashed.
    #[error("the administrator's password cannot be hashed: {0}")]
    Hash(Error),
}

/// Where it is in a data folder.
pub(crate) fn place(data: &Path) -> PathBuf {
    data.join("msnpd.admin")
}

/// Makes up a password of 50 bits.
pub(crate) fn make() -> String {
    password::made_up(system::random())
}

/// Whether one is set, though it may be damaged.
pub(crate) fn is_set(data: &Path) -> bool {
    place(data).symlink_metadata().is_ok()
}

/// Makes up a password and sets it, if none is set. It is returned, and kept nowhere.
pub(crate) fn make_first(data: &Path) -> Result<Option<String>, AdministratorError> {
    let file = place(data);
    match file.symlink_metadata() {
        Ok(_) => return Ok(None),
        Err(error) if error.kind() == ErrorKind::NotFound => {}
        Err(error) => return Err(AdministratorError::Io { file, error }),
    }
    let password = make();
    store(data, &password)?;
    Ok(Some(password))
}

/// The line that shows a password that was made up.
pub(crate) fn shown_once(password: &str) -> String {
    format!("the administrator's password, shown only this once: {password}")
}

/// Sets the password: writes what it is checked against, for the owner's eyes only. The old file is
/// there, or the new one, whole, whatever happens meanwhile.
///
/// # Errors
/// [`AdministratorError`] if there is no new password.
pub fn store(data: &Path, password: &str) -> Result<(), AdministratorError> {
    let hash = hasher()
        .and_then(|hasher| {
            let salt = system::random().to_le_bytes();
            hasher.hash_password_with_salt(password.as_bytes(), &salt)
        })
        .map_err(AdministratorError::Hash)?;
    let file = place(data);
    write(data, &file, &format!("{hash}\n")).map_err(|error| AdministratorError::Io { file, error })
}

fn write(data: &Path, file: &Path, line: &str) -> io::Result<()> {
    // It is made with mode 0600. An error of its own would name it, and that name is of no use.
    let new = tempfile::NamedTempFile::new_in(data).map_err(|error| error.kind())?;
    store::owner::give(new.as_file(), data)?;
    new.as_file().write_all(line.as_bytes())?;
    new.as_file().sync_all()?;
    new.persist(file).map_err(|failed| failed.error)?;
    File::open(data)?.sync_all()
}

fn hasher() -> Result<Argon2<'static>, Error> {
    let params = Params::new(MEMORY, PASSES, 1, None).map_err(|_| Error::ParamsInvalid)?;
    Ok(Argon2::new(Algorithm::Argon2id, Version::V0x13, params))
}

impl Administrator {
    /// Reads what the password is checked against; `None` if none was set.
    ///
    /// # Errors
    /// [`AdministratorError`] if there is something that cannot be used.
    pub fn read(data: &Path) -> Result<Option<Administrator>, AdministratorError> {
        let file = place(data);
        let mut bytes = Vec::new();
        match File::open(&file).and_then(|opened| opened.take(TOO_MUCH).read_to_end(&mut bytes)) {
            Ok(_) => {}
            Err(error) if error.kind() == ErrorKind::NotFound => return Ok(None),
            Err(error) => return Err(AdministratorError::Io { file, error }),
        }
        let found = text::decode(&bytes).ok().and_then(|text| Self::parse(&text));
        found.map(Some).ok_or(AdministratorError::Damaged(file))
    }

    /// Takes only what [`store`] writes: another one might ask for any amount of memory and time.
    fn parse(text: &str) -> Option<Administrator> {
        let hash = PasswordHash::new(text.trim_end()).ok()?;
        let params = Params::try_from(&hash).ok()?;
        let known = hash.algorithm == Algorithm::Argon2id.ident()
            && (params.m_cost(), params.t_cost(), params.p_cost()) == (MEMORY, PASSES, 1)
            && hash.salt.is_some()
            && hash.hash.is_some();
        known.then_some(Administrator(hash))
    }

    /// What is in the file: another text after each change of the password.
    pub(crate) fn text(&self) -> String {
        self.0.to_string()
    }

    /// Whether that is the password. Takes as long for a wrong one, and for some tenths of a second
    /// a processor and 9 MiB: call it from a thread that may wait.
    pub fn verify(&self, password: &str) -> bool {
        let hasher = hasher();
        hasher.is_ok_and(|hasher| hasher.verify_password(password.as_bytes(), &self.0).is_ok())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::os::unix::fs::PermissionsExt;

    #[test]
    fn a_password_that_was_stored_is_verified_and_no_other() {
        let data = tempfile::TempDir::new().unwrap();
        assert!(Administrator::read(data.path()).unwrap().is_none());
        let password = make();
        store(data.path(), &password).unwrap();
        let administrator = Administrator::read(data.path()).unwrap().unwrap();
        assert!(administrator.verify(&password));
        for wrong in ["", "a", "rfv9zeyu9t", &password.to_uppercase(), &format!("{password} ")] {
            assert!(!administrator.verify(wrong), "{wrong:?}");
        }
        store(data.path(), "another").unwrap();
        let administrator = Administrator::read(data.path()).unwrap().unwrap();
        assert!(administrator.verify("another") && !administrator.verify(&password));
    }

    #[test]
    fn the_file_is_a_phc_string_for_its_owner_only() {
        let data = tempfile::TempDir::new().unwrap();
        store(data.path(), "secret").unwrap();
        store(data.path(), "secret").unwrap();
        let text = std::fs::read_to_string(place(data.path())).unwrap();
        assert!(text.starts_with("$argon2id$v=19$m=9216,t=4,p=1$"), "{text}");
        assert!(text.ends_with('\n') && !text.contains("secret"));
        let mode = std::fs::metadata(place(data.path())).unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o600);
        assert_eq!(std::fs::read_dir(data.path()).unwrap().count(), 1, "nothing stays behind");
    }

    #[test]
    fn the_same_password_is_never_stored_in_the_same_way() {
        let text = || {
            let data = tempfile::TempDir::new().unwrap();
            store(data.path(), "secret").unwrap();
            std::fs::read_to_string(place(data.path())).unwrap()
        };
        assert_ne!(text(), text());
    }

    #[test]
    fn what_was_not_stored_so_is_refused() {
        let data = tempfile::TempDir::new().unwrap();
        store(data.path(), "secret").unwrap();
        let good = std::fs::read_to_string(place(data.path())).unwrap();
        for bad in [
            String::new(),
            "secret\n".into(),
            good.replace("m=9216", "m=4194304"),
            good.replace("t=4", "t=4000"),
            good.replace("argon2id", "argon2i"),
            good.rsplit_once('$').unwrap().0.to_owned(),
            format!("{good}{good}"),
            "x".repeat(100_000),
        ] {
            std::fs::write(place(data.path()), &bad).unwrap();
            let read = Administrator::read(data.path());
            assert!(matches!(read, Err(AdministratorError::Damaged(_))), "{bad}");
        }
        std::fs::write(place(data.path()), b"\xff\xfe").unwrap();
        assert!(Administrator::read(data.path()).is_err());
    }
}
