//! Why a connection ended.

use crate::connection::AdmissionError;
use msnp::LaterDialects;
use msnp::command::{OutReason, RejectionReason};
use msnp::frame::FrameError;
use msnp::gate::Denial;
use serde::Serialize;
use std::cell::RefCell;
use std::collections::BTreeMap;

/// Why a connection ended. A new variant needs an entry in `ALL_REASONS` too.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum EndReason {
    /// The client sent `OUT`.
    Left,
    /// The client closed the connection.
    Hangup,
    /// Reading or writing failed.
    Lost(std::io::ErrorKind),
    /// The client was referred to a Notification Server.
    Referred,
    /// The server answered `CVQ`, the version query of a client without a supported dialect.
    VersionQueried,
    /// No dialect in common. The client offered these later ones, or only unknown names.
    NoDialect(LaterDialects),
    /// Wrong password or unknown account.
    WrongPassword,
    /// The cookie is unknown, used, expired or for another account.
    WrongCookie,
    ConversationFull,
    /// The client did not sign in, or join a conversation, in time.
    SignInTimeout,
    /// The client did not answer the client challenge (`CHL`) in time.
    ClientChallengeTimeout,
    /// The answer to the client challenge is wrong, or the client is not a known one.
    WrongClientChallengeResponse,
    /// The account signed in on another connection.
    SignedInElsewhere,
    /// The output buffer is full: the client does not read.
    TooSlow,
    /// The server has no free buffer for the connection.
    Overloaded,
    /// The input cannot be split into commands.
    Unreadable(FrameError),
    /// A command was refused.
    Rejected(RejectionReason),
    /// The conversation was idle for too long.
    Inactive,
    StoreFailed,
    /// Another part of the server failed.
    Failed,
    /// There is no server address to refer the client to.
    NoAddress,
    ShuttingDown,
    /// The operator ended the connection.
    Kicked,
    /// The account was removed.
    Removed,
    /// The account is disabled.
    Disabled,
    PasswordChanged,
    /// The client's network is denied.
    Denied,
    /// A backup was restored, or another program has changed the store.
    Restored,
    /// The connection had not signed in, and its slot or buffer was needed for another one.
    Evicted,
    /// The sign-in was refused, since too many others had failed before.
    Throttled,
    /// The connection was not admitted.
    TurnedAway(AdmissionError),
}

impl EndReason {
    /// Returns the reason for a command that only other kinds of server accept. The
    /// [`gate`](msnp::gate) rejects such commands before, so this reason is never used in practice.
    pub(crate) fn command_for_other_server() -> EndReason {
        EndReason::Rejected(RejectionReason::Denied(Denial::OtherServer))
    }

    /// Returns the name under which [`Endings`] counts the reason.
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
            EndReason::SignInTimeout => "sign_in_time",
            EndReason::ClientChallengeTimeout => "program_silent",
            EndReason::WrongClientChallengeResponse => "unknown_program",
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

    /// Returns the text for the log and for `msnpd status`. The log appends details to some texts.
    pub fn description(self) -> &'static str {
        match self {
            EndReason::Left => "signed off",
            EndReason::Hangup => "the client closed the connection",
            EndReason::Lost(_) => "the connection was lost",
            EndReason::Referred => "referred to a Notification Server",
            EndReason::VersionQueried => "it sent only a version query",
            EndReason::NoDialect(_) => "no protocol version in common",
            EndReason::WrongPassword => "wrong password or unknown account",
            EndReason::WrongCookie => "wrong, used or expired cookie",
            EndReason::ConversationFull => "the conversation is full",
            EndReason::SignInTimeout => "sign-in timed out",
            EndReason::ClientChallengeTimeout => "the answer to the client challenge timed out",
            EndReason::WrongClientChallengeResponse => "wrong answer to the client challenge",
            EndReason::SignedInElsewhere => "signed in elsewhere",
            EndReason::TooSlow => "the client does not read from its connection",
            EndReason::Overloaded => "the server has no free buffer",
            EndReason::Unreadable(_) => "unreadable input",
            EndReason::Rejected(_) => "a command was refused",
            EndReason::Inactive => "the conversation was idle",
            EndReason::StoreFailed => "the store failed",
            EndReason::Failed => "the server failed",
            EndReason::NoAddress => "no IPv4 address of this server is known for it",
            EndReason::ShuttingDown => "the server is shutting down",
            EndReason::Kicked => "disconnected by the operator",
            EndReason::Removed => "the account was removed",
            EndReason::Disabled => "the account is disabled",
            EndReason::PasswordChanged => "the account has a new password",
            EndReason::Denied => "its network was denied",
            EndReason::Restored => "a backup was restored",
            EndReason::Evicted => "evicted to make room: it had not signed in",
            EndReason::Throttled => "refused: too many failed sign-ins",
            EndReason::TurnedAway(AdmissionError::Crowded) => "turned away: too many connections",
            EndReason::TurnedAway(AdmissionError::PerAddress) => {
                "turned away: too many connections from its address"
            }
            EndReason::TurnedAway(AdmissionError::Public) => {
                "turned away: its address is public, and `allow` in the configuration does not name it"
            }
            EndReason::TurnedAway(AdmissionError::Closing) => {
                "turned away: the server is shutting down"
            }
            EndReason::TurnedAway(AdmissionError::Denied) => "turned away: its network is denied",
        }
    }

    /// Returns the description of the reason with this name, or the name itself if it is unknown.
    pub fn description_of(name: &str) -> &str {
        ALL_REASONS
            .iter()
            .find(|reason| reason.name() == name)
            .map_or(name, |reason| reason.description())
    }

    /// Returns the parameter of the `OUT` that the server sends when it ends a connection for this
    /// reason. `SSD` is sent only if all connections end: clients show that the server goes down.
    pub(crate) fn out_reason(self) -> Option<OutReason> {
        match self {
            EndReason::ShuttingDown | EndReason::Restored => Some(OutReason::ShuttingDown),
            _ => None,
        }
    }

    /// Returns the reason for a client that offered only `later` protocol versions and `CVR0`. Such a
    /// client closes, sends a version query, or goes on as if its version were supported.
    pub(crate) fn for_later_client(self, later: LaterDialects) -> EndReason {
        match self {
            EndReason::Left
            | EndReason::Hangup
            | EndReason::Lost(_)
            | EndReason::VersionQueried
            | EndReason::SignInTimeout
            | EndReason::Rejected(_) => EndReason::NoDialect(later),
            other => other,
        }
    }

    /// Returns whether the end is a normal one: nothing was refused, and nothing failed.
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

    /// Returns whether a client was refused or failed, so that its user may ask why.
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

    /// Returns whether the server ends connections for this reason when too many arrive, so that an
    /// attack can cause many such ends.
    pub(crate) fn is_flood(self) -> bool {
        matches!(self, EndReason::Evicted | EndReason::Throttled | EndReason::TurnedAway(_))
    }
}

