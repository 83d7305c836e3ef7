//! The commands: [`Request`] is what a client sends, [`Event`] is what a server sends.
//!
//! Both can be decoded and encoded, so servers, clients and tests share one definition. Each
//! command has a file of its own. Its types are named after it: [`Chg`] is the request,
//! [`ChgReply`] the reply.
//!
//! The documentation of a type has the form of its line, such as `ADD trid list handle [name
//! [group]]`: words in upper case are sent as they are, `trid` is the transaction ID, and words in
//! brackets are optional.
//!
//! ```
//! use msnp::command::{Chg, ChgReply, DecodeContext};
//! use msnp::frame::{self, Origin};
//! use msnp::{Dialect, Event, Phase, Request, Server, State, TrId};
//!
//! let context = DecodeContext { server: Server::Notification, dialect: Dialect::Msnp7 };
//!
//! // A server decodes a request and encodes its reply.
//! let input = b"CHG 12 BSY\r\n";
//! let frame = frame::next(input, Origin::Client, context.server).unwrap().frame.unwrap();
//! let request = Request::decode(&frame, Phase::SignedIn, context).unwrap();
//! assert_eq!(request, Request::Chg(Chg { trid: TrId::new(12), state: State::Busy }));
//!
//! let reply = Event::from(ChgReply { trid: TrId::new(12), state: State::Busy });
//! let mut output = heapless::Vec::<u8, 64>::new();
//! reply.encode(context.dialect, &mut output).unwrap();
//! assert_eq!(output, b"CHG 12 BSY\r\n");
//!
//! // A client does the reverse.
//! let frame = frame::next(&output, Origin::Server, context.server).unwrap().frame.unwrap();
//! assert_eq!(Event::decode(&frame, context).unwrap(), reply);
//! ```

// To add a command: write its file, and add its row to `crate::table`.

use crate::frame::Frame;
use crate::gate::{self, Denial, Phase, Refusal, Server};
use crate::line::{Sink, SinkFullError, Words};
use crate::types::{Dialect, ErrorCode, TrId};
use core::ops::Range;

/// The connection that a command is read from. The form of a command depends on it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct DecodeContext {
    /// The kind of server of this connection.
    pub server: Server,
    /// The dialect of this connection.
    pub dialect: Dialect,
}

/// One command in one direction.
pub(crate) trait Command<'a>: Sized {
    /// Decodes the words after the name, and the payload.
    fn decode(
        words: &mut Words<'a>,
        payload: &'a [u8],
        context: DecodeContext,
    ) -> Result<Self, DecodeError>;
    /// Writes the whole command, or nothing.
    fn encode(&self, dialect: Dialect, out: &mut dyn Sink) -> Result<(), SinkFullError>;
    /// Returns the positions of the words that no log may show. The name of the command is word 0.
    /// The default is none.
    fn secret_words(&self) -> Range<usize> {
        0..0
    }
}

/// A missing or illegal parameter.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct DecodeError {
    /// The name of the parameter, for logs.
    pub what: &'static str,
    /// How a server refuses the request.
    pub refusal: Refusal,
}

impl DecodeError {
    /// The line does not have the form of the command. A server closes the connection.
    pub const fn malformed(what: &'static str) -> DecodeError {
        DecodeError { what, refusal: Refusal::Close }
    }

    /// The parameter is illegal. A server replies with an error.
    pub const fn invalid(what: &'static str, code: ErrorCode) -> DecodeError {
        DecodeError { what, refusal: Refusal::Reply(code) }
    }

    /// The parameter is illegal. A server replies with an error and closes the connection.
    pub const fn fatal(what: &'static str, code: ErrorCode) -> DecodeError {
        DecodeError { what, refusal: Refusal::ReplyThenClose(code) }
    }
}

impl core::fmt::Display for DecodeError {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        write!(f, "bad or missing parameter: {}", self.what)
    }
}

impl core::error::Error for DecodeError {}

impl DecodeError {
    fn rejection(self, frame: &Frame<'_>) -> Rejection {
        debug!("bad or missing parameter: {}", self.what);
        let trid = frame.words.clone().trid().ok();
        Rejection { reason: RejectionReason::Parameter(self.what), refusal: self.refusal, trid }
    }
}

/// Why a request is rejected.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub enum RejectionReason {
    /// The gate denies the command.
    Denied(Denial),
    /// The named parameter is missing or illegal.
    Parameter(&'static str),
}

