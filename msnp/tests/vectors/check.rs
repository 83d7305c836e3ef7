//! Compares values with bytes, in both directions.

use msnp::command::*;
use msnp::frame::{self, Frame, Origin};
use msnp::gate::Refusal;
use msnp::{Dialect, Phase, Server};

/// Returns all frames of `input`, which must end with a whole frame.
pub(crate) fn frames(mut input: &[u8], origin: Origin, server: Server) -> Vec<Frame<'_>> {
    let mut frames = Vec::new();
    while !input.is_empty() {
        let scan = frame::next(input, origin, server).unwrap();
        frames.push(scan.frame.unwrap());
        input = &input[scan.consumed..];
    }
    frames
}

/// Checks what the client of one connection sends: each value is encoded to its text, and the whole
/// stream is decoded to the values.
pub(crate) fn requests(server: Server, phase: Phase, vectors: &[(Request<'_>, &str)]) {
    requests_in(DecodeContext { server, dialect: Dialect::Msnp2 }, phase, vectors);
}

/// The same in any dialect.
pub(crate) fn requests_in(at: DecodeContext, phase: Phase, vectors: &[(Request<'_>, &str)]) {
    let mut stream = Vec::new();
    for (request, text) in vectors {
        let mut out = heapless::Vec::<u8, 4096>::new();
        request.encode(at.dialect, &mut out).unwrap();
        assert_eq!(String::from_utf8_lossy(&out), *text);
        stream.extend_from_slice(&out);
    }
    let frames = frames(&stream, Origin::Client, at.server);
    assert_eq!(frames.len(), vectors.len());
    for (frame, (request, text)) in frames.iter().zip(vectors) {
        let decoded = Request::decode(frame, phase, at);
        assert_eq!(decoded.as_ref(), Ok(request), "{text}");
    }
}

/// Checks what the client of one connection receives, in the same way.
pub(crate) fn events(server: Server, vectors: &[(Event<'_>, &str)]) {
    events_in(DecodeContext { server, dialect: Dialect::Msnp2 }, vectors);
}

/// The same in any dialect.
pub(crate) fn events_in(at: DecodeContext, vectors: &[(Event<'_>, &str)]) {
    let mut stream = Vec::new();
    for (event, text) in vectors {
        let mut out = heapless::Vec::<u8, 4096>::new();
        event.encode(at.dialect, &mut out).unwrap();
        assert_eq!(String::from_utf8_lossy(&out), *text);
        stream.extend_from_slice(&out);
    }
    let frames = frames(&stream, Origin::Server, at.server);
    assert_eq!(frames.len(), vectors.len());
    for (frame, (event, text)) in frames.iter().zip(vectors) {
        let decoded = Event::decode(frame, at);
        assert_eq!(decoded.as_ref(), Ok(event), "{text}");
    }
}

/// Returns the refusal of a line.
pub(crate) fn refusal(server: Server, phase: Phase, line: &str) -> Refusal {
    refusal_in(DecodeContext { server, dialect: Dialect::Msnp2 }, phase, line)
}

/// The same in any dialect.
pub(crate) fn refusal_in(at: DecodeContext, phase: Phase, line: &str) -> Refusal {
    let frame = &frames(line.as_bytes(), Origin::Client, at.server)[0];
    Request::decode(frame, phase, at).unwrap_err().refusal
}
