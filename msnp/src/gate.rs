//! The rules for commands: on which server, in which phase and dialect a command is legal.
//!
//! [`COMMANDS`] has the rules for what clients send: the servers, the dialects, the phases of a
//! connection, the payload, and the refusal in another phase. [`EVENTS`] has the rules for what
//! servers send. [`admit`] checks a command of a client.
//!
//! A command of another server closes the connection, as the Microsoft servers did. So does a
//! command that is unknown or of another dialect. The exception is a signed-in connection to a
//! Notification Server: it stays open, and error 200 is the reply. That harms no real client.
//!
//! ```
//! use msnp::gate::{Denial, Refusal, accepts, admit, server_sends};
//! use msnp::{Dialect, ErrorCode, Phase, Server};
//!
//! // Groups, and so `ADG`, exist since MSNP7.
//! assert!(accepts("ADG", Server::Notification, Dialect::Msnp7));
//! assert!(!server_sends("ADG", Server::Notification, Dialect::Msnp6));
//! let denied = admit(b"ADG", Server::Notification, Phase::SignedIn, Dialect::Msnp6).unwrap_err();
//! assert_eq!(denied, (Denial::OtherDialect, Refusal::Reply(ErrorCode::SyntaxError)));
//! ```

use crate::command::Qry;
use crate::frame::{MAX_PAYLOAD, MAX_SERVER_PAYLOAD, Origin};
use crate::types::{Dialect, ErrorCode};

/// The three kinds of server of MSNP.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub enum Server {
    /// Dispatch Server: refers clients to a Notification Server.
    Dispatch,
    /// Notification Server: sign-in, lists, presence, invitations.
    Notification,
    /// Switchboard server: conversations.
    Switchboard,
}

/// The phase of a connection.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub enum Phase {
    /// No dialect is agreed yet. Gaim 0.11 to 0.43 sends `USR` in this phase on the Notification
    /// Server (`Quirk::UsrBeforeVer`).
    Fresh,
    /// `VER` has agreed a dialect.
    Versioned,
    /// `VER` has found only `CVR0` in common. One `CVQ` may follow.
    QueryOnly,
    /// The user is signed in, or has joined a conversation.
    SignedIn,
}

/// The payload that follows the line of a command.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PayloadRule {
    /// There is none.
    None,
    /// The last word of the line is the length of the payload in bytes, at most this.
    UpTo(usize),
}

/// How a server refuses a command.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub enum Refusal {
    /// Close the connection without a reply.
    Close,
    /// Reply with an error; the connection stays open.
    Reply(ErrorCode),
    /// Reply with an error, then close the connection.
    ReplyThenClose(ErrorCode),
}

/// The rule for a command that clients send to one or more servers.
#[derive(Debug, Clone, Copy)]
pub struct CommandRule {
    /// The name of the command.
    pub name: &'static str,
    /// The servers that accept it.
    pub servers: &'static [Server],
    /// The first dialect that has it.
    pub since: Dialect,
    /// The last dialect that has it, of MSNP2 to MSNP7.
    pub until: Dialect,
    /// The phases in which it is legal.
    pub phases: &'static [Phase],
    /// The payload after its line.
    pub payload: PayloadRule,
    /// The refusal in any other phase.
    pub on_wrong_phase: Refusal,
    key: u32,
}

/// The rule for a command that one or more servers send.
#[derive(Debug, Clone, Copy)]
pub struct EventRule {
    /// The name of the command.
    pub name: &'static str,
    /// The servers that send it.
    pub servers: &'static [Server],
    /// The first dialect that has it.
    pub since: Dialect,
    /// The last dialect that has it, of MSNP2 to MSNP7.
    pub until: Dialect,
    /// The payload after its line.
    pub payload: PayloadRule,
    key: u32,
}

