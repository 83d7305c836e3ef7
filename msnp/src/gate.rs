//! The rules for commands: on which server, in which phase and dialect a command is legal.
//!
//! [`TABLE`] has the rules for each command. For what clients send: the servers, the dialects, the
//! phases of a connection, the refusal in another phase, the maximum lengths. For what servers
//! send: the servers, the dialects, the maximum lengths. [`admit`] checks a command of a client.
//!
//! A command of another server closes the connection, as the Microsoft servers did. So does a
//! command that is unknown or of another dialect, with one exception: a signed-in connection to a
//! Notification Server stays open, and error 200 is the reply. No real client is harmed by that.
//!
//! ```
//! use msnp::gate::{Denial, Refusal, accepts, admit, server_sends};
//! use msnp::{CommandName, Dialect, ErrorCode, Phase, Server};
//!
//! // Groups, and so `ADG`, exist since MSNP7.
//! assert!(accepts(CommandName::Adg, Server::Notification, Dialect::Msnp7));
//! assert!(!server_sends(CommandName::Adg, Server::Notification, Dialect::Msnp6));
//! let denied = admit(Some(CommandName::Adg), Server::Notification, Phase::SignedIn, Dialect::Msnp6).unwrap_err();
//! assert_eq!(denied, (Denial::OtherDialect, Refusal::Reply(ErrorCode::SyntaxError)));
//! ```

use crate::command::{CommandName, Qry};
use crate::frame::{MAX_LINE, MAX_PAYLOAD, MAX_SERVER_PAYLOAD, Origin};
use crate::types::{Dialect, ErrorCode};
use Dialect::{Msnp2, Msnp3, Msnp4, Msnp5, Msnp6, Msnp7};
use ErrorCode::{NotLoggedIn, SyntaxError};
use Phase::{Fresh, QueryOnly, SignedIn, Versioned};
use Refusal::{Close, Reply, ReplyThenClose};
use Server::{Dispatch, Notification, Switchboard};

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
    /// As [`PayloadRule::UpTo`], and the payload is passed on in pieces, as its bytes arrive: it
    /// may be longer than the buffer of a connection.
    InPieces(usize),
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

/// The maximum lengths of a command.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Bounds {
    /// The maximum length of its line in bytes, without the line end.
    pub line: usize,
    /// The payload after its line.
    pub payload: PayloadRule,
}

impl Bounds {
    /// A line of at most [`MAX_LINE`] bytes without payload: most commands, and unknown ones.
    pub const DEFAULT: Bounds = Bounds { line: MAX_LINE, payload: PayloadRule::None };

    /// Returns the maximum number of bytes that a buffer has to keep of the command: the line with
    /// its end, and the payload. A payload that is passed on in pieces is not kept.
    pub(crate) const fn max_frame(self) -> usize {
        let max_kept_payload = match self.payload {
            PayloadRule::None | PayloadRule::InPieces(_) => 0,
            PayloadRule::UpTo(max) => max,
        };
        self.line + CRLF_LENGTH + max_kept_payload
    }
}

const CRLF_LENGTH: usize = 2;

/// The rule for a command that clients send to one or more servers.
#[derive(Debug, Clone, Copy)]
pub struct RequestRule {
    /// The servers that accept it.
    pub servers: &'static [Server],
    /// The first dialect that has it.
    pub since: Dialect,
    /// The last dialect that has it, or `None` if all later ones have it.
    pub until: Option<Dialect>,
    /// The phases in which it is legal.
    pub phases: &'static [Phase],
    /// The maximum lengths of its line and its payload.
    pub bounds: Bounds,
    /// How it is refused in any other phase.
    pub on_wrong_phase: Refusal,
}

/// The rule for a command that one or more servers send.
#[derive(Debug, Clone, Copy)]
pub struct EventRule {
    /// The servers that send it.
    pub servers: &'static [Server],
    /// The first dialect that has it.
    pub since: Dialect,
    /// The last dialect that has it, or `None` if all later ones have it.
    pub until: Option<Dialect>,
    /// The maximum lengths of its line and its payload.
    pub bounds: Bounds,
}

