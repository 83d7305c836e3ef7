//! Typed requests and events, written as lines on the wire.

use msnp::command::DecodeContext;
use msnp::frame::{self, Origin};
use msnp::{Dialect, Event, Phase, Request, gate};

const PHASES: [Phase; 4] = [Phase::Fresh, Phase::Versioned, Phase::QueryOnly, Phase::SignedIn];

/// Leaks the bytes. Test programs are short-lived.
fn keep(bytes: Vec<u8>) -> &'static [u8] {
    Vec::leak(bytes)
}

/// Decodes a request from what a client writes.
pub(crate) fn request(at: DecodeContext, bytes: Vec<u8>) -> Request<'static> {
    let bytes = keep(bytes);
    let scan = frame::next(bytes, Origin::Client, at.server).unwrap();
    let frame = scan.frame.unwrap();
    let read = |phase| Request::decode(&frame, phase, at).ok();
    let request = PHASES.into_iter().find_map(read);
    request.unwrap_or_else(|| panic!("no request: {:?}", String::from_utf8_lossy(bytes)))
}

/// Decodes the event that a test expects from what a server writes.
pub(crate) fn expected(at: DecodeContext, bytes: &[u8]) -> Event<'static> {
    let (event, used) = first(at, bytes).unwrap();
    assert_eq!(used, bytes.len(), "{:?}", String::from_utf8_lossy(bytes));
    event
}

/// Returns the first event of a stream that a server wrote, and its length in bytes. Checks that
/// the dialect has this event in exactly this form.
pub(crate) fn event(at: DecodeContext, stream: &[u8]) -> Option<(Event<'static>, usize)> {
    let (event, used) = first(at, stream)?;
    let dialect = at.dialect;
    let is_known = event.name().is_none_or(|name| gate::server_sends(name, at.server, dialect));
    assert!(is_known, "{event:?} is no command of {dialect}");
    let mut again = heapless::Vec::<u8, { frame::MAX_FRAME }>::new();
    event.encode(dialect, &mut again).unwrap();
    let [received, encoded] = [&stream[..used], &again].map(|bytes| String::from_utf8_lossy(bytes));
    assert_eq!(received, encoded, "the form of {dialect}");
    Some((event, used))
}

fn first(at: DecodeContext, stream: &[u8]) -> Option<(Event<'static>, usize)> {
    let scan = frame::next(stream, Origin::Server, at.server).unwrap();
    scan.frame.as_ref()?;
    let used = scan.consumed;
    let bytes = keep(stream[..used].to_vec());
    let frame = frame::next(bytes, Origin::Server, at.server).unwrap().frame.unwrap();
    let event = Event::decode(&frame, at);
    let event = event.unwrap_or_else(|why| {
        panic!("no event: {:?}: {why:?}", String::from_utf8_lossy(bytes));
    });
    Some((event, used))
}

/// Returns an event as on the wire, for the messages of failing tests.
pub(crate) fn text(event: &Event<'_>, dialect: Dialect) -> String {
    let mut bytes = heapless::Vec::<u8, { frame::MAX_FRAME }>::new();
    event.encode(dialect, &mut bytes).unwrap();
    String::from_utf8_lossy(&bytes).trim_end().to_owned()
}
