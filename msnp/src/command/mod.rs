//! The commands: [`Request`] is what a client sends, [`Event`] is what a server sends.
//!
//! Both can be decoded and encoded, so servers, clients and tests share one definition. Each
//! command has a file of its own. Its types are named after it: [`Chg`] is the request,
//! [`ChgReply`] the reply.
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

// To add a command: write its file, add its name to `files!` and its lines to `commands!` below,
// and add its rules to `crate::gate`: one in `COMMANDS` for the request, one in `EVENTS` for the
// event.

use crate::frame::Frame;
use crate::gate::{self, Denial, Phase, Refusal, Server};
use crate::line::{Sink, SinkFullError, Words};
use crate::types::{Dialect, ErrorCode, TrId};

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
        at: DecodeContext,
    ) -> Result<Self, DecodeError>;
    /// Writes the whole command, or nothing.
    fn encode(&self, dialect: Dialect, out: &mut dyn Sink) -> Result<(), SinkFullError>;
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
    /// Why. Its `Display` form is for logs.
    pub reason: RejectionReason,
    /// How a server refuses the request. An error reply needs the transaction ID.
    pub refusal: Refusal,
    /// The transaction ID of the request, if it has one.
    pub trid: Option<TrId>,
}

impl core::fmt::Display for Rejection {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        self.reason.fmt(f)
    }
}

impl core::error::Error for Rejection {}

