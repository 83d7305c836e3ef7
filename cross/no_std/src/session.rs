//! Serves a whole sign-in and a conversation.

use core::hint::black_box;
use heapless::Vec;
use msnp::auth::{Challenge, Digest};
use msnp::command::{
    Cal, CalReply, ChgReply, DecodeContext, ErrorReply, Goodbye, Iln, InfReply, ListLine, Message,
    Nak, Png, Qng, Rejection, Sender, SynReply, Usr, UsrReply, VerReplyForm,
};
use msnp::frame::{self, FrameError, Origin};
use msnp::gate::Refusal;
use msnp::{
    Dialect, ErrorCode, Event, FriendlyName, Handle, List, ListVersion, Phase, Request, Server,
    SessionId, SinkFullError, State,
};

/// What alice's client sends to the Notification Server, with bare LFs and surplus spaces.
const FROM_ALICE: &[u8] = b"VER 4 MSNP2 CVR0\r\nINF 5 \nUSR 6 MD5 I Alice@Example.com\r\n\
    USR 7 MD5 S 0dc38e0c96e5ef37eb9451a0b2d5aaf9\n\r\nSYN 8 0\r\nCHG  9\tNLN\r\n\
    CAL 10 bob@example.com\r\n";

/// The replies. `CAL` belongs to another server, so the connection closes.
const TO_ALICE: &[u8] = b"VER 4 MSNP2 CVR0\r\nINF 5 MD5\r\nUSR 6 MD5 S 1013928519.693957190\r\n\
    USR 7 OK alice@example.com Alice%20in%20W.\r\nSYN 8 66000021\r\nLST 8 RL 66000021 0 0\r\n\
    CHG 9 NLN\r\nILN 9 AWY bob@example.com Bob%20B.\r\n";

/// What alice's client sends to a switchboard. The payload looks like a command.
const TO_SWITCHBOARD: &[u8] =
    b"CAL 2 bob@example.com\r\nMSG 3 N 9\r\nOUT\r\n911\nCAL 4 @@a\r\nMSG 5 N 1665\r\n";

/// The replies of the switchboard.
const FROM_SWITCHBOARD: &[u8] = b"CAL 2 RINGING 11752013\r\n\
    MSG alice@example.com Alice%20in%20W. 9\r\nOUT\r\n911\nNAK 3\r\n208 4\r\nOUT\r\n";

/// Why the test failed.
pub enum SessionError {
    /// The password is wrong.
    Password,
    /// A command was decoded or encoded wrongly.
    Bytes,
}

impl From<SinkFullError> for SessionError {
    fn from(_: SinkFullError) -> SessionError {
        SessionError::Bytes
    }
}

impl From<FrameError> for SessionError {
    fn from(_: FrameError) -> SessionError {
        SessionError::Bytes
    }
}

/// The connection to a server.
struct Connection<'p> {
    at: DecodeContext,
    phase: Phase,
    password: &'p [u8],
    out: Vec<u8, 1024>,
    closing: bool,
}

/// Serves the sign-in and the conversation, and compares the replies with the expected ones.
pub fn serve(password: &[u8]) -> Result<(), SessionError> {
    let mut alice = Connection::to(Server::Notification, Phase::Fresh, password);
    alice.read(black_box(FROM_ALICE))?;
    if !alice.closing || alice.out != black_box(TO_ALICE) {
        return Err(SessionError::Bytes);
    }
    let mut conversation = Connection::to(Server::Switchboard, Phase::SignedIn, password);
    // Its last payload is too long.
    let result = conversation.read(black_box(TO_SWITCHBOARD));
    conversation.write(Goodbye { reason: None })?;
    if result.is_ok() || conversation.out != black_box(FROM_SWITCHBOARD) {
        return Err(SessionError::Bytes);
    }
    as_client(black_box(TO_ALICE))
}

impl<'p> Connection<'p> {
    fn to(server: Server, phase: Phase, password: &'p [u8]) -> Connection<'p> {
        let at = DecodeContext { server, dialect: Dialect::Msnp2 };
        Connection { at, phase, password, out: Vec::new(), closing: false }
    }

    /// Reads a stream byte by byte, as from a slow line.
    fn read(&mut self, stream: &[u8]) -> Result<(), SessionError> {
        let mut start = 0;
        for end in 1..=stream.len() {
            let unread = stream.get(start..end).ok_or(SessionError::Bytes)?;
            let scan = frame::next(unread, Origin::Client, self.at.server)?;
            start += scan.consumed;
            if let Some(frame) = scan.frame {
                match Request::decode(&frame, self.phase, self.at) {
                    Ok(request) => self.handle(&request)?,
                    Err(rejection) => self.refuse(rejection)?,
                }
            }
        }
        if start == stream.len() { Ok(()) } else { Err(SessionError::Bytes) }
    }

    fn write<'a>(&mut self, event: impl Into<Event<'a>>) -> Result<(), SinkFullError> {
        event.into().encode(self.at.dialect, &mut self.out)
    }

