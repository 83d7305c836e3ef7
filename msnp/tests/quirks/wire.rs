//! The way of one line, and what is not seen on one.

use msnp::command::{DecodeContext, Event, Request};
use msnp::frame::{self, Frame, Origin};
use msnp::quirk::Quirk;
use msnp::{Dialect, Phase, Server};

/// For a quirk that only a running server shows: it says where.
pub(crate) fn is_shown(quirk: Quirk) {
    assert!(quirk.shown_in().is_some(), "{}", quirk.name());
}

/// The frames of `input`, which is read to its end.
pub(crate) fn frames(mut input: &[u8], origin: Origin, server: Server) -> Vec<Frame<'_>> {
    let mut frames = Vec::new();
    while !input.is_empty() {
        let scan = frame::next(input, origin, server).unwrap();
        frames.push(scan.frame.unwrap());
        input = &input[scan.consumed..];
    }
    frames
}

/// The one request of a client that is signed in on the Notification Server.
pub(crate) fn said(dialect: Dialect, line: &str) -> Request<'_> {
    let at = DecodeContext { server: Server::Notification, dialect };
    let frames = frames(line.as_bytes(), Origin::Client, at.server);
    assert_eq!(frames.len(), 1);
    Request::decode(&frames[0], Phase::SignedIn, at).unwrap()
}

/// What a client hears.
pub(crate) fn told<'a>(dialect: Dialect, event: impl Into<Event<'a>>) -> String {
    let mut out = heapless::Vec::<u8, 4096>::new();
    event.into().encode(dialect, &mut out).unwrap();
    String::from_utf8(out.to_vec()).unwrap()
}
