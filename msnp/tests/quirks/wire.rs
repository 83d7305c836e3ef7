//! Encodes and decodes one line for the tests of quirks.

use msnp::command::{DecodeContext, Event, Request};
use msnp::frame::{self, Frame, Origin};
use msnp::quirk::Quirk;
use msnp::{Dialect, Phase, Server};

/// Asserts that a quirk names the test of the running server that shows it.
pub(crate) fn assert_shown(quirk: Quirk) {
    assert!(quirk.shown_in().is_some(), "{}", quirk.name());
}

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

/// Decodes the only request in `line`, from a client that is signed in on the Notification Server.
pub(crate) fn received(dialect: Dialect, line: &str) -> Request<'_> {
    let at = DecodeContext { server: Server::Notification, dialect };
    let frames = frames(line.as_bytes(), Origin::Client, at.server);
    assert_eq!(frames.len(), 1);
    Request::decode(&frames[0], Phase::SignedIn, at).unwrap()
}

/// Encodes an event, as a client of this dialect receives it.
pub(crate) fn sent<'a>(dialect: Dialect, event: impl Into<Event<'a>>) -> String {
    let mut out = heapless::Vec::<u8, 4096>::new();
    event.into().encode(dialect, &mut out).unwrap();
    String::from_utf8(out.to_vec()).unwrap()
}
