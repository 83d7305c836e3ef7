//! The payload of the profile message, which a Notification Server sends once after sign-in.

use heapless::String;

/// What the server knows of a user. Up to MSNP2 it is only when he signed in (the wiki's page on
/// the profile message).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct UserProfile {
    /// When he signed in, in seconds since 1970.
    pub login_time: u64,
}

impl UserProfile {
    /// The most bytes of the payload: the whole command stays below 1 200, which is what the
    /// clients' buffers hold.
    pub const MAX: usize = 1024;

    /// The payload. Each line ends in CRLF, since Gaim 0.5x searches for it, and no value has a
    /// colon in it.
    pub fn payload(&self) -> String<{ UserProfile::MAX }> {
        let mut text = String::new();
        // The longest time fits.
        let _ = core::fmt::write(
            &mut text,
            format_args!(
                "MIME-Version: 1.0\r\n\
                 Content-Type: text/x-msmsgsprofile; charset=UTF-8\r\n\
                 LoginTime: {}\r\n\r\n",
                self.login_time
            ),
        );
        text
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_payload_is_that_of_1999() {
        let payload = UserProfile { login_time: 1_013_928_520 }.payload();
        assert_eq!(payload.len(), 95);
        assert!(payload.ends_with("\r\nLoginTime: 1013928520\r\n\r\n"));
        assert!(UserProfile { login_time: u64::MAX }.payload().ends_with("5\r\n\r\n"));
    }
}