/// Why the gate denies a command.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub enum Denial {
    /// No server has it, in any dialect of MSNP2 to MSNP7.
    Unknown,
    /// Only another server has it.
    OtherServer,
    /// The dialect of the connection does not have it.
    OtherDialect,
    /// It is not legal in this phase of the connection.
    OtherPhase,
}

impl Denial {
    /// Returns a description for logs.
    pub const fn description(self) -> &'static str {
        match self {
            Denial::Unknown => "unknown command",
            Denial::OtherServer => "command of another server",
            Denial::OtherDialect => "command of another dialect",
            Denial::OtherPhase => "command not expected now",
        }
    }
}

use Phase::{Fresh, QueryOnly, SignedIn, Versioned};
use Refusal::{Close, Reply, ReplyThenClose};
use Server::{Dispatch, Notification, Switchboard};

const LOGIN_SERVERS: &[Server] = &[Dispatch, Notification];
const ALL_SERVERS: &[Server] = &[Dispatch, Notification, Switchboard];
const ANY: &[Phase] = &[Fresh, Versioned, QueryOnly, SignedIn];
const BEFORE_SIGN_IN: &[Phase] = &[Fresh, Versioned];
const SIGNED_IN: &[Phase] = &[SignedIn];

/// A command name as a number: each message looks up its rule, and one comparison of three letters
/// is faster. 0 stands for a name that no command has.
pub(crate) const fn key(name: &[u8]) -> u32 {
    match name {
        [first, second, third] => u32::from_be_bytes([0, *first, *second, *third]),
        _ => 0,
    }
}

const fn command(name: &'static str, servers: &'static [Server]) -> CommandRule {
    CommandRule {
        name,
        servers,
        since: Dialect::Msnp2,
        until: Dialect::Msnp7,
        phases: SIGNED_IN,
        payload: PayloadRule::None,
        on_wrong_phase: ReplyThenClose(ErrorCode::NotLoggedIn),
        key: key(name.as_bytes()),
    }
}

impl CommandRule {
    const fn in_phases(self, phases: &'static [Phase], on_wrong_phase: Refusal) -> CommandRule {
        CommandRule { phases, on_wrong_phase, ..self }
    }
    const fn since(self, since: Dialect) -> CommandRule {
        CommandRule { since, ..self }
    }
    const fn until(self, until: Dialect) -> CommandRule {
        CommandRule { until, ..self }
    }
    const fn with_payload(self, payload: PayloadRule) -> CommandRule {
        CommandRule { payload, ..self }
    }
}

const fn event(name: &'static str, servers: &'static [Server]) -> EventRule {
    let (since, until) = (Dialect::Msnp2, Dialect::Msnp7);
    EventRule { name, servers, since, until, payload: PayloadRule::None, key: key(name.as_bytes()) }
}

impl EventRule {
    const fn since(self, since: Dialect) -> EventRule {
        EventRule { since, ..self }
    }
    const fn until(self, until: Dialect) -> EventRule {
        EventRule { until, ..self }
    }
    const fn with_payload(self, payload: PayloadRule) -> EventRule {
        EventRule { payload, ..self }
    }
}

