//! The administrator's password. The data folder keeps its hash; the password itself is stored nowhere.
//! It is not the password of an account, and no client sends it.

use crate::{password, system, text};
use argon2::password_hash::{Error, PasswordVerifier};
use argon2::{Algorithm, Argon2, Params, PasswordHash, PasswordHasher, Version};
use std::fs::File;
use std::io::{self, ErrorKind, Read, Write};
use std::path::{Path, PathBuf};

/// The memory of one check, in KiB: ten checks at the same time must fit into the memory of a small board.
/// The OWASP Password Storage Cheat Sheet recommends this amount together with [`PASSES`].
const MEMORY_KIB: u32 = 9216;

/// The number of passes over that memory.
const PASSES: u32 = 4;

/// How many bytes of the file are read. A valid file is shorter.
const MAX_FILE_SIZE: u64 = 512;

/// The hash of the administrator's password.
#[derive(Debug)]
pub struct Administrator(PasswordHash);

/// Why the administrator's password cannot be read or set.
#[derive(Debug, thiserror::Error)]
pub enum AdministratorError {
    /// The file with the hash cannot be read or written.
    #[error("{}: {error}", file.display())]
    Io {
        /// The file.
        file: PathBuf,
        /// The reason.
        error: io::Error,
    },
    /// The file does not contain a hash as [`set_password`] writes it.
    #[error("{} does not contain a password hash of this program", .0.display())]
    Damaged(PathBuf),
    /// The password cannot be hashed.
    #[error("cannot hash the administrator's password: {0}")]
    Hash(Error),
}

/// Returns the path of the file with the hash.
pub(crate) fn hash_file(data: &Path) -> PathBuf {
    data.join("msnpd.admin")
}

/// Generates a password of 50 random bits.
pub(crate) fn generate() -> String {
    password::generate(system::random())
}

/// Whether the file with the hash exists. It may be damaged.
pub(crate) fn is_set(data: &Path) -> bool {
    hash_file(data).symlink_metadata().is_ok()
}

/// Generates a password, sets it, and returns it. Returns `None` if a password is set already.
pub(crate) fn create_if_unset(data: &Path) -> Result<Option<String>, AdministratorError> {
    let file = hash_file(data);
    match file.symlink_metadata() {
        Ok(_) => return Ok(None),
        Err(error) if error.kind() == ErrorKind::NotFound => {}
        Err(error) => return Err(AdministratorError::Io { file, error }),
    }
    let password = generate();
    set_password(data, &password)?;
    Ok(Some(password))
}

/// Returns the line that shows a generated password.
pub(crate) fn new_password_line(password: &str) -> String {
    format!("the administrator's password, shown only this once: {password}")
}

/// Sets the password: writes its hash into a file that only the owner can read. The file is replaced
/// atomically.
///
/// # Errors
/// [`AdministratorError`] if the password was not set.
pub fn set_password(data: &Path, password: &str) -> Result<(), AdministratorError> {
    let hash = hasher()
        .and_then(|hasher| {
            let salt = system::random().to_le_bytes();
            hasher.hash_password_with_salt(password.as_bytes(), &salt)
        })
        .map_err(AdministratorError::Hash)?;
    let file = hash_file(data);
    write(data, &file, &format!("{hash}\n")).map_err(|error| AdministratorError::Io { file, error })
}

fn write(data: &Path, file: &Path, line: &str) -> io::Result<()> {
    // The temporary file has mode 0600. Its errors would contain its name, which helps no one.
    let new = tempfile::NamedTempFile::new_in(data).map_err(|error| error.kind())?;
    store::owner::match_folder(new.as_file(), data)?;
    new.as_file().write_all(line.as_bytes())?;
    new.as_file().sync_all()?;
    new.persist(file).map_err(|failed| failed.error)?;
    File::open(data)?.sync_all()
}

fn hasher() -> Result<Argon2<'static>, Error> {
    let params = Params::new(MEMORY_KIB, PASSES, 1, None).map_err(|_| Error::ParamsInvalid)?;
    Ok(Argon2::new(Algorithm::Argon2id, Version::V0x13, params))
}