/// One reason for each name.
const ALL_REASONS: [EndReason; 35] = [
    EndReason::Left,
    EndReason::Hangup,
    EndReason::Lost(std::io::ErrorKind::Other),
    EndReason::Referred,
    EndReason::VersionQueried,
    EndReason::NoDialect(LaterDialects::NONE),
    EndReason::WrongPassword,
    EndReason::WrongCookie,
    EndReason::ConversationFull,
    EndReason::SignInTimeout,
    EndReason::ClientChallengeTimeout,
    EndReason::WrongClientChallengeResponse,
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

/// Counts ended connections by reason, since the start. There is at most one count for each name.
#[derive(Debug, Default, Serialize)]
#[serde(transparent)]
pub struct Endings {
    counts: RefCell<BTreeMap<&'static str, u64>>,
}

impl Endings {
    /// Counts a connection that has ended or was not admitted.
    pub(crate) fn count(&self, reason: EndReason) {
        *self.counts.borrow_mut().entry(reason.name()).or_default() += 1;
    }

    /// Returns the counts that are not zero, by [`EndReason::name`].
    pub fn counts(&self) -> BTreeMap<&'static str, u64> {
        self.counts.borrow().clone()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The index of a reason in [`ALL_REASONS`]. A new variant does not compile without one.
    fn index(reason: EndReason) -> usize {
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
            EndReason::SignInTimeout => 9,
            EndReason::ClientChallengeTimeout => 10,
            EndReason::WrongClientChallengeResponse => 11,
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
    fn each_reason_has_its_own_name_and_description() {
        let indexes: Vec<usize> = ALL_REASONS.map(index).to_vec();
        assert_eq!(indexes, (0..ALL_REASONS.len()).collect::<Vec<_>>());
        for (at, reason) in ALL_REASONS.iter().enumerate() {
            let name = reason.name();
            assert!(name.bytes().all(|byte| byte.is_ascii_lowercase() || byte == b'_'), "{name}");
            assert!(name.len() <= 24, "{name}");
            assert_eq!(EndReason::description_of(name), reason.description());
            assert!(reason.to_string().starts_with(reason.description()));
            for other in ALL_REASONS.iter().skip(at + 1) {
                assert_ne!(other.name(), name);
                assert_ne!(other.description(), reason.description());
            }
        }
        assert_eq!(EndReason::description_of("of_tomorrow"), "of_tomorrow");
    }

    #[test]
    fn details_follow_the_description() {
        let rejected = EndReason::Rejected(RejectionReason::Parameter("state"));
        let mut later = LaterDialects::NONE;
        later.add_word(b"MSNP9");
        later.add_word(b"MSNP8");
        for (reason, words) in [
            (
                EndReason::Lost(std::io::ErrorKind::ConnectionReset),
                "the connection was lost: connection reset",
            ),
            (
                EndReason::Unreadable(FrameError::BadLength),
                "unreadable input: a payload length is not a number",
            ),
            (rejected, "a command was refused: bad or missing parameter: state"),
            (
                EndReason::NoDialect(later),
                "no protocol version in common: offers MSNP9 and MSNP8 only",
            ),
            (EndReason::NoDialect(LaterDialects::NONE), "no protocol version in common"),
            (EndReason::Left, "signed off"),
        ] {
            assert_eq!(reason.to_string(), words);
        }
    }
}
