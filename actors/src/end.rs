//! Why a connection ended.

use crate::connection::AdmissionError;
use msnp::LaterDialects;
use msnp::command::{OutReason, RejectionReason};
use msnp::frame::FrameError;
use msnp::gate::Denial;
use serde::Serialize;
use std::cell::RefCell;
use std::collections::BTreeMap;

/// Every reason for which a connection ends; it is logged once, in words. A new one has a line in
/// [`EACH`] too.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum EndReason {
    /// The client said `OUT`.
    Left,
    /// The client closed its connection.
    Hangup,
    /// The connection was lost.
    Lost(std::io::ErrorKind),
    /// The client was referred to a Notification Server.
    Referred,
    /// The client's version query was answered: it speaks no dialect of this server.
    VersionQueried,
    /// No dialect is in common: the client offers these, or none with such a name.
    NoDialect(LaterDialects),
    /// The password, or the account, is wrong.
    WrongPassword,
    /// The cookie is wrong, used, expired or somebody else's.
    WrongCookie,
    /// There is no room in the conversation.
    ConversationFull,
    /// It did not sign in, or join, in time.
    SignInTime,
    /// It did not answer the challenge to its program in time.
    ProgramSilent,
    /// Its answer to the challenge to its program is wrong, or the program is not known.
    UnknownProgram,
    /// The account signed in on another connection.
    SignedInElsewhere,
    /// The client does not read what it is sent.
    TooSlow,
    /// The server has no buffer left for it.
    Overloaded,
    /// What it sent cannot be cut into commands.
    Unreadable(FrameError),
    /// A command was refused.
    Rejected(RejectionReason),
    /// The conversation was closed for want of activity.
    Inactive,
    /// The store failed.
    StoreFailed,
    /// Something else in the server failed.
    Failed,
    /// No address of this server can be told to the client.
    NoAddress,
    /// The server is shutting down.
    ShuttingDown,
    /// The operator ended it.
    Kicked,
    /// Its account was removed.
    Removed,
    /// Its account is disabled.
    Disabled,
    /// Its account has a new password.
    PasswordChanged,
    /// The operator denied its network.
    Denied,
    /// All accounts were replaced by those of a backup.
    Restored,
    /// Its place, or its buffer, was given to another one: it was the oldest that had not signed
    /// in.
    Evicted,
    /// There were too many failed sign-ins before it.
    Throttled,
    /// It was not let in at all.
    TurnedAway(AdmissionError),
}

impl EndReason {
    /// The end of a connection whose command has no handler here: the gate bars such commands.
    pub(crate) fn other_server() -> EndReason {
        EndReason::Rejected(RejectionReason::Denied(Denial::OtherServer))
    }

