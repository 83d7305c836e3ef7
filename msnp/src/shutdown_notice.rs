//! The payload of the system message that announces a shutdown of the server.

use heapless::String;

/// The announcement that a Notification Server will shut down, as the payload of a
/// [`Message`](crate::command::Message). Clients of all dialects show it with a text of their own
/// ([the wiki](crate#sources)'s page on system messages).
///
/// ```
/// let payload = msnp::ShutdownNotice { minutes: 5 }.payload();
/// assert!(payload.ends_with("Type: 1\r\nArg1: 5\r\n"));
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct ShutdownNotice {
    /// The time until the shutdown, in minutes.
    pub minutes: u32,
}

impl ShutdownNotice {
    /// The maximum length of the payload, in bytes.
    pub const MAX: usize = 128;

    /// Returns the payload: a system message of type 1.
    pub fn payload(&self) -> String<{ ShutdownNotice::MAX }> {
        let mut text = String::new();
        // The largest number fits.
        let _ = core::fmt::write(
            &mut text,
            format_args!(
                "MIME-Version: 1.0\r\n\
                 Content-Type: application/x-msmsgssystemmessage\r\n\r\n\
                 Type: 1\r\n\
                 Arg1: {}\r\n",
                self.minutes
            ),
        );
        text
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_payload_has_the_minutes() {
        let payload = ShutdownNotice { minutes: 5 }.payload();
        assert_eq!(
            payload.as_str(),
            "MIME-Version: 1.0\r\nContent-Type: application/x-msmsgssystemmessage\r\n\r\n\
             Type: 1\r\nArg1: 5\r\n"
        );
        assert!(ShutdownNotice { minutes: u32::MAX }.payload().ends_with("Arg1: 4294967295\r\n"));
    }
}
