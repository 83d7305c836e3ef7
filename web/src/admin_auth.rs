//! Authentication of the administrator.

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

/// How long a correct password is remembered after its last use. Without that, it would be hashed,
/// which is slow, for each picture of a page: browsers send the password with every request.
const MEMORY_DURATION: Duration = Duration::from_secs(600);

/// The handle under which failed sign-ins of the administrator are throttled. No account can have
/// it: RFC 2606 reserves its domain.
const ADMINISTRATOR: &str = "administrator@msnpd.invalid";

/// The source of the administrator's password.
pub trait PasswordSource {
    /// Returns the verifier of the current password, or `None` if no password is set.
    ///
    /// # Errors
    /// A message, if the verifier cannot be read.
    fn verifier(&self) -> Result<Option<Box<dyn PasswordVerifier>>, String>;
}

/// Checks passwords against one that is stored as a hash.
pub trait PasswordVerifier: Send {
    /// Returns a text that changes whenever the stored password changes.
    fn fingerprint(&self) -> String;

    /// Returns whether a password is the stored one. The check may take some time, so it is called
    /// on a thread that may block.
    fn verify(&self, password: &str) -> bool;
}

/// The result of an access check for the administrator's pages.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Access {
    Granted,
    /// The request comes from a public address.
    PublicAddress,
    /// The administrator has not set a password.
    NoPassword,
    /// The request has no password, or a wrong one.
    WrongPassword,
    /// There were too many wrong passwords.
    TooManyAttempts,
    /// The check failed, with this error message.
    Failed(String),
}

/// A password that was correct.
struct RememberedPassword {
    until: Instant,
    /// See [`AdminAuth::digest`].
    digest: [u8; 32],
}

/// Checks access to the administrator's pages.
pub(crate) struct AdminAuth {
    password_source: Box<dyn PasswordSource>,
    salt: u128,
    remembered: RefCell<Option<RememberedPassword>>,
    /// Limits password checks to one at a time: each takes 9 MiB of memory.
    check_lock: Mutex<()>,
}

impl AdminAuth {
    pub(crate) fn new(password_source: Box<dyn PasswordSource>, salt: u128) -> AdminAuth {
        AdminAuth {
            password_source,
            salt,
            remembered: RefCell::default(),
            check_lock: Mutex::new(()),
        }
    }

    /// Checks whether the request comes from the administrator.
    pub(crate) async fn check(&self, request: &PageRequest) -> Access {
        if !is_private(request.peer_info.peer) {
            return Access::PublicAddress;
        }
        // This comes before the check of the typed password: if no password is set, the browser must
        // not ask the user for one.
        let verifier = match self.password_source.verifier() {
            Ok(Some(verifier)) => verifier,
            Ok(None) => return Access::NoPassword,
            Err(message) => return Access::Failed(message),
        };
        let Some(password) = request.authorization.as_deref().and_then(basic_password) else {
            return Access::WrongPassword;
        };
        let digest = self.digest(verifier.as_ref(), &password);
        if self.use_remembered(&digest) {
            return Access::Granted;
        }
        // The handle is legal, so this never fails.
        let Ok(administrator) = Handle::new(ADMINISTRATOR) else { return Access::WrongPassword };
        let throttle = request.site.node.throttle.clone();
        let Ok(attempt) = throttle.pass(&administrator, request.peer_info.peer).await else {
            return Access::TooManyAttempts;
        };
        let _one_at_a_time = self.check_lock.lock().await;
        let checked = actix_rt::task::spawn_blocking(move || verifier.verify(&password)).await;
        match checked {
            Ok(true) => {
                attempt.succeed();
                let until = Instant::now() + MEMORY_DURATION;
                *self.remembered.borrow_mut() = Some(RememberedPassword { until, digest });
                Access::Granted
            }
            Ok(false) => {
                log::warn!("{}: wrong administrator's password", request.peer_info.peer);
                Access::WrongPassword
            }
            Err(error) => {
                // The password was not checked.
                attempt.forgive();
                Access::Failed(error.to_string())
            }
        }
    }

    /// Returns whether a password with this digest is remembered as correct. If so, it is
    /// remembered for longer.
    fn use_remembered(&self, digest: &[u8; 32]) -> bool {
        let now = Instant::now();
        let mut remembered = self.remembered.borrow_mut();
        let Some(remembered) = remembered.as_mut() else { return false };
        let is_same = bool::from(remembered.digest.ct_eq(digest));
        if !is_same || remembered.until <= now {
            return false;
        }
        remembered.until = now + MEMORY_DURATION;
        true
    }

    /// Returns a salted hash of a typed password and of the fingerprint of the stored one. So a
    /// remembered digest no longer matches after the stored password has changed.
    fn digest(&self, verifier: &dyn PasswordVerifier, password: &str) -> [u8; 32] {
        let mut hash = Sha256::new();
        hash.update(self.salt.to_le_bytes());
        hash.update(verifier.fingerprint());
        hash.update([0]);
        hash.update(password);
        hash.finalize().into()
    }
}

/// Returns the password of a Basic authorization (RFC 7617), or `None` if the scheme is another one
/// or the text is malformed. The user name is ignored.
fn basic_password(authorization: &[u8]) -> Option<String> {
    let text = std::str::from_utf8(authorization).ok()?;
    let (scheme, encoded) = text.trim().split_once(' ')?;
    if !scheme.eq_ignore_ascii_case("basic") {
        return None;
    }
    let plain = String::from_utf8(BASE64.decode(encoded.trim().as_bytes()).ok()?).ok()?;
    plain.split_once(':').map(|(_, password)| password.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_password_follows_the_first_colon() {
        assert_eq!(basic_password(b"Basic YTpiOmM=").as_deref(), Some("b:c"));
        assert_eq!(basic_password(b"basic OmI=").as_deref(), Some("b"));
        for text in ["", "Basic", "Basic YQ==", "Bearer YTpi", "Basic !!!!", "Basic /zo="] {
            assert_eq!(basic_password(text.as_bytes()), None, "{text}");
        }
    }
}