impl core::fmt::Display for RejectionReason {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        match self {
            RejectionReason::Denied(denial) => f.write_str(denial.description()),
            RejectionReason::Parameter(what) => write!(f, "bad or missing parameter: {what}"),
        }
    }
}

/// A rejected request: why, and how to reply.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct Rejection {
    /// Why the request is rejected. Its `Display` form is for logs.
    pub reason: RejectionReason,
    /// How a server refuses the request.
    pub refusal: Refusal,
    /// The transaction ID of the request, which an error reply repeats. `None` if the request has
    /// no legal one.
    pub trid: Option<TrId>,
}

impl core::fmt::Display for Rejection {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        self.reason.fmt(f)
    }
}

impl core::error::Error for Rejection {}

/// Packs the three letters of a command name into a number, so that a name is found by comparing
/// numbers. Returns 0 for a name that does not have three letters.
const fn key(name: &[u8]) -> u32 {
    match name {
        [first, second, third] => u32::from_be_bytes([0, *first, *second, *third]),
        _ => 0,
    }
}

macro_rules! declare_commands {
    (
        several_servers { $($several:tt)+ }
        notification { $($notification:ident $notification_file:ident $notification_text:literal $notification_row:tt)+ }
        switchboard { $($switchboard:ident $switchboard_file:ident $switchboard_text:literal $switchboard_row:tt)+ }
        no_server { $($no_server:tt)+ }
    ) => {
        /// A pattern that matches all requests that only one kind of server accepts, `Notification`
        /// or `Switchboard`. The other servers match these requests with it, so that their `match`
        /// needs no `_` and the compiler finds a missing request.
        ///
        /// ```
        /// # use msnp::{Request, command::Png};
        /// # let request = Request::from(Png);
        /// match request {
        ///     msnp::requests_only_on!(Notification) | msnp::requests_only_on!(Switchboard) => {}
        ///     Request::Ver(_) | Request::Cvr(_) | Request::Cvq(_) => unreachable!(),
        ///     Request::Inf(_) | Request::Usr(_) | Request::Out(_) => unreachable!(),
        /// }
        /// ```
        #[macro_export]
        macro_rules! requests_only_on {
            (Notification) => { $($crate::Request::$notification(_))|+ };
            (Switchboard) => { $($crate::Request::$switchboard(_))|+ };
        }

        declare_commands! { @rows
            $($several)+
            $($notification $notification_file $notification_text $notification_row)+
            $($switchboard $switchboard_file $switchboard_text $switchboard_row)+
            $($no_server)+
        }
    };
    (@rows $(
        $name:ident $file:ident $text:literal {
            $(request $request:ty { $($request_rule:expr),+ })?
            $(event $event:ty { $event_rule:expr })?
        }
    )+) => {
        $(mod $file; pub use $file::*;)+

        /// The name of a command.
        ///
        /// ```
        /// use msnp::CommandName;
        ///
        /// assert_eq!(CommandName::parse(b"CHG"), Some(CommandName::Chg));
        /// assert_eq!(CommandName::Chg.as_str(), "CHG");
        /// // Case matters.
        /// assert_eq!(CommandName::parse(b"chg"), None);
        /// ```
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        #[cfg_attr(feature = "defmt", derive(defmt::Format))]
        pub enum CommandName {
            $(#[doc = concat!("`", $text, "`")] $name,)+
        }

        #[expect(non_upper_case_globals, reason = "the table has one spelling of each name")]
        mod keys {
            $(pub(super) const $name: u32 = super::key($text.as_bytes());)+
        }

        impl CommandName {
            /// All commands.
            pub const ALL: &'static [CommandName] = &[$(CommandName::$name),+];

            /// Parses a name as it is sent. Returns `None` if no command has it.
            pub const fn parse(name: &[u8]) -> Option<CommandName> {
                match key(name) {
                    $(keys::$name => Some(CommandName::$name),)+
                    _ => None,
                }
            }

            /// Returns the name as it is sent.
            pub const fn as_str(self) -> &'static str {
                match self { $(CommandName::$name => $text,)+ }
            }
        }

        /// A command that a client sends.
        #[derive(Debug, Clone, PartialEq, Eq)]
        #[cfg_attr(feature = "defmt", derive(defmt::Format))]
        pub enum Request<'a> {
            $($(#[doc = concat!("`", $text, "`")] $name($request),)?)+
        }

        impl<'a> Request<'a> {
            /// Returns the name of the command.
            pub const fn name(&self) -> CommandName {
                match self { $($(Request::$name(_) => declare_commands!(@name $name $request),)?)+ }
            }

            /// Returns the positions of the words that no log may show, such as a cookie. The name
            /// of the command is word 0.
            ///
            /// ```
            /// use msnp::command::Ans;
            /// use msnp::{Cookie, Handle, Request, SessionId, TrId};
            ///
            /// // `ANS 1 bob@example.com 1.2 11752013`
            /// let ans = Request::from(Ans {
            ///     trid: TrId::new(1),
            ///     handle: Handle::new("bob@example.com").unwrap(),
            ///     cookie: Cookie::parse(b"1.2").unwrap(),
            ///     session: SessionId::new(11_752_013).unwrap(),
            /// });
            /// assert!(ans.secret_words().contains(&3) && !ans.secret_words().contains(&2));
            /// ```
            pub fn secret_words(&self) -> Range<usize> {
                match self { $($(Request::$name(command) => <$request as Command<'a>>::secret_words(command),)?)+ }
            }

            /// Decodes a frame that the gate has admitted.
            fn decode_admitted(frame: &Frame<'a>, context: DecodeContext) -> Result<Request<'a>, Rejection> {
                let words = &mut frame.words.clone();
                // A request is large. Each arm makes the whole result, so that nothing is copied.
                match frame.command {
                    $($(Some(CommandName::$name) => {
                        match <$request as Command<'a>>::decode(words, frame.payload, context) {
                            Ok(command) => Ok(Request::$name(command)),
                            Err(error) => Err(error.rejection(frame)),
                        }
                    })?)+
                    _ => Err(DecodeError::malformed("command").rejection(frame)),
                }
            }

            /// Encodes the request in a dialect, as a client sends it.
            ///
            /// # Errors
            /// [`SinkFullError`] if it does not fit; nothing is written then.
            pub fn encode(&self, dialect: Dialect, out: &mut dyn Sink) -> Result<(), SinkFullError> {
                match self { $($(Request::$name(command) => <$request as Command<'a>>::encode(command, dialect, out),)?)+ }
            }
        }

        /// A command that a server sends.
        #[derive(Debug, Clone, PartialEq, Eq)]
        #[cfg_attr(feature = "defmt", derive(defmt::Format))]
        pub enum Event<'a> {
            $($(#[doc = concat!("`", $text, "`")] $name($event),)?)+
            /// A numeric error, such as `911`
            Error(ErrorReply),
        }

        impl<'a> Event<'a> {
            /// Returns the name of the command, or `None` for a numeric error.
            pub const fn name(&self) -> Option<CommandName> {
                match self {
                    $($(Event::$name(_) => Some(declare_commands!(@name $name $event)),)?)+
                    Event::Error(_) => None,
                }
            }

            /// Returns the positions of the words that no log may show, such as a cookie. The name
            /// of the command is word 0.
            pub fn secret_words(&self) -> Range<usize> {
                match self {
                    $($(Event::$name(command) => <$event as Command<'a>>::secret_words(command),)?)+
                    Event::Error(_) => 0..0,
                }
            }

            /// Decodes a frame that a server sent.
            ///
            /// # Errors
            /// [`DecodeError`] names the parameter that is missing or illegal. An unknown command,
            /// or one that the dialect lacks, is an error too.
            pub fn decode(frame: &Frame<'a>, context: DecodeContext) -> Result<Event<'a>, DecodeError> {
                let words = &mut frame.words.clone();
                if frame.command.is_some_and(|name| !gate::has_event(name, context.dialect)) {
                    return Err(DecodeError::malformed("command of another dialect"));
                }
                match frame.command {
                    $($(Some(CommandName::$name) => {
                        <$event as Command<'a>>::decode(words, frame.payload, context).map(Event::$name)
                    })?)+
                    _ => {
                        let code = ErrorCode::parse(frame.name).ok_or(DecodeError::malformed("command"))?;
                        Ok(Event::Error(ErrorReply { code, trid: words.trid()? }))
                    }
                }
            }

            /// Encodes the event in a dialect, as a server sends it.
            ///
            /// Nothing is written if the dialect does not have the command. So a server can send
            /// one event to clients of all dialects.
            ///
            /// # Errors
            /// [`SinkFullError`] if it does not fit; nothing is written then.
            ///
            /// ```
            /// use msnp::command::{Bpr, Event};
            /// use msnp::{Dialect, Handle, ListVersion, Property};
            ///
            /// let event = Event::from(Bpr {
            ///     version: ListVersion::new(40).unwrap(),
            ///     handle: Handle::new("alice@example.com").unwrap(),
            ///     property: Property::MayPage(true),
            /// });
            /// let mut output = heapless::Vec::<u8, 64>::new();
            /// // MSNP4 has no BPR.
            /// event.encode(Dialect::Msnp4, &mut output).unwrap();
            /// assert!(output.is_empty());
            /// event.encode(Dialect::Msnp5, &mut output).unwrap();
            /// assert_eq!(output, b"BPR 40 alice@example.com MOB Y\r\n");
            /// ```
            pub fn encode(&self, dialect: Dialect, out: &mut dyn Sink) -> Result<(), SinkFullError> {
                if self.name().is_some_and(|name| !gate::has_event(name, dialect)) {
                    return Ok(());
                }
                match self {
                    $($(Event::$name(command) => <$event as Command<'a>>::encode(command, dialect, out),)?)+
                    Event::Error(error) => error.encode(out),
                }
            }
        }

        $($(impl<'a> From<$request> for Request<'a> {
            fn from(command: $request) -> Request<'a> { Request::$name(command) }
        })?)+
        $($(impl<'a> From<$event> for Event<'a> {
            fn from(command: $event) -> Event<'a> { Event::$name(command) }
        })?)+
    };
    // Returns the name. The type is there only so that the macro repeats the name for the rows that
    // have such a type.
    (@name $name:ident $type:ty) => { CommandName::$name };
}

with_table!(declare_commands);

mod err;
pub use err::ErrorReply;

impl core::fmt::Display for CommandName {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.write_str(self.as_str())
    }
}

impl AsRef<str> for CommandName {
    fn as_ref(&self) -> &str {
        self.as_str()
    }
}

impl<'a> Request<'a> {
    /// Decodes a frame that a client sent, if [`gate::admit`] admits the command.
    ///
    /// # Errors
    /// [`Rejection`] has the reason, and how to reply.
    ///
    /// ```
    /// use msnp::command::DecodeContext;
    /// use msnp::frame::{self, Origin};
    /// use msnp::gate::Refusal;
    /// use msnp::{Dialect, ErrorCode, Phase, Request, Server};
    ///
    /// let context = DecodeContext { server: Server::Notification, dialect: Dialect::Msnp2 };
    /// let input = b"SYN 5 0\r\n";
    /// let frame = frame::next(input, Origin::Client, context.server).unwrap().frame.unwrap();
    /// assert!(Request::decode(&frame, Phase::SignedIn, context).is_ok());
    ///
    /// // `SYN` needs a signed-in user.
    /// let rejection = Request::decode(&frame, Phase::Versioned, context).unwrap_err();
    /// assert_eq!(rejection.refusal, Refusal::ReplyThenClose(ErrorCode::NotLoggedIn));
    /// assert_eq!(rejection.trid.unwrap().value(), 5);
    /// assert_eq!(rejection.reason.to_string(), "command not expected now");
    /// ```
    pub fn decode(
        frame: &Frame<'a>,
        phase: Phase,
        context: DecodeContext,
    ) -> Result<Request<'a>, Rejection> {
        match gate::admit(frame.command, context.server, phase, context.dialect) {
            Ok(_) => Request::decode_admitted(frame, context),
            Err((denial, refusal)) => {
                debug!("command denied: {}", denial.description());
                let trid = frame.words.clone().trid().ok();
                Err(Rejection { reason: RejectionReason::Denied(denial), refusal, trid })
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::frame::{self, Origin};
    use crate::types::FriendlyName;

    fn decode(line: &[u8], phase: Phase, server: Server) -> Result<Request<'_>, Rejection> {
        let scan = frame::next(line, Origin::Client, server).unwrap();
        Request::decode(
            &scan.frame.unwrap(),
            phase,
            DecodeContext { server, dialect: Dialect::Msnp2 },
        )
    }

    fn refusal(line: &str, server: Server) -> Refusal {
        decode(line.as_bytes(), Phase::SignedIn, server).unwrap_err().refusal
    }

    #[test]
    fn a_bad_parameter_has_its_refusal() {
        use ErrorCode::*;
        use Refusal::*;
        let on_ns = [
            ("SYN\n", Close),
            ("SYN x 0\n", Close),
            ("SYN 4294967296 0\n", Close),
            ("SYN 1 x\n", Reply(InvalidParameter)),
            ("LST 1 XX\n", Reply(InvalidParameter)),
            ("GTC 1 X\n", Close),
            ("BLP 1 X\n", Close),
            ("ADD 1 RL a@b.c\n", Close),
            ("ADD 1 XX a@b.c\n", Reply(InvalidParameter)),
            ("ADD 1 FL a@b\n", Reply(InvalidParameter)),
            ("ADD 1 FL\n", Close),
            ("REM 1 RL a@b.c\n", Close),
            ("REM 1 FL a@b\n", Reply(InvalidParameter)),
            ("CHG 1 ON\n", Reply(InvalidParameter)),
            ("REA 1 a@b.c\n", Reply(InvalidFriendlyName)),
            ("XFR 1 XX\n", Reply(InvalidParameter)),
            ("SND 1\n", ReplyThenClose(BadFormat)),
        ];
        for (line, expected) in on_ns {
            assert_eq!(refusal(line, Server::Notification), expected, "{line}");
        }
        let on_sb = [
            ("CAL 1 @@a\n", Reply(InvalidUserName)),
            ("CAL 1\n", Close),
            ("CAL 1 a@b.c d\n", Close),
            ("MSG 1 u 0\n", Close),
            ("MSG 1 X 0\n", Close),
            ("MSG N 0\n", Close),
        ];
        for (line, expected) in on_sb {
            assert_eq!(refusal(line, Server::Switchboard), expected, "{line}");
        }
    }

    #[test]
    fn any_name_for_a_contact_is_accepted() {
        let named = |line: &'static [u8]| match decode(line, Phase::SignedIn, Server::Notification)
        {
            Ok(Request::Add(add)) => add.name,
            Ok(Request::Rea(rea)) => rea.name.lossy().cloned(),
            other => panic!("{other:?}"),
        };
        let name = |text| FriendlyName::new(text).ok();
        assert_eq!(named(b"ADD 1 FL a@b.c %zz\n"), name("%zz"));
        assert_eq!(named(b"ADD 12 FL a@b.c Zo%eb%20%26%20J%fcrgen\n"), name("Zoë & Jürgen"));
        assert_eq!(named(b"ADD 12 AL a@b.c \xc3\x83\xc2\x84gidius\n"), name("Ãgidius"));
        assert_eq!(named(b"REA 1 a@b.c Bob%0D%0A\n"), name("Bob"));
        for line in [b"ADD 1 FL a@b.c\n".as_slice(), b"ADD 1 BL a@b.c %00\n", b"REA 1 a@b.c %00\n"]
        {
            assert_eq!(named(line), None);
        }
    }

    #[test]
    fn a_bad_sign_in_has_its_refusal() {
        use ErrorCode::*;
        use Refusal::*;
        let cases = [
            ("USR 1 MD5 I alice\n", ReplyThenClose(DomainMissing)),
            ("USR 1 MD5 I @@a\n", ReplyThenClose(AuthenticationFailed)),
            ("USR 1 CTP I a@b.c\n", ReplyThenClose(AuthenticationFailed)),
            ("USR 1 MD5 S 12\n", ReplyThenClose(AuthenticationFailed)),
            ("USR 1 MD5 X 12\n", Close),
            ("USR 1 MD5 I\n", Close),
        ];
        for (line, expected) in cases {
            let refused = decode(line.as_bytes(), Phase::Fresh, Server::Notification);
            assert_eq!(refused.unwrap_err().refusal, expected, "{line}");
        }
        let cases = [
            ("USR 1 a@b.c x\n", ReplyThenClose(AuthenticationFailed)),
            ("USR 1 a@b.c\n", Close),
            ("ANS 1 a@b.c 1.2 9\n", Close),
            ("ANS 1 a@b.c 1.2\n", Close),
        ];
        for (line, expected) in cases {
            let refused = decode(line.as_bytes(), Phase::Fresh, Server::Switchboard);
            assert_eq!(refused.unwrap_err().refusal, expected, "{line}");
        }
    }
}
