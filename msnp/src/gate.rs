//! The one table that says which command is legal where, and its other half: what servers send in
//! which dialect.
//!
//! For each server and what clients send to it: in which phase of a connection, from which dialect
//! to which, with which payload, and what the refusal is otherwise. No handler repeats it.
//!
//! The refusals: a command of another server closes the connection, as the Microsoft servers did;
//! an unknown one, or one of another dialect, closes it too, except on a signed-in Notification Server connection, where 200
//! costs a real client nothing.

use crate::command::Qry;
use crate::frame::{MAX_PAYLOAD, MAX_SERVER_PAYLOAD, Origin};
use crate::types::{Dialect, ErrorCode};

/// The three kinds of server of MSNP.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub enum Server {
    /// Dispatch Server: refers a client to its Notification Server.
    Dispatch,
    /// Notification Server: sign-in, lists, presence, invitations.
    Notification,
    /// Switchboard server: conversations.
    Switchboard,
}

/// How far a connection has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub enum Phase {
    /// Nothing was agreed. Gaim 0.11 to 0.43 sends `USR` in this phase on the Notification Server
    /// (`Quirk::UsrBeforeVer`).
    Fresh,
    /// A dialect was agreed by `VER`.
    Versioned,
    /// Only `CVR0` was in common: one `CVQ` is answered.
    QueryOnly,
    /// The user is signed in; on a switchboard: has joined.
    SignedIn,
}

/// What follows a command's line.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PayloadRule {
    /// Nothing.
    None,
    /// As many bytes as the last word says, at most this many.
    UpTo(usize),
}

/// What to do instead of handling a command.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub enum Refusal {
    /// Close without a word.
    Close,
    /// An error line; the connection stays.
    Reply(ErrorCode),
    /// An error line, then close.
    ReplyThenClose(ErrorCode),
}

/// One row: what clients send to one or more servers.
#[derive(Debug, Clone, Copy)]
pub struct CommandRule {
    /// The command name.
    pub name: &'static str,
    /// Where it is legal.
    pub servers: &'static [Server],
    /// The first dialect that has it.
    pub since: Dialect,
    /// The last dialect that has it, among those here.
    pub until: Dialect,
    /// The phases in which it is legal.
    pub phases: &'static [Phase],
    /// What a client sends after its line.
    pub payload: PayloadRule,
    /// The answer in another phase.
    pub on_wrong_phase: Refusal,
    key: u32,
}

/// One row of the other half: what one or more servers send.
#[derive(Debug, Clone, Copy)]
pub struct EventRule {
    /// The command name.
    pub name: &'static str,
    /// Which servers send it.
    pub servers: &'static [Server],
    /// The first dialect that has it.
    pub since: Dialect,
    /// The last dialect that has it, among those here.
    pub until: Dialect,
    /// What the server sends after its line.
    pub payload: PayloadRule,
    key: u32,
}

/// Why a command was not let through.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub enum Denial {
    /// No server of any dialect here has it.
    Unknown,
    /// Another server's command.
    OtherServer,
    /// The dialect does not have it.
    OtherDialect,
    /// Not in this phase of the connection.
    OtherPhase,
}

impl Denial {
    /// The same in words, for the log.
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

/// A command name as a number, so that three letters are compared at once: each message looks for its
/// row. What is no command name may have 0, which no command has.
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
    const fn in_phases(self, phases: &'static [Phase], otherwise: Refusal) -> CommandRule {
        CommandRule { phases, on_wrong_phase: otherwise, ..self }
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

/// The table. A row whose phase does not fit is refused with its `otherwise`.
pub static COMMANDS: &[CommandRule] = &[
    // Looked for most often.
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

/// What servers send, besides numeric errors, which every dialect has.
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
    COMMANDS.iter().filter(move |row| row.key == key)
}

fn event_rules(name: &[u8]) -> impl Iterator<Item = &'static EventRule> {
    let key = key(name);
    EVENTS.iter().filter(move |told| told.key == key)
}

/// Whether a client's command may be handled, and if not, why and what to do instead.
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
    let mut barred = (Denial::Unknown, unknown);
    for row in command_rules(name) {
        if !row.servers.contains(&server) {
            if barred.0 == Denial::Unknown {
                barred = (Denial::OtherServer, Close);
            }
        } else if dialect < row.since || row.until < dialect {
            barred = (Denial::OtherDialect, unknown);
        } else if row.phases.contains(&phase) {
            return Ok(row);
        } else {
            // A client that speaks no dialect here has nothing to ask but its version.
            let refusal = if phase == QueryOnly { Close } else { row.on_wrong_phase };
            return Err((Denial::OtherPhase, refusal));
        }
    }
    Err(barred)
}

/// Whether a client of this dialect may send a command to this kind of server, in some phase.
pub fn accepts(name: &str, server: Server, dialect: Dialect) -> bool {
    command_rules(name.as_bytes())
        .any(|row| row.servers.contains(&server) && row.since <= dialect && dialect <= row.until)
}

/// Whether this dialect has a command that this kind of server sends.
pub fn server_sends(name: &str, server: Server, dialect: Dialect) -> bool {
    event_rules(name.as_bytes()).any(|told| told.servers.contains(&server))
        && has_event(name, dialect)
}

/// Whether this dialect has a command that servers send. A dialect never receives one that it has
/// not: old clients take it for something else, or lose step at its payload.
pub fn has_event(name: &str, dialect: Dialect) -> bool {
    event_rules(name.as_bytes()).any(|told| told.since <= dialect && dialect <= told.until)
}

/// What follows a command's line on a connection to `server`. It does not depend on the dialect,
/// so that a command of another dialect leaves the stream in step
/// (`Quirk::AnswersChallengesInAnyDialect`). What a server sends has the same payload on each.
pub fn payload(name: &[u8], origin: Origin, server: Server) -> PayloadRule {
    match origin {
        Origin::Client => command_rules(name)
            .find(|row| row.servers.contains(&server))
            .map_or(PayloadRule::None, |row| row.payload),
        Origin::Server => event_rules(name).next().map_or(PayloadRule::None, |told| told.payload),
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
    fn commands_of_another_server_close() {
        assert_eq!(refusal("CAL", Notification, SignedIn), Some(Close));
        assert_eq!(refusal("MSG", Notification, SignedIn), Some(Close));
        assert_eq!(refusal("SYN", Switchboard, SignedIn), Some(Close));
        assert_eq!(refusal("SYN", Dispatch, Versioned), Some(Close));
    }

    #[test]
    fn the_wrong_phase_has_its_own_answer() {
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
    fn who_speaks_no_dialect_may_only_ask_for_the_version() {
        for name in ["VER", "INF", "USR", "SYN", "PNG"] {
            assert_eq!(refusal(name, Notification, QueryOnly), Some(Close), "{name}");
        }
        for name in ["CVQ", "CVR", "OUT"] {
            assert_eq!(refusal(name, Dispatch, QueryOnly), None, "{name}");
        }
    }

    #[test]
    fn a_command_of_another_dialect_is_an_unknown_one() {
        let barred = |dialect| admit(b"SND", Notification, SignedIn, dialect).err();
        assert_eq!(barred(Dialect::Msnp4), None);
        assert_eq!(
            barred(Dialect::Msnp5),
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
