//! The payload of the system message with which a Notification Server says that it goes down.

use heapless::String;

/// The server goes down. Clients of all dialects show it in their own words; there is no text of the
/// server's in it (the wiki's page on system messages).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct GoingDown {
    /// In how many minutes.
    pub minutes: u32,
}

impl GoingDown {
    /// The most bytes of the payload.
    pub const MAX: usize = 128;

    /// The payload: type 1 of the system messages.
    pub fn payload(&self) -> String<{ GoingDown::MAX }> {
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
    fn the_payload_says_the_minutes() {
        let payload = GoingDown { minutes: 5 }.payload();
        assert_eq!(
            payload.as_str(),
            "MIME-Version: 1.0\r\nContent-Type: application/x-msmsgssystemmessage\r\n\r\n\
             Type: 1\r\nArg1: 5\r\n"
        );
        assert!(GoingDown { minutes: u32::MAX }.payload().ends_with("Arg1: 4294967295\r\n"));
    }
}
