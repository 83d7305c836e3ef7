//! Framing, decoding and encoding for the properties.

use msnp::command::{DecodeContext, DecodeError, Usr};
use msnp::frame::{self, Frame, FrameError, Origin};
use msnp::gate;
use msnp::line::Sink;
use msnp::{CommandName, Dialect, Event, Phase, Rejection, Request, Server, SinkFullError};

pub(crate) const SERVERS: [Server; 3] =
    [Server::Dispatch, Server::Notification, Server::Switchboard];

pub(crate) const PHASES: [Phase; 4] =
    [Phase::Fresh, Phase::Versioned, Phase::QueryOnly, Phase::SignedIn];

/// Returns what `encode` writes. Any command fits.
pub(crate) fn encode_to_vec(
    encode: impl FnOnce(&mut dyn Sink) -> Result<(), SinkFullError>,
) -> Vec<u8> {
    let mut out = heapless::Vec::<u8, 4096>::new();
    encode(&mut out).unwrap();
    out.to_vec()
}

/// Returns all phases and contexts in which a request is legal.
pub(crate) fn legal_contexts(request: &Request<'_>) -> Vec<(Phase, DecodeContext)> {
    let mut contexts = Vec::new();
    for server in SERVERS {
        let on_switchboard = server == Server::Switchboard;
        if let Request::Usr(usr) = request
            && matches!(usr, Usr::Switchboard { .. }) != on_switchboard
        {
            continue;
        }
        for phase in PHASES {
            for dialect in Dialect::ALL {
                if gate::admit(Some(request.name()), server, phase, dialect).is_ok() {
                    contexts.push((phase, DecodeContext { server, dialect }));
                }
            }
        }
    }
    contexts
}

/// Whether a command has a payload on any server.
pub(crate) fn has_payload(name: CommandName, origin: Origin) -> bool {
    let follows =
        |server| gate::bounds(Some(name), origin, server).payload != gate::PayloadRule::None;
    SERVERS.into_iter().any(follows)
}

/// Returns the only frame in `input`.
pub(crate) fn only_frame(input: &[u8], origin: Origin, server: Server) -> Frame<'_> {
    let scan = frame::next(input, origin, server).unwrap();
    assert_eq!(scan.consumed, input.len(), "all bytes belong to one frame");
    scan.frame.unwrap()
}

/// Decodes the only request in `input`.
pub(crate) fn request(
    input: &[u8],
    phase: Phase,
    at: DecodeContext,
) -> Result<Request<'_>, Rejection> {
    Request::decode(&only_frame(input, Origin::Client, at.server), phase, at)
}

/// Decodes the only event in `input`.
pub(crate) fn event(input: &[u8], at: DecodeContext) -> Result<Event<'_>, DecodeError> {
    Event::decode(&only_frame(input, Origin::Server, at.server), at)
}

/// A frame that owns its bytes: the words, beginning with the name, and the payload.
pub(crate) type OwnedFrame = (Vec<Vec<u8>>, Vec<u8>);

/// Reads a stream as a connection does: it receives pieces and returns frames.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Stream {
    pub(crate) frames: Vec<OwnedFrame>,
    pub(crate) unread: Vec<u8>,
    pub(crate) error: Option<FrameError>,
}

impl Stream {
    /// Reads the next piece.
    pub(crate) fn feed(&mut self, piece: &[u8], origin: Origin, server: Server) {
        self.unread.extend_from_slice(piece);
        while self.error.is_none() {
            match frame::next(&self.unread, origin, server) {
                Err(error) => self.error = Some(error),
                Ok(scan) => {
                    assert!(scan.consumed <= self.unread.len());
                    let used = scan.consumed;
                    let done = scan.frame.is_none();
                    self.frames.extend(scan.frame.map(|frame| {
                        let name = frame.name.to_vec();
                        let words = frame.words.map(<[u8]>::to_vec);
                        (std::iter::once(name).chain(words).collect(), frame.payload.to_vec())
                    }));
                    self.unread.drain(..used);
                    if done {
                        break;
                    }
                }
            }
        }
    }

    /// Reads all of `input`, in pieces that end at `cuts`.
    pub(crate) fn read(input: &[u8], cuts: &[usize], origin: Origin, server: Server) -> Stream {
        let mut stream = Stream::default();
        let mut start = 0;
        for end in cuts.iter().copied().chain([input.len()]) {
            if start < end && end <= input.len() {
                stream.feed(&input[start..end], origin, server);
                start = end;
            }
        }
        stream
    }
}

/// Returns all frames at the start of `input`, borrowed from it.
pub(crate) fn frames(mut input: &[u8], origin: Origin, server: Server) -> Vec<Frame<'_>> {
    let mut found = Vec::new();
    while let Ok(scan) = frame::next(input, origin, server) {
        let Some(frame) = scan.frame else { break };
        found.push(frame);
        input = &input[scan.consumed..];
    }
    found
}