/// The rules for what clients send. A command has several if its phases differ by server.
pub static COMMANDS: &[CommandRule] = &[
    // The most frequent command comes first.
    command("MSG", &[Switchboard])
        .in_phases(SIGNED_IN, Close)
        .with_payload(PayloadRule::UpTo(MAX_PAYLOAD)),
    command("VER", LOGIN_SERVERS).in_phases(&[Fresh], ReplyThenClose(ErrorCode::NotExpected)),
    command("CVR", LOGIN_SERVERS).in_phases(ANY, Close),
    command("CVQ", LOGIN_SERVERS).in_phases(&[QueryOnly], ReplyThenClose(ErrorCode::NotExpected)),
    command("INF", LOGIN_SERVERS).in_phases(BEFORE_SIGN_IN, Reply(ErrorCode::NotExpected)),
    command("USR", LOGIN_SERVERS).in_phases(BEFORE_SIGN_IN, Reply(ErrorCode::AlreadyLoggedIn)),
    command("OUT", LOGIN_SERVERS).in_phases(ANY, Close),
    command("XFR", &[Notification]),
    command("SYN", &[Notification]),
    command("LST", &[Notification]),
    command("GTC", &[Notification]),
    command("BLP", &[Notification]),
    command("ADD", &[Notification]),
    command("REM", &[Notification]),
    command("CHG", &[Notification]),
    command("REA", &[Notification]),
    command("URL", &[Notification]),
    command("SND", &[Notification]).until(Dialect::Msnp4),
    command("FND", &[Notification]),
    command("PNG", &[Notification]).in_phases(SIGNED_IN, Close),
    command("IMS", &[Notification]).since(Dialect::Msnp3),
    command("PRP", &[Notification]).since(Dialect::Msnp5),
    command("SDC", &[Notification])
        .since(Dialect::Msnp5)
        .with_payload(PayloadRule::UpTo(MAX_PAYLOAD)),
    command("PAG", &[Notification])
        .since(Dialect::Msnp5)
        .with_payload(PayloadRule::UpTo(MAX_PAYLOAD)),
    command("CHL", &[Notification]).since(Dialect::Msnp6),
    command("QRY", &[Notification]).since(Dialect::Msnp6).with_payload(PayloadRule::UpTo(Qry::MAX)),
    command("LSG", &[Notification]).since(Dialect::Msnp7),
    command("ADG", &[Notification]).since(Dialect::Msnp7),
    command("REG", &[Notification]).since(Dialect::Msnp7),
    command("RMG", &[Notification]).since(Dialect::Msnp7),
    command("USR", &[Switchboard]).in_phases(&[Fresh], Close),
    command("ANS", &[Switchboard]).in_phases(&[Fresh], Close),
    command("CAL", &[Switchboard]).in_phases(SIGNED_IN, Close),
    command("BYE", &[Switchboard]).in_phases(SIGNED_IN, Close),
    command("OUT", &[Switchboard]).in_phases(ANY, Close),
];

/// The rules for what servers send, except numeric errors, which every dialect has.
pub static EVENTS: &[EventRule] = &[
    event("VER", LOGIN_SERVERS),
    event("CVR", LOGIN_SERVERS),
    event("CVQ", LOGIN_SERVERS),
    event("INF", LOGIN_SERVERS),
    event("USR", ALL_SERVERS),
    event("XFR", LOGIN_SERVERS),
    event("OUT", ALL_SERVERS),
    event("SYN", &[Notification]),
    event("LST", &[Notification]),
    event("GTC", &[Notification]),
    event("BLP", &[Notification]),
    event("ADD", &[Notification]),
    event("REM", &[Notification]),
    event("CHG", &[Notification]),
    event("REA", &[Notification]),
    event("ILN", &[Notification]),
    event("NLN", &[Notification]),
    event("FLN", &[Notification]),
    event("RNG", &[Notification]),
    event("URL", &[Notification]),
    event("SND", &[Notification]).until(Dialect::Msnp4),
    event("FND", &[Notification]),
    event("QNG", &[Notification]),
    event("IMS", &[Notification]).since(Dialect::Msnp3),
    event("PRP", &[Notification]).since(Dialect::Msnp5),
    event("BPR", &[Notification]).since(Dialect::Msnp5),
    event("SDC", &[Notification]).since(Dialect::Msnp5),
    event("NOT", &[Notification])
        .since(Dialect::Msnp5)
        .with_payload(PayloadRule::UpTo(MAX_SERVER_PAYLOAD)),
    event("CHL", &[Notification]).since(Dialect::Msnp6),
    event("QRY", &[Notification]).since(Dialect::Msnp6),
    event("LSG", &[Notification]).since(Dialect::Msnp7),
    event("ADG", &[Notification]).since(Dialect::Msnp7),
    event("REG", &[Notification]).since(Dialect::Msnp7),
    event("RMG", &[Notification]).since(Dialect::Msnp7),
    event("MSG", &[Notification, Switchboard]).with_payload(PayloadRule::UpTo(MAX_SERVER_PAYLOAD)),
    event("ANS", &[Switchboard]),
    event("CAL", &[Switchboard]),
    event("IRO", &[Switchboard]),
    event("JOI", &[Switchboard]),
    event("BYE", &[Switchboard]),
    event("ACK", &[Switchboard]),
    event("NAK", &[Switchboard]),
];