    /// The name under which it is counted.
    pub fn name(self) -> &'static str {
        match self {
            EndReason::Left => "left",
            EndReason::Hangup => "hangup",
            EndReason::Lost(_) => "lost",
            EndReason::Referred => "referred",
            EndReason::VersionQueried => "version_queried",
            EndReason::NoDialect(_) => "no_dialect",
            EndReason::WrongPassword => "wrong_password",
            EndReason::WrongCookie => "wrong_cookie",
            EndReason::ConversationFull => "conversation_full",
            EndReason::SignInTime => "sign_in_time",
            EndReason::ProgramSilent => "program_silent",
            EndReason::UnknownProgram => "unknown_program",
            EndReason::SignedInElsewhere => "elsewhere",
            EndReason::TooSlow => "too_slow",
            EndReason::Overloaded => "overloaded",
            EndReason::Unreadable(_) => "unreadable",
            EndReason::Rejected(_) => "rejected",
            EndReason::Inactive => "inactive",
            EndReason::StoreFailed => "store_failed",
            EndReason::Failed => "failed",
            EndReason::NoAddress => "no_address",
            EndReason::ShuttingDown => "shutting_down",
            EndReason::Kicked => "kicked",
            EndReason::Removed => "removed",
            EndReason::Disabled => "disabled",
            EndReason::PasswordChanged => "password_changed",
            EndReason::Denied => "denied",
            EndReason::Restored => "restored",
            EndReason::Evicted => "evicted",
            EndReason::Throttled => "throttled",
            EndReason::TurnedAway(AdmissionError::Crowded) => "turned_away_crowded",
            EndReason::TurnedAway(AdmissionError::PerAddress) => "turned_away_per_address",
            EndReason::TurnedAway(AdmissionError::Public) => "turned_away_public",
            EndReason::TurnedAway(AdmissionError::Closing) => "turned_away_closing",
            EndReason::TurnedAway(AdmissionError::Denied) => "turned_away_denied",
        }
    }

    /// What it is called in the log, where some reasons have a detail behind it, and in `status`.
    pub fn description(self) -> &'static str {
        match self {
            EndReason::Left => "signed off",
            EndReason::Hangup => "the client closed the connection",
            EndReason::Lost(_) => "the connection was lost",
            EndReason::Referred => "referred to a Notification Server",
            EndReason::VersionQueried => "it asked only for the version",
            EndReason::NoDialect(_) => "no dialect in common",
            EndReason::WrongPassword => "wrong password or unknown account",
            EndReason::WrongCookie => "wrong, used or expired cookie",
            EndReason::ConversationFull => "the conversation is full",
            EndReason::SignInTime => "it did not sign in in time",
            EndReason::ProgramSilent => "it did not answer the challenge to its program in time",
            EndReason::UnknownProgram => "its answer to the challenge to its program is wrong",
            EndReason::SignedInElsewhere => "signed in elsewhere",
            EndReason::TooSlow => "the client does not read what it is sent",
            EndReason::Overloaded => "the server has no buffer left",
            EndReason::Unreadable(_) => "what it sent cannot be read",
            EndReason::Rejected(_) => "a command was refused",
            EndReason::Inactive => "the conversation was inactive",
            EndReason::StoreFailed => "the store failed",
            EndReason::Failed => "the server failed",
            EndReason::NoAddress => "no IPv4 address of this server can be told to it",
            EndReason::ShuttingDown => "the server is shutting down",
            EndReason::Kicked => "the operator ended it",
            EndReason::Removed => "the account was removed",
            EndReason::Disabled => "the account is disabled",
            EndReason::PasswordChanged => "the account has a new password",
            EndReason::Denied => "the operator denied its network",
            EndReason::Restored => "a backup was restored",
            EndReason::Evicted => "evicted: there was no room, and it had not signed in",
            EndReason::Throttled => "refused: too many failed sign-ins",
            EndReason::TurnedAway(AdmissionError::Crowded) => {
                "turned away: there are too many connections"
            }
            EndReason::TurnedAway(AdmissionError::PerAddress) => {
                "turned away: there are too many connections from its address"
            }
            EndReason::TurnedAway(AdmissionError::Public) => {
                "turned away: its address is public, and `allow` in the configuration does not name it"
            }
            EndReason::TurnedAway(AdmissionError::Closing) => {
                "turned away: the server is shutting down"
            }
            EndReason::TurnedAway(AdmissionError::Denied) => {
                "turned away: the operator denied its network"
            }
        }
    }

    /// The same for a name under which a reason is counted; the name itself, if it is none.
    pub fn description_of(word: &str) -> &str {
        EACH.iter().find(|reason| reason.name() == word).map_or(word, |reason| reason.description())
    }

    /// What `OUT` says to a client whose connection the server ends for this reason, as far as the
    /// protocol has a word for it. `SSD` is true of the whole server only: clients show that it goes
    /// down.
    pub(crate) fn out_reason(self) -> Option<OutReason> {
        match self {
            EndReason::ShuttingDown | EndReason::Restored => Some(OutReason::ShuttingDown),
            _ => None,
        }
    }

    /// The reason of a client that offered these protocol versions alone, and `CVR0`. Such a client
    /// closes, asks for a version, or goes on as if its version were spoken here.
    pub(crate) fn for_later_client(self, later: LaterDialects) -> EndReason {
        match self {
            EndReason::Left
            | EndReason::Hangup
            | EndReason::Lost(_)
            | EndReason::VersionQueried
            | EndReason::SignInTime
            | EndReason::Rejected(_) => EndReason::NoDialect(later),
            other => other,
        }
    }

    /// Whether it is how connections end from day to day: nothing was refused, and nothing failed.
    pub(crate) fn is_ordinary(self) -> bool {
        matches!(
            self,
            EndReason::Left
                | EndReason::Hangup
                | EndReason::Referred
                | EndReason::VersionQueried
                | EndReason::ShuttingDown
        )
    }

    /// Whether a client was refused something, or failed at it, so that its owner may ask why.
    pub(crate) fn is_refusal(self) -> bool {
        !self.is_ordinary()
            && !matches!(
                self,
                EndReason::Lost(_)
                    | EndReason::SignedInElsewhere
                    | EndReason::Inactive
                    | EndReason::Kicked
                    | EndReason::Removed
                    | EndReason::PasswordChanged
                    | EndReason::Denied
                    | EndReason::Restored
            )
    }

    /// Whether it comes in floods if somebody means harm: the server's own answer to floods.
    pub(crate) fn is_flood(self) -> bool {
        matches!(self, EndReason::Evicted | EndReason::Throttled | EndReason::TurnedAway(_))
    }
}

/// One reason of each name.
const EACH: [EndReason; 35] = [
    EndReason::Left,
    EndReason::Hangup,
    EndReason::Lost(std::io::ErrorKind::Other),
    EndReason::Referred,
    EndReason::VersionQueried,
    EndReason::NoDialect(LaterDialects::NONE),
    EndReason::WrongPassword,
    EndReason::WrongCookie,
    EndReason::ConversationFull,
    EndReason::SignInTime,
    EndReason::ProgramSilent,
    EndReason::UnknownProgram,
    EndReason::SignedInElsewhere,
    EndReason::TooSlow,
    EndReason::Overloaded,
    EndReason::Unreadable(FrameError::LineTooLong),
    EndReason::Rejected(RejectionReason::Denied(Denial::Unknown)),
    EndReason::Inactive,
    EndReason::StoreFailed,
    EndReason::Failed,
    EndReason::NoAddress,
    EndReason::ShuttingDown,
    EndReason::Kicked,
    EndReason::Removed,
    EndReason::Disabled,
    EndReason::PasswordChanged,
    EndReason::Denied,
    EndReason::Restored,
    EndReason::Evicted,
    EndReason::Throttled,
    EndReason::TurnedAway(AdmissionError::Crowded),
    EndReason::TurnedAway(AdmissionError::PerAddress),
    EndReason::TurnedAway(AdmissionError::Public),
    EndReason::TurnedAway(AdmissionError::Closing),
    EndReason::TurnedAway(AdmissionError::Denied),
];

