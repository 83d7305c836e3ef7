//! The payload of the profile message, which a Notification Server sends once after a sign-in.

use crate::types::Dialect;
use heapless::String;

/// The profile of a user, as the payload of a [`Message`](crate::command::Message). It has the time
/// of the sign-in. Since MSNP3 it also has the fields of Passport ([the wiki](crate#sources)'s page
/// on the profile message). The Passport fields are empty or neutral here, and state that the user
/// has no mailbox.
///
/// ```
/// use msnp::{Dialect, UserProfile};
///
/// let payload = UserProfile { login_time: 1_013_928_520 }.payload(Dialect::Msnp2);
/// assert!(payload.ends_with("\r\nLoginTime: 1013928520\r\n\r\n"));
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct UserProfile {
    /// The time of the sign-in, in seconds since 1970.
    pub login_time: u64,
}

impl UserProfile {
    /// The maximum length of the payload, in bytes. The whole command stays below 1 200 bytes, the
    /// size of the clients' buffers.
    pub const MAX: usize = 1024;

    /// Returns the payload. Each line ends with CRLF, for which Gaim 0.5x searches
    /// (`Quirk::SearchesProfile`). No value contains a colon.
    pub fn payload(&self, dialect: Dialect) -> String<{ UserProfile::MAX }> {
        let mut text = String::new();
        let passport = if dialect >= Dialect::Msnp3 { PASSPORT } else { "" };
        // The longest time fits.
        let _ = core::fmt::write(
            &mut text,
            format_args!(
                "MIME-Version: 1.0\r\n\
                 Content-Type: text/x-msmsgsprofile; charset=UTF-8\r\n\
                 LoginTime: {}\r\n\
                 {passport}\r\n",
                self.login_time
            ),
        );
        text
    }
}

/// The Passport fields, in the order of the Microsoft servers. Even empty ones must be sent: Gaim
/// 0.5x fails if it does not find `kv`, `sid` and `MSPAuth` (`Quirk::SearchesProfile`).
const PASSPORT: &str = "EmailEnabled: 0\r\n\
    MemberIdHigh: 0\r\n\
    MemberIdLow: 1\r\n\
    lang_preference: 1033\r\n\
    preferredEmail: \r\n\
    country: \r\n\
    PostalCode: \r\n\
    Gender: \r\n\
    Kid: 0\r\n\
    Age: \r\n\
    BDayPre: \r\n\
    Birthday: \r\n\
    Wallet: \r\n\
    Flags: 1027\r\n\
    sid: 507\r\n\
    kv: 11\r\n\
    MSPAuth: 0\r\n";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_msnp2_payload_is_that_of_1999() {
        let payload = UserProfile { login_time: 1_013_928_520 }.payload(Dialect::Msnp2);
        assert_eq!(payload.len(), 95);
        assert!(payload.ends_with("\r\nLoginTime: 1013928520\r\n\r\n"));
        let last = UserProfile { login_time: u64::MAX };
        assert!(last.payload(Dialect::Msnp2).ends_with("5\r\n\r\n"));
    }

    #[test]
    fn since_msnp3_it_has_the_fields_of_passport() {
        let profile = UserProfile { login_time: 1_013_928_520 };
        for dialect in Dialect::ALL.into_iter().skip(1) {
            let payload = profile.payload(dialect);
            assert_eq!(payload.len(), 312);
            assert!(payload.contains("\r\nLoginTime: 1013928520\r\nEmailEnabled: 0\r\n"));
            assert!(payload.contains("\r\nsid: 507\r\nkv: 11\r\nMSPAuth: 0\r\n"));
            assert!(payload.ends_with("\r\n\r\n"));
        }
    }

    #[test]
    fn no_value_has_a_colon_and_the_command_is_short() {
        let payload = UserProfile { login_time: u64::MAX }.payload(Dialect::Msnp7);
        let header = "MSG Hotmail Hotmail 1024\r\n".len();
        assert!(header + payload.len() < 1200);
        for line in payload.trim_end().split("\r\n") {
            assert_eq!(line.matches(": ").count(), 1, "{line}");
            assert_eq!(line.matches(':').count(), 1, "{line}");
        }
    }
}