macro_rules! commands {
    (
        $(#[$request_doc:meta])* requests { $($request:ident: $request_name:literal => $request_type:ty,)+ }
        $(#[$event_doc:meta])* events { $($event:ident: $event_name:literal => $event_type:ty,)+ }
    ) => {
        $(#[$request_doc])*
        #[derive(Debug, Clone, PartialEq, Eq)]
        #[cfg_attr(feature = "defmt", derive(defmt::Format))]
        pub enum Request<'a> {
            $(#[doc = concat!("`", $request_name, "`")] $request($request_type),)+
        }

        impl<'a> Request<'a> {
            /// Returns the name of the command, such as `VER`.
            pub const fn name(&self) -> &'static str {
                match self { $(Request::$request(_) => $request_name,)+ }
            }

            /// Decodes a frame that the gate has admitted.
            fn decode_admitted(frame: &Frame<'a>, at: DecodeContext) -> Result<Request<'a>, Rejection> {
                let (words, key) = (&mut frame.words.clone(), gate::key(frame.name));
                $(if key == const { gate::key($request_name.as_bytes()) } {
                    return match <$request_type as Command<'a>>::decode(words, frame.payload, at) {
                        Ok(command) => Ok(Request::$request(command)),
                        Err(error) => Err(error.rejection(frame)),
                    };
                })+
                Err(DecodeError::malformed("command").rejection(frame))
            }

            /// Encodes the request in a dialect, as a client sends it.
            ///
            /// # Errors
            /// [`SinkFullError`] if it does not fit; nothing is written then.
            pub fn encode(&self, dialect: Dialect, out: &mut dyn Sink) -> Result<(), SinkFullError> {
                match self { $(Request::$request(command) => command.encode(dialect, out),)+ }
            }
        }

        $(#[$event_doc])*
        #[derive(Debug, Clone, PartialEq, Eq)]
        #[cfg_attr(feature = "defmt", derive(defmt::Format))]
        pub enum Event<'a> {
            $(#[doc = concat!("`", $event_name, "`")] $event($event_type),)+
            /// A numeric error, such as `911`
            Error(ErrorReply),
        }

        impl<'a> Event<'a> {
            /// Decodes a frame that a server sent.
            ///
            /// # Errors
            /// [`DecodeError`] names the parameter that is missing or illegal. An unknown command,
            /// or one that the dialect lacks, is an error too.
            pub fn decode(frame: &Frame<'a>, at: DecodeContext) -> Result<Event<'a>, DecodeError> {
                let (words, key) = (&mut frame.words.clone(), gate::key(frame.name));
                $(if key == const { gate::key($event_name.as_bytes()) } {
                    if !gate::has_event($event_name, at.dialect) {
                        return Err(DecodeError::malformed("command of another dialect"));
                    }
                    return <$event_type as Command<'a>>::decode(words, frame.payload, at)
                        .map(Event::$event);
                })+
                let code = ErrorCode::parse(frame.name).ok_or(DecodeError::malformed("command"))?;
                Ok(Event::Error(ErrorReply { code, trid: words.trid()? }))
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
                match self {
                    $(Event::$event(command) => match gate::has_event($event_name, dialect) {
                        true => command.encode(dialect, out),
                        false => Ok(()),
                    },)+
                    Event::Error(error) => error.encode(out),
                }
            }
        }

        $(impl<'a> From<$request_type> for Request<'a> {
            fn from(command: $request_type) -> Request<'a> { Request::$request(command) }
        })+
        $(impl<'a> From<$event_type> for Event<'a> {
            fn from(command: $event_type) -> Event<'a> { Event::$event(command) }
        })+
    };
}

macro_rules! files {
    ($($file:ident),+ $(,)?) => { $(mod $file; pub use $file::*;)+ };
}

files!(
    ack, adg, add, ans, blp, bpr, bye, cal, chg, chl, cvq, cvr, err, fln, fnd, gtc, iln, ims, inf,
    iro, joi, lsg, lst, msg, nak, nln, not, out, pag, png, prp, qng, qry, rea, reg, rem, rmg, rng,
    sdc, snd, syn, url, usr, ver, xfr,
);

commands! {
    /// A command that a client sends.
    requests {
        Ver: "VER" => Ver,
        Cvr: "CVR" => Cvr,
        Cvq: "CVQ" => Cvq,
        Inf: "INF" => Inf,
        Usr: "USR" => Usr,
        Xfr: "XFR" => Xfr,
        Syn: "SYN" => Syn,
        Lst: "LST" => Lst,
        Gtc: "GTC" => Gtc,
        Blp: "BLP" => Blp,
        Add: "ADD" => Add,
        Rem: "REM" => Rem,
        Chg: "CHG" => Chg,
        Rea: "REA" => Rea,
        Url: "URL" => Url,
        Snd: "SND" => Snd,
        Fnd: "FND" => Fnd,
        Png: "PNG" => Png,
        Ims: "IMS" => Ims,
        Prp: "PRP" => Prp,
        Sdc: "SDC" => Sdc<'a>,
        Pag: "PAG" => Pag<'a>,
        Chl: "CHL" => Chl,
        Qry: "QRY" => Qry<'a>,
        Lsg: "LSG" => Lsg,
        Adg: "ADG" => Adg,
        Reg: "REG" => Reg,
        Rmg: "RMG" => Rmg,
        Out: "OUT" => Out,
        Ans: "ANS" => Ans,
        Cal: "CAL" => Cal,
        Msg: "MSG" => Msg<'a>,
        Bye: "BYE" => Leave,
    }
    /// A command that a server sends.
    events {
        Ver: "VER" => VerReply,
        Cvr: "CVR" => CvrReply,
        Cvq: "CVQ" => CvqReply,
        Inf: "INF" => InfReply,
        Usr: "USR" => UsrReply,
        Xfr: "XFR" => XfrReply,
        Syn: "SYN" => SynReply,
        Lst: "LST" => LstReply,
        Gtc: "GTC" => GtcReply,
        Blp: "BLP" => BlpReply,
        Add: "ADD" => AddReply,
        Rem: "REM" => RemReply,
        Chg: "CHG" => ChgReply,
        Rea: "REA" => ReaReply,
        Iln: "ILN" => Iln,
        Nln: "NLN" => Nln,
        Fln: "FLN" => Fln,
        Rng: "RNG" => Rng,
        Url: "URL" => UrlReply,
        Snd: "SND" => SndReply,
        Fnd: "FND" => FndReply,
        Qng: "QNG" => Qng,
        Ims: "IMS" => ImsReply,
        Prp: "PRP" => PrpReply,
        Bpr: "BPR" => Bpr,
        Sdc: "SDC" => SdcReply,
        Not: "NOT" => Not<'a>,
        Chl: "CHL" => ChlReply,
        Qry: "QRY" => QryReply,
        Lsg: "LSG" => LsgReply,
        Adg: "ADG" => AdgReply,
        Reg: "REG" => RegReply,
        Rmg: "RMG" => RmgReply,
        Msg: "MSG" => Message<'a>,
        Out: "OUT" => Goodbye,
        Ans: "ANS" => AnsReply,
        Cal: "CAL" => CalReply,
        Iro: "IRO" => Iro,
        Joi: "JOI" => Joi,
        Bye: "BYE" => Bye,
        Ack: "ACK" => Ack,
        Nak: "NAK" => Nak,
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
        at: DecodeContext,
    ) -> Result<Request<'a>, Rejection> {
        match gate::admit(frame.name, at.server, phase, at.dialect) {
            Ok(_) => Request::decode_admitted(frame, at),
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