/// All rules for a command.
#[derive(Debug, Clone, Copy)]
pub struct CommandRules {
    /// The name of the command.
    pub name: CommandName,
    /// The rules for what clients send: several if the phases differ by server, none if only
    /// servers send it.
    pub requests: &'static [RequestRule],
    /// The rule for what servers send.
    pub event: Option<EventRule>,
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

const LOGIN_SERVERS: &[Server] = &[Dispatch, Notification];
const ALL_SERVERS: &[Server] = &[Dispatch, Notification, Switchboard];
const ANY_PHASE: &[Phase] = &[Fresh, Versioned, QueryOnly, SignedIn];
const BEFORE_SIGN_IN: &[Phase] = &[Fresh, Versioned];
const SIGNED_IN: &[Phase] = &[SignedIn];

/// A rule for a command of all dialects without payload, which needs a signed-in user. The methods
/// of the rule change that.
const fn accepted_by(servers: &'static [Server]) -> RequestRule {
    RequestRule {
        servers,
        since: Msnp2,
        until: None,
        phases: SIGNED_IN,
        bounds: Bounds::DEFAULT,
        on_wrong_phase: ReplyThenClose(NotLoggedIn),
    }
}

impl RequestRule {
    const fn in_phases(self, phases: &'static [Phase], on_wrong_phase: Refusal) -> RequestRule {
        RequestRule { phases, on_wrong_phase, ..self }
    }
    const fn since(self, since: Dialect) -> RequestRule {
        RequestRule { since, ..self }
    }
    const fn until(self, last: Dialect) -> RequestRule {
        RequestRule { until: Some(last), ..self }
    }
    const fn with_payload(self, payload: PayloadRule) -> RequestRule {
        RequestRule { bounds: Bounds { payload, ..self.bounds }, ..self }
    }

    /// Whether a dialect has this command on the servers of this rule.
    pub fn applies_to(&self, dialect: Dialect) -> bool {
        is_between(dialect, self.since, self.until)
    }
}

/// A rule for a command of all dialects without payload. The methods of the rule change that.
const fn sent_by(servers: &'static [Server]) -> EventRule {
    EventRule { servers, since: Msnp2, until: None, bounds: Bounds::DEFAULT }
}

impl EventRule {
    const fn since(self, since: Dialect) -> EventRule {
        EventRule { since, ..self }
    }
    const fn until(self, last: Dialect) -> EventRule {
        EventRule { until: Some(last), ..self }
    }
    const fn with_payload(self, payload: PayloadRule) -> EventRule {
        EventRule { bounds: Bounds { payload, ..self.bounds }, ..self }
    }

    /// Whether a dialect has this command.
    pub fn applies_to(&self, dialect: Dialect) -> bool {
        is_between(dialect, self.since, self.until)
    }
}

fn is_between(dialect: Dialect, since: Dialect, until: Option<Dialect>) -> bool {
    since <= dialect && until.is_none_or(|last| dialect <= last)
}

macro_rules! declare_rules {
    ($($section:ident { $($row:tt)+ })+) => { declare_rules! { @rows $($($row)+)+ } };
    (@rows $(
        $name:ident $file:ident $text:literal {
            $(request $request:ty { $($request_rule:expr),+ })?
            $(event $event:ty { $event_rule:expr })?
        }
    )+) => {
        /// The rules for all commands, in the order of [`CommandName`].
        pub static TABLE: [CommandRules; CommandName::ALL.len()] = {
            use ErrorCode::{AlreadyLoggedIn, NotExpected};
            use PayloadRule::UpTo;
            [$(CommandRules {
                name: CommandName::$name,
                requests: &[$($($request_rule),+)?],
                event: declare_rules!(@event $($event_rule)?),
            }),+]
        };
    };
    (@event) => { None };
    (@event $rule:expr) => { Some($rule) };
}

with_table!(declare_rules);

/// Returns the largest [`Bounds::max_frame`] of all commands, in bytes.
pub(crate) const fn longest_frame() -> usize {
    let mut longest = Bounds::DEFAULT.max_frame();
    // A `const fn` cannot use `for`.
    let mut rows = TABLE.as_slice();
    while let [row, more_rows @ ..] = rows {
        let mut requests = row.requests;
        while let [rule, more_rules @ ..] = requests {
            longest = larger(longest, rule.bounds.max_frame());
            requests = more_rules;
        }
        if let Some(rule) = &row.event {
            longest = larger(longest, rule.bounds.max_frame());
        }
        rows = more_rows;
    }
    longest
}

const fn larger(one: usize, other: usize) -> usize {
    if one > other { one } else { other }
}

fn request_rules(name: CommandName) -> &'static [RequestRule] {
    TABLE.get(name as usize).map_or(&[], |row| row.requests)
}

fn event_rule(name: CommandName) -> Option<&'static EventRule> {
    TABLE.get(name as usize).and_then(|row| row.event.as_ref())
}