fn command_rules(name: &[u8]) -> impl Iterator<Item = &'static CommandRule> {
    let key = key(name);
    COMMANDS.iter().filter(move |rule| rule.key == key)
}

fn event_rules(name: &[u8]) -> impl Iterator<Item = &'static EventRule> {
    let key = key(name);
    EVENTS.iter().filter(move |rule| rule.key == key)
}

/// Checks whether a server may handle a client's command. Returns the command's rule.
///
/// `name` is the name as sent: case matters.
///
/// # Errors
/// Why the command is denied, and how to refuse it.
///
/// ```
/// use msnp::gate::{Denial, Refusal, admit};
/// use msnp::{Dialect, ErrorCode, Phase, Server};
///
/// assert!(admit(b"CHG", Server::Notification, Phase::SignedIn, Dialect::Msnp2).is_ok());
/// assert_eq!(
///     admit(b"CHG", Server::Notification, Phase::Fresh, Dialect::Msnp2).unwrap_err(),
///     (Denial::OtherPhase, Refusal::ReplyThenClose(ErrorCode::NotLoggedIn)),
/// );
/// assert_eq!(
///     admit(b"CHG", Server::Switchboard, Phase::SignedIn, Dialect::Msnp2).unwrap_err(),
///     (Denial::OtherServer, Refusal::Close),
/// );
/// ```
pub fn admit(
    name: &[u8],
    server: Server,
    phase: Phase,
    dialect: Dialect,
) -> Result<&'static CommandRule, (Denial, Refusal)> {
    let unknown = match (server, phase) {
        (Notification, SignedIn) => Reply(ErrorCode::SyntaxError),
        _ => Close,
    };
    let mut denied = (Denial::Unknown, unknown);
    for rule in command_rules(name) {
        if !rule.servers.contains(&server) {
            if denied.0 == Denial::Unknown {
                denied = (Denial::OtherServer, Close);
            }
        } else if dialect < rule.since || rule.until < dialect {
            denied = (Denial::OtherDialect, unknown);
        } else if rule.phases.contains(&phase) {
            return Ok(rule);
        } else {
            // A client without a common dialect can only ask for the recommended version.
            let refusal = if phase == QueryOnly { Close } else { rule.on_wrong_phase };
            return Err((Denial::OtherPhase, refusal));
        }
    }
    Err(denied)
}

/// Whether this kind of server accepts a command from a client of this dialect, in at least one
/// phase.
pub fn accepts(name: &str, server: Server, dialect: Dialect) -> bool {
    command_rules(name.as_bytes()).any(|rule| {
        rule.servers.contains(&server) && rule.since <= dialect && dialect <= rule.until
    })
}

/// Whether this dialect has a command that this kind of server sends.
pub fn server_sends(name: &str, server: Server, dialect: Dialect) -> bool {
    event_rules(name.as_bytes()).any(|rule| rule.servers.contains(&server))
        && has_event(name, dialect)
}

/// Whether a dialect has this command among those that servers send.
///
/// A client must not receive any other: old clients take it for something else, or fail to skip its
/// payload.
pub fn has_event(name: &str, dialect: Dialect) -> bool {
    event_rules(name.as_bytes()).any(|rule| rule.since <= dialect && dialect <= rule.until)
}