    fn refuse(&mut self, rejection: Rejection) -> Result<(), SessionError> {
        match (rejection.refusal, rejection.trid) {
            (Refusal::Reply(code), Some(trid)) => {
                Ok(self.write(Event::Error(ErrorReply { code, trid }))?)
            }
            (Refusal::Close, _) => {
                self.closing = true;
                Ok(())
            }
            _ => Err(SessionError::Bytes),
        }
    }

    fn handle(&mut self, request: &Request<'_>) -> Result<(), SessionError> {
        let version = ListVersion::new(66_000_021).ok_or(SessionError::Bytes)?;
        match request {
            Request::Ver(ver) => {
                self.phase = Phase::Versioned;
                self.write(ver.reply(VerReplyForm::List))?;
            }
            Request::Inf(inf) => self.write(InfReply { trid: inf.trid })?,
            Request::Usr(usr) => self.sign_in(usr)?,
            Request::Syn(syn) => {
                self.write(SynReply { trid: syn.trid, version })?;
                let list = List::Reverse;
                self.write(ListLine { trid: syn.trid, list, version, entry: None })?;
            }
            Request::Chg(chg) => {
                let (trid, state) = (chg.trid, chg.state);
                self.write(ChgReply { trid, state })?;
                let (handle, name) = (handle("bob@example.com")?, name("Bob B.")?);
                self.write(Iln { trid, state: State::Away, handle, name })?;
            }
            Request::Cal(Cal { trid, .. }) => {
                let session = SessionId::new(11_752_013).ok_or(SessionError::Bytes)?;
                self.write(CalReply { trid: *trid, session })?;
            }
            Request::Msg(msg) => {
                let (handle, name) = (handle("alice@example.com")?, name("Alice in W.")?);
                let sender = Sender::Principal { handle, name };
                self.write(Message { sender, payload: msg.payload.as_bytes() })?;
                self.write(Nak { trid: msg.trid })?;
            }
            _ => return Err(SessionError::Bytes),
        }
        Ok(())
    }

    fn sign_in(&mut self, usr: &Usr) -> Result<(), SessionError> {
        let challenge =
            Challenge::from_entropy(1_013_928_519, 693_957_190).ok_or(SessionError::Bytes)?;
        match usr {
            Usr::Initial { trid, handle } if handle.as_str() == "alice@example.com" => {
                Ok(self.write(UsrReply::Challenge { trid: *trid, challenge })?)
            }
            Usr::Response { trid, digest } => {
                if Digest::of(&challenge, self.password) != *digest {
                    let code = ErrorCode::AuthenticationFailed;
                    self.write(Event::Error(ErrorReply { code, trid: *trid }))?;
                    return Err(SessionError::Password);
                }
                self.phase = Phase::SignedIn;
                let (handle, name) = (handle("alice@example.com")?, name("Alice in W.")?);
                Ok(self.write(UsrReply::Ok { trid: *trid, handle, name, verified: None })?)
            }
            _ => Err(SessionError::Bytes),
        }
    }
}

/// Decodes the replies as a client does and encodes them again, and encodes a `PNG` and a `QNG`.
fn as_client(mut replies: &[u8]) -> Result<(), SessionError> {
    let at = DecodeContext { server: Server::Notification, dialect: Dialect::Msnp2 };
    let mut again = Vec::<u8, 1024>::new();
    while !replies.is_empty() {
        let scan = frame::next(replies, Origin::Server, at.server)?;
        let frame = scan.frame.ok_or(SessionError::Bytes)?;
        Event::decode(&frame, at)
            .map_err(|_| SessionError::Bytes)?
            .encode(at.dialect, &mut again)?;
        replies = replies.get(scan.consumed..).ok_or(SessionError::Bytes)?;
    }
    Request::from(Png).encode(at.dialect, &mut again)?;
    Event::from(Qng).encode(at.dialect, &mut again)?;
    let rest = again.strip_prefix(TO_ALICE).ok_or(SessionError::Bytes)?;
    if rest == b"PNG\r\nQNG\r\n" { Ok(()) } else { Err(SessionError::Bytes) }
}

fn handle(text: &str) -> Result<Handle, SessionError> {
    Handle::new(text).map_err(|_| SessionError::Bytes)
}

fn name(text: &str) -> Result<FriendlyName, SessionError> {
    FriendlyName::new(text).map_err(|_| SessionError::Bytes)
}
