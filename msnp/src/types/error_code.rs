macro_rules! error_codes {
    ($(#[doc = $description:literal] $name:ident = $number:literal,)+) => {
        /// A numeric error ([the draft](crate#sources) §7.11; hypothetic.org and
        /// [the wiki](crate#sources) for later ones).
        ///
        /// An error is sent as its number and the transaction ID, without a text: Miranda 0.0.7 and
        /// Gaim 0.5x read both at fixed positions (`Quirk::ReadsErrorsAtFixedPlaces`).
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
        #[cfg_attr(feature = "defmt", derive(defmt::Format))]
        #[repr(u16)]
        pub enum ErrorCode {
            $(#[doc = $description] $name = $number,)+
        }

        impl ErrorCode {
            /// All codes, in the order of their numbers.
            pub const ALL: &'static [ErrorCode] = &[$(ErrorCode::$name),+];

            /// Returns the meaning of the code for logs, such as `The list is full`.
            pub fn description(self) -> &'static str {
                let description = match self { $(ErrorCode::$name => $description,)+ };
                description.trim_start().trim_end_matches('.')
            }
        }
    };
}

error_codes! {
    /// The line could not be understood.
    SyntaxError = 200,
    /// A parameter is illegal.
    InvalidParameter = 201,
    /// There is no such account.
    InvalidUser = 205,
    /// The user handle has no domain.
    DomainMissing = 206,
    /// This connection is already signed in.
    AlreadyLoggedIn = 207,
    /// The user handle is malformed (`CAL`).
    InvalidUserName = 208,
    /// The friendly name is illegal.
    InvalidFriendlyName = 209,
    /// The list is full.
    ListFull = 210,
    /// The rename is illegal.
    InvalidRename = 213,
    /// The entry is already on the list; the callee is already in the conversation or invited.
    AlreadyThere = 215,
    /// The entry is not on the list.
    NotOnList = 216,
    /// The callee is not online, as far as the caller may know.
    NotOnline = 217,
    /// The setting has this value already.
    AlreadyInMode = 218,
    /// The entry is on the opposite list.
    OppositeList = 219,
    /// The group limit is reached (MSNP7).
    TooManyGroups = 223,
    /// There is no such group (MSNP7).
    InvalidGroup = 224,
    /// The contact is not in that group (MSNP7).
    NotInGroup = 225,
    /// A group of that name exists (MSNP7).
    GroupExists = 228,
    /// The group name is too long (MSNP7).
    GroupNameTooLong = 229,
    /// Group 0 cannot be removed (MSNP7).
    CannotRemoveGroupZero = 230,
    /// The switchboard cannot accept the user or the invitation.
    SwitchboardFailed = 280,
    /// The transfer to a switchboard failed.
    TransferFailed = 281,
    /// A required field is missing.
    RequiredFieldMissing = 300,
    /// Too many hits (`FND`).
    TooManyHits = 301,
    /// Not signed in.
    NotLoggedIn = 302,
    /// The server failed.
    InternalError = 500,
    /// The store failed.
    DatabaseError = 501,
    /// The command is disabled.
    CommandDisabled = 502,
    /// The form is wrong (`SND`, `SDC`).
    BadFormat = 503,
    /// A file operation failed.
    FileOperation = 510,
    /// Out of memory.
    OutOfMemory = 520,
    /// The answer to a challenge is wrong (MSNP6).
    ChallengeFailed = 540,
    /// The server is busy.
    ServerBusy = 600,
    /// The server is starting or stopping.
    ServerUnavailable = 601,
    /// The peer's Notification Server is down.
    PeerServerDown = 602,
    /// The database cannot be reached.
    DatabaseUnreachable = 603,
    /// The server is going down.
    ServerGoingDown = 604,
    /// The server is not available.
    ServerNotAvailable = 605,
    /// The connection could not be made.
    ConnectionFailed = 707,
    /// The client's version parameters cannot be read.
    BadCvrParameters = 710,
    /// Writing blocks.
    WriteBlocks = 711,
    /// The session is overloaded.
    SessionOverloaded = 712,
    /// Too many failing calls, or flooding.
    TooActive = 713,
    /// Too many sessions.
    TooManySessions = 714,
    /// Not expected here.
    NotExpected = 715,
    /// The friend file is bad.
    BadFriendFile = 717,
    /// The client's version line has too few parameters.
    BadCvrFormat = 731,
    /// Changing too rapidly.
    TooRapid = 800,
    /// The server is busy at sign-in. There are several codes for this.
    Busy910 = 910,
    /// The password, the account or the cookie is wrong. The error does not reveal which of them.
    AuthenticationFailed = 911,
    /// The server is busy at sign-in, as 910.
    Busy912 = 912,
    /// Not allowed while offline or hidden.
    NotAllowedOffline = 913,
    /// The server is busy at sign-in, as 910.
    Unavailable914 = 914,
    /// The server is busy at sign-in, as 910.
    Unavailable915 = 915,
    /// The server is busy at sign-in, as 910.
    Unavailable916 = 916,
    /// The sign-in failed, as 911 (later servers).
    AuthenticationFailed917 = 917,
    /// The server is busy at sign-in, as 910.
    Busy918 = 918,
    /// The server is busy at sign-in, as 910.
    Busy919 = 919,
    /// New users are not accepted.
    NotAcceptingUsers = 920,
    /// The server is busy at sign-in, as 910.
    Busy921 = 921,
    /// The server is busy at sign-in, as 910.
    Busy922 = 922,
    /// A child's account without consent (MSNP4).
    ChildAccount = 923,
    /// The address was not verified.
    NotVerified = 924,
    /// The ticket is bad (MSNP8).
    BadTicket = 928,
    /// The account belongs to another server (MSNP8).
    WrongServer = 931,
}

impl ErrorCode {
    /// Parses a code of three digits. Returns `None` if it is unknown.
    pub fn parse(word: &[u8]) -> Option<ErrorCode> {
        let number = crate::line::number(word).filter(|_| word.len() == 3)?;
        ErrorCode::ALL.iter().copied().find(|code| u32::from(code.number()) == number)
    }

    /// Returns the number of the code, which has three digits.
    pub const fn number(self) -> u16 {
        self as u16
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The codes of the draft §7.11.
    const DRAFT: [u16; 36] = [
        200, 201, 205, 206, 207, 208, 209, 210, 215, 216, 218, 219, 280, 281, 300, 302, 500, 501,
        510, 520, 600, 601, 602, 603, 604, 707, 711, 712, 713, 714, 715, 717, 910, 911, 913, 920,
    ];

    #[test]
    fn every_code_of_the_draft_is_known() {
        for number in DRAFT {
            let word = std::format!("{number}");
            let code = ErrorCode::parse(word.as_bytes());
            assert_eq!(code.map(ErrorCode::number), Some(number));
        }
    }

    #[test]
    fn a_code_has_a_description() {
        assert_eq!(ErrorCode::ListFull.description(), "The list is full");
    }

    #[test]
    fn only_known_codes_of_three_digits_are_parsed() {
        for word in ["", "20", "0200", "2000", "999", "20x"] {
            assert_eq!(ErrorCode::parse(word.as_bytes()), None, "{word}");
        }
    }
}