/// Returns the rule for the payload of a command, on a connection to `server`.
///
/// It does not depend on the dialect, so that the payload of a command of another dialect is
/// skipped (`Quirk::AnswersChallengesInAnyDialect`). For a command of a server, it does not depend
/// on the server either.
pub fn payload(name: &[u8], origin: Origin, server: Server) -> PayloadRule {
    match origin {
        Origin::Client => command_rules(name)
            .find(|rule| rule.servers.contains(&server))
            .map_or(PayloadRule::None, |rule| rule.payload),
        Origin::Server => event_rules(name).next().map_or(PayloadRule::None, |rule| rule.payload),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refusal(name: &str, server: Server, phase: Phase) -> Option<Refusal> {
        admit(name.as_bytes(), server, phase, Dialect::Msnp2).err().map(|(_, refusal)| refusal)
    }

    #[test]
    fn unknown_commands_close_except_when_signed_in_on_the_ns() {
        assert_eq!(refusal("QQQ", Notification, Fresh), Some(Close));
        assert_eq!(refusal("QQQ", Dispatch, Versioned), Some(Close));
        assert_eq!(refusal("QQQ", Switchboard, SignedIn), Some(Close));
        let expected = Some(Reply(ErrorCode::SyntaxError));
        assert_eq!(refusal("QQQ", Notification, SignedIn), expected);
        assert_eq!(refusal("syn", Notification, SignedIn), expected);
    }

    #[test]
    fn commands_of_another_server_close_the_connection() {
        assert_eq!(refusal("CAL", Notification, SignedIn), Some(Close));
        assert_eq!(refusal("MSG", Notification, SignedIn), Some(Close));
        assert_eq!(refusal("SYN", Switchboard, SignedIn), Some(Close));
        assert_eq!(refusal("SYN", Dispatch, Versioned), Some(Close));
    }

    #[test]
    fn the_wrong_phase_has_its_own_refusal() {
        let cases = [
            ("SYN", Notification, Fresh, ReplyThenClose(ErrorCode::NotLoggedIn)),
            ("XFR", Notification, Versioned, ReplyThenClose(ErrorCode::NotLoggedIn)),
            ("VER", Notification, Versioned, ReplyThenClose(ErrorCode::NotExpected)),
            ("VER", Notification, SignedIn, ReplyThenClose(ErrorCode::NotExpected)),
            ("USR", Notification, SignedIn, Reply(ErrorCode::AlreadyLoggedIn)),
            ("PNG", Notification, Versioned, Close),
            ("CAL", Switchboard, Fresh, Close),
            ("ANS", Switchboard, SignedIn, Close),
        ];
        for (name, server, phase, expected) in cases {
            assert_eq!(refusal(name, server, phase), Some(expected), "{name} {phase:?}");
        }
    }

    #[test]
    fn a_client_without_a_common_dialect_may_only_ask_for_the_version() {
        for name in ["VER", "INF", "USR", "SYN", "PNG"] {
            assert_eq!(refusal(name, Notification, QueryOnly), Some(Close), "{name}");
        }
        for name in ["CVQ", "CVR", "OUT"] {
            assert_eq!(refusal(name, Dispatch, QueryOnly), None, "{name}");
        }
    }

    #[test]
    fn a_command_of_another_dialect_is_an_unknown_one() {
        let denied = |dialect| admit(b"SND", Notification, SignedIn, dialect).err();
        assert_eq!(denied(Dialect::Msnp4), None);
        assert_eq!(
            denied(Dialect::Msnp5),
            Some((Denial::OtherDialect, Reply(ErrorCode::SyntaxError)))
        );
        let early = admit(b"PRP", Notification, SignedIn, Dialect::Msnp4).err();
        assert_eq!(early, Some((Denial::OtherDialect, Reply(ErrorCode::SyntaxError))));
    }

    #[test]
    fn usr_and_inf_are_legal_before_ver() {
        assert_eq!(refusal("USR", Notification, Fresh), None);
        assert_eq!(refusal("INF", Notification, Fresh), None);
    }
}