impl std::fmt::Display for EndReason {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.description())?;
        match self {
            EndReason::Lost(kind) => write!(f, ": {kind}"),
            EndReason::Unreadable(error) => write!(f, ": {error}"),
            EndReason::Rejected(reason) => write!(f, ": {reason}"),
            EndReason::NoDialect(later) if !later.is_empty() => write!(f, ": offers {later} only"),
            _ => Ok(()),
        }
    }
}

/// How often connections have ended for each reason since the start. There are as many counts as
/// there are words.
#[derive(Debug, Default, Serialize)]
#[serde(transparent)]
pub struct Endings {
    counts: RefCell<BTreeMap<&'static str, u64>>,
}

impl Endings {
    /// A connection has ended, or was turned away.
    pub(crate) fn count(&self, reason: EndReason) {
        *self.counts.borrow_mut().entry(reason.name()).or_default() += 1;
    }

    /// How often each came that came at all, by [`EndReason::word`].
    pub fn counts(&self) -> BTreeMap<&'static str, u64> {
        self.counts.borrow().clone()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The place of a reason in [`EACH`]: it does not compile without a new one.
    fn place(reason: EndReason) -> usize {
        match reason {
            EndReason::Left => 0,
            EndReason::Hangup => 1,
            EndReason::Lost(_) => 2,
            EndReason::Referred => 3,
            EndReason::VersionQueried => 4,
            EndReason::NoDialect(_) => 5,
            EndReason::WrongPassword => 6,
            EndReason::WrongCookie => 7,
            EndReason::ConversationFull => 8,
            EndReason::SignInTime => 9,
            EndReason::ProgramSilent => 10,
            EndReason::UnknownProgram => 11,
            EndReason::SignedInElsewhere => 12,
            EndReason::TooSlow => 13,
            EndReason::Overloaded => 14,
            EndReason::Unreadable(_) => 15,
            EndReason::Rejected(_) => 16,
            EndReason::Inactive => 17,
            EndReason::StoreFailed => 18,
            EndReason::Failed => 19,
            EndReason::NoAddress => 20,
            EndReason::ShuttingDown => 21,
            EndReason::Kicked => 22,
            EndReason::Removed => 23,
            EndReason::Disabled => 24,
            EndReason::PasswordChanged => 25,
            EndReason::Denied => 26,
            EndReason::Restored => 27,
            EndReason::Evicted => 28,
            EndReason::Throttled => 29,
            EndReason::TurnedAway(AdmissionError::Crowded) => 30,
            EndReason::TurnedAway(AdmissionError::PerAddress) => 31,
            EndReason::TurnedAway(AdmissionError::Public) => 32,
            EndReason::TurnedAway(AdmissionError::Closing) => 33,
            EndReason::TurnedAway(AdmissionError::Denied) => 34,
        }
    }

    #[test]
    fn each_reason_has_a_name_and_words_of_its_own() {
        let places: Vec<usize> = EACH.map(place).to_vec();
        assert_eq!(places, (0..EACH.len()).collect::<Vec<_>>());
        for (at, reason) in EACH.iter().enumerate() {
            let word = reason.name();
            assert!(word.bytes().all(|byte| byte.is_ascii_lowercase() || byte == b'_'), "{word}");
            assert!(word.len() <= 24, "{word}");
            assert_eq!(EndReason::description_of(word), reason.description());
            assert!(reason.to_string().starts_with(reason.description()));
            for other in EACH.iter().skip(at + 1) {
                assert_ne!(other.name(), word);
                assert_ne!(other.description(), reason.description());
            }
        }
        assert_eq!(EndReason::description_of("of_tomorrow"), "of_tomorrow");
    }

    #[test]
    fn details_stand_behind_the_words() {
        let rejected = EndReason::Rejected(RejectionReason::Parameter("state"));
        let mut later = LaterDialects::NONE;
        later.read(b"MSNP9");
        later.read(b"MSNP8");
        for (reason, words) in [
            (
                EndReason::Lost(std::io::ErrorKind::ConnectionReset),
                "the connection was lost: connection reset",
            ),
            (
                EndReason::Unreadable(FrameError::BadLength),
                "what it sent cannot be read: a payload length is not a number",
            ),
            (rejected, "a command was refused: bad or missing parameter: state"),
            (EndReason::NoDialect(later), "no dialect in common: offers MSNP9 and MSNP8 only"),
            (EndReason::NoDialect(LaterDialects::NONE), "no dialect in common"),
            (EndReason::Left, "signed off"),
        ] {
            assert_eq!(reason.to_string(), words);
        }
    }
}
