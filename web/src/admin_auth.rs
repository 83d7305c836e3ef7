//! Whether somebody is the administrator.

use crate::page_request::PageRequest;
use actors::connection::is_private;
use data_encoding::BASE64;
use msnp::Handle;
use sha2::{Digest, Sha256};
use std::cell::RefCell;
use std::time::Duration;
use subtle::ConstantTimeEq;
use tokio::sync::Mutex;
use tokio::time::Instant;

/// How long a password that was right is not hashed again, from the last time on: a page asks for it
/// with each picture.
const REMEMBERED: Duration = Duration::from_secs(600);

/// The throttle of failed sign-ins counts under handles; the administrator has this one, which is of
/// nobody, since no domain ends so.
const NOBODY: &str = "administrator@msnpd.invalid";

/// The administrator's password, as the program around the pages keeps it.
pub trait Keys {
    /// What it is checked against now; `None` if none was set.
    ///
    /// # Errors
    /// In words, if that cannot be read.
    fn key(&self) -> Result<Option<Box<dyn Key>>, String>;
}

/// What a password is checked against.
pub trait Key: Send {
    /// Text that is another one for every other password.
    fn print(&self) -> String;

    /// Whether that is the password. It may take a processor for some time: it is called from a
    /// thread that may wait.
    fn fits(&self, password: &str) -> bool;
}

/// Whether the door to the administrator's pages opens.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Opens {
    Yes,
    /// Not from a public address, whoever it is.
    NotFromThere,
    /// No password was set.
    NoPassword,
    /// There is no password with the request, or a wrong one.
    Wrong,
    /// Too many were wrong.
    TooMany,
    /// In words.
    Failed(String),
}

/// A password that was right.
struct Right {
    until: Instant,
    /// Of the key and the password, with a salt of its own.
    digest: [u8; 32],
}

/// The door to the administrator's pages.
pub(crate) struct AdminAuth {
    keys: Box<dyn Keys>,
    salt: u128,
    right: RefCell<Option<Right>>,
    /// One at a time: each takes 9 MiB.
    looking: Mutex<()>,
}

impl AdminAuth {
    pub(crate) fn new(keys: Box<dyn Keys>, salt: u128) -> AdminAuth {
        AdminAuth { keys, salt, right: RefCell::default(), looking: Mutex::new(()) }
    }

    /// Whether this guest is the administrator.
    pub(crate) async fn open(&self, guest: &PageRequest) -> Opens {
        if !is_private(guest.facts.peer) {
            return Opens::NotFromThere;
        }
        // Where there is no password, none is asked for.
        let key = match self.keys.key() {
            Ok(Some(key)) => key,
            Ok(None) => return Opens::NoPassword,
            Err(words) => return Opens::Failed(words),
        };
        let Some(password) = guest.authorization.as_deref().and_then(password) else {
            return Opens::Wrong;
        };
        let digest = self.digest(key.as_ref(), &password);
        if self.remembers(&digest) {
            return Opens::Yes;
        }
        let Ok(nobody) = Handle::new(NOBODY) else { return Opens::Wrong };
        let throttle = guest.site.node.throttle.clone();
        let Ok(attempt) = throttle.pass(&nobody, guest.facts.peer).await else {
            return Opens::TooMany;
        };
        let _one_at_a_time = self.looking.lock().await;
        let looked = actix_rt::task::spawn_blocking(move || key.fits(&password)).await;
        match looked {
            Ok(true) => {
                attempt.succeed();
                let until = Instant::now() + REMEMBERED;
                *self.right.borrow_mut() = Some(Right { until, digest });
                Opens::Yes
            }
            Ok(false) => {
                log::warn!("{}: wrong administrator's password", guest.facts.peer);
                Opens::Wrong
            }
            Err(error) => {
                attempt.forgive();
                Opens::Failed(error.to_string())
            }
        }
    }

    fn remembers(&self, digest: &[u8; 32]) -> bool {
        let now = Instant::now();
        let mut right = self.right.borrow_mut();
        let found = right
            .as_mut()
            .filter(|right| right.until > now && bool::from(right.digest.ct_eq(digest)));
        match found {
            Some(right) => {
                right.until = now + REMEMBERED;
                true
            }
            None => false,
        }
    }

    fn digest(&self, key: &dyn Key, password: &str) -> [u8; 32] {
        let mut hash = Sha256::new();
        hash.update(self.salt.to_le_bytes());
        hash.update(key.print());
        hash.update([0]);
        hash.update(password);
        hash.finalize().into()
    }
}

/// The password of a Basic authorization (RFC 7617), whatever the name is.
fn password(authorization: &[u8]) -> Option<String> {
    let text = std::str::from_utf8(authorization).ok()?;
    let (scheme, code) = text.trim().split_once(' ')?;
    if !scheme.eq_ignore_ascii_case("basic") {
        return None;
    }
    let plain = String::from_utf8(BASE64.decode(code.trim().as_bytes()).ok()?).ok()?;
    plain.split_once(':').map(|(_, password)| password.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_password_is_behind_the_first_colon() {
        assert_eq!(password(b"Basic YTpiOmM=").as_deref(), Some("b:c"));
        assert_eq!(password(b"basic OmI=").as_deref(), Some("b"));
        for text in ["", "Basic", "Basic YQ==", "Bearer YTpi", "Basic !!!!", "Basic /zo="] {
            assert_eq!(password(text.as_bytes()), None, "{text}");
        }
    }
}