impl Administrator {
    /// Reads the hash; `None` if no password is set.
    ///
    /// # Errors
    /// [`AdministratorError`] if the file cannot be read or is damaged.
    pub fn read(data: &Path) -> Result<Option<Administrator>, AdministratorError> {
        let file = hash_file(data);
        let mut bytes = Vec::new();
        match File::open(&file)
            .and_then(|opened| opened.take(MAX_FILE_SIZE).read_to_end(&mut bytes))
        {
            Ok(_) => {}
            Err(error) if error.kind() == ErrorKind::NotFound => return Ok(None),
            Err(error) => return Err(AdministratorError::Io { file, error }),
        }
        let found = text::decode(&bytes).ok().and_then(|text| Self::parse(&text));
        found.map(Some).ok_or(AdministratorError::Damaged(file))
    }

    /// Accepts only hashes with the parameters of [`set_password`]: others could need any amount of memory
    /// and time to check.
    fn parse(text: &str) -> Option<Administrator> {
        let hash = PasswordHash::new(text.trim_end()).ok()?;
        let params = Params::try_from(&hash).ok()?;
        let has_our_parameters = hash.algorithm == Algorithm::Argon2id.ident()
            && (params.m_cost(), params.t_cost(), params.p_cost()) == (MEMORY_KIB, PASSES, 1)
            && hash.salt.is_some()
            && hash.hash.is_some();
        has_our_parameters.then_some(Administrator(hash))
    }

    /// Returns the hash as text. It differs after each change of the password.
    pub(crate) fn text(&self) -> String {
        self.0.to_string()
    }

    /// Whether this is the password. A check takes some tenths of a second of a processor and 9 MiB, whatever
    /// the result: call it on a thread that may block.
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
    fn only_the_stored_password_is_accepted() {
        let data = tempfile::TempDir::new().unwrap();
        assert!(Administrator::read(data.path()).unwrap().is_none());
        let password = generate();
        set_password(data.path(), &password).unwrap();
        let administrator = Administrator::read(data.path()).unwrap().unwrap();
        assert!(administrator.verify(&password));
        for wrong in ["", "a", "rfv9zeyu9t", &password.to_uppercase(), &format!("{password} ")] {
            assert!(!administrator.verify(wrong), "{wrong:?}");
        }
        set_password(data.path(), "another").unwrap();
        let administrator = Administrator::read(data.path()).unwrap().unwrap();
        assert!(administrator.verify("another") && !administrator.verify(&password));
    }

    #[test]
    fn the_file_is_a_phc_string_that_only_the_owner_can_read() {
        let data = tempfile::TempDir::new().unwrap();
        set_password(data.path(), "secret").unwrap();
        set_password(data.path(), "secret").unwrap();
        let text = std::fs::read_to_string(hash_file(data.path())).unwrap();
        assert!(text.starts_with("$argon2id$v=19$m=9216,t=4,p=1$"), "{text}");
        assert!(text.ends_with('\n') && !text.contains("secret"));
        let mode = std::fs::metadata(hash_file(data.path())).unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o600);
        assert_eq!(std::fs::read_dir(data.path()).unwrap().count(), 1, "no temporary file is left");
    }

    #[test]
    fn each_hash_has_a_new_salt() {
        let text = || {
            let data = tempfile::TempDir::new().unwrap();
            set_password(data.path(), "secret").unwrap();
            std::fs::read_to_string(hash_file(data.path())).unwrap()
        };
        assert_ne!(text(), text());
    }

    #[test]
    fn other_hashes_are_refused() {
        let data = tempfile::TempDir::new().unwrap();
        set_password(data.path(), "secret").unwrap();
        let good = std::fs::read_to_string(hash_file(data.path())).unwrap();
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
            std::fs::write(hash_file(data.path()), &bad).unwrap();
            let read = Administrator::read(data.path());
            assert!(matches!(read, Err(AdministratorError::Damaged(_))), "{bad}");
        }
        std::fs::write(hash_file(data.path()), b"\xff\xfe").unwrap();
        assert!(Administrator::read(data.path()).is_err());
    }
}