/// Checks whether a server may handle a client's command. Returns the command's rule.
///
/// `name` is `None` for a command that no server has.
///
/// # Errors
/// Why the command is denied, and how to refuse it.
///
/// ```
/// use msnp::gate::{Denial, Refusal, admit};
/// use msnp::{CommandName, Dialect, ErrorCode, Phase, Server};
///
/// let chg = Some(CommandName::Chg);
/// assert!(admit(chg, Server::Notification, Phase::SignedIn, Dialect::Msnp2).is_ok());
/// assert_eq!(
///     admit(chg, Server::Notification, Phase::Fresh, Dialect::Msnp2).unwrap_err(),
///     (Denial::OtherPhase, Refusal::ReplyThenClose(ErrorCode::NotLoggedIn)),
/// );
/// assert_eq!(
///     admit(chg, Server::Switchboard, Phase::SignedIn, Dialect::Msnp2).unwrap_err(),
///     (Denial::OtherServer, Refusal::Close),
/// );
/// ```
pub fn admit(
    name: Option<CommandName>,
    server: Server,
    phase: Phase,
    dialect: Dialect,
) -> Result<&'static RequestRule, (Denial, Refusal)> {
    let mut denial = Denial::Unknown;
    for rule in name.map_or(&[][..], request_rules) {
        if !rule.servers.contains(&server) {
            if denial == Denial::Unknown {
                denial = Denial::OtherServer;
            }
        } else if !rule.applies_to(dialect) {
            denial = Denial::OtherDialect;
        } else if rule.phases.contains(&phase) {
            return Ok(rule);
        } else {
            // A client without a common dialect can only ask for the recommended version.
            let refusal = if phase == QueryOnly { Close } else { rule.on_wrong_phase };
            return Err((Denial::OtherPhase, refusal));
        }
    }
    let refusal = match (denial, server, phase) {
        (Denial::Unknown | Denial::OtherDialect, Notification, SignedIn) => Reply(SyntaxError),
        _ => Close,
    };
    Err((denial, refusal))
}

/// Whether this kind of server accepts a command from a client of this dialect, in at least one
/// phase.
pub fn accepts(name: CommandName, server: Server, dialect: Dialect) -> bool {
    request_rules(name)
        .iter()
        .any(|rule| rule.servers.contains(&server) && rule.applies_to(dialect))
}

/// Whether this dialect has a command that this kind of server sends.
pub fn server_sends(name: CommandName, server: Server, dialect: Dialect) -> bool {
    event_rule(name).is_some_and(|rule| rule.servers.contains(&server) && rule.applies_to(dialect))
}

/// Whether a dialect has this command among those that servers send.
///
/// A client must receive no command that its dialect lacks: old clients take it for another
/// command, or fail to skip its payload.
pub fn has_event(name: CommandName, dialect: Dialect) -> bool {
    event_rule(name).is_some_and(|rule| rule.applies_to(dialect))
}

/// Returns the maximum lengths of a command on a connection to `server`. `name` is `None` for a
/// command that no server has.
///
/// The lengths do not depend on the dialect, so that the payload of a command of another dialect is
/// skipped (`Quirk::AnswersChallengesInAnyDialect`). Those of a command that a server sends do not
/// depend on `server` either.
pub fn bounds(name: Option<CommandName>, origin: Origin, server: Server) -> Bounds {
    let Some(name) = name else { return Bounds::DEFAULT };
    let bounds = match origin {
        Origin::Client => request_rules(name)
            .iter()
            .find(|rule| rule.servers.contains(&server))
            .map(|rule| rule.bounds),
        Origin::Server => event_rule(name).map(|rule| rule.bounds),
    };
    bounds.unwrap_or(Bounds::DEFAULT)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refusal(name: &str, server: Server, phase: Phase) -> Option<Refusal> {
        let name = CommandName::parse(name.as_bytes());
        admit(name, server, phase, Dialect::Msnp2).err().map(|(_, refusal)| refusal)
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
        let denied = |dialect| admit(Some(CommandName::Snd), Notification, SignedIn, dialect).err();
        assert_eq!(denied(Dialect::Msnp4), None);
        assert_eq!(
            denied(Dialect::Msnp5),
            Some((Denial::OtherDialect, Reply(ErrorCode::SyntaxError)))
        );
        let early = admit(Some(CommandName::Prp), Notification, SignedIn, Dialect::Msnp4).err();
        assert_eq!(early, Some((Denial::OtherDialect, Reply(ErrorCode::SyntaxError))));
    }

    #[test]
    fn usr_and_inf_are_legal_before_ver() {
        assert_eq!(refusal("USR", Notification, Fresh), None);
        assert_eq!(refusal("INF", Notification, Fresh), None);
    }
}
