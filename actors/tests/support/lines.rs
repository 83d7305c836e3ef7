//! Typed requests and events, written as the lines that they are on the wire.

use msnp::command::At;
use msnp::frame::{self, Origin};
use msnp::{Dialect, Event, Phase, Request, Server};

const PHASES: [Phase; 4] = [Phase::Fresh, Phase::Versioned, Phase::QueryOnly, Phase::SignedIn];

/// Tests are short: what they say may stay.
fn keep(bytes: Vec<u8>) -> &'static [u8] {
    Vec::leak(bytes)
}

fn at(server: Server) -> At {
    At { server, dialect: Dialect::Msnp2 }
}

/// The request that a client writes so.
pub(crate) fn request(server: Server, bytes: Vec<u8>) -> Request<'static> {
    let bytes = keep(bytes);
    let scan = frame::next(bytes, Origin::Client, server).unwrap();
    let frame = scan.frame.unwrap();
    let read = |phase| Request::decode(&frame, phase, at(server)).ok();
    let request = PHASES.into_iter().find_map(read);
    request.unwrap_or_else(|| panic!("no request: {:?}", String::from_utf8_lossy(bytes)))
}

/// The first event of a stream that a server wrote, and how many bytes it takes.
pub(crate) fn event(server: Server, stream: &[u8]) -> Option<(Event<'static>, usize)> {
    let used = frame::next(stream, Origin::Server, server).unwrap();
    used.frame.as_ref()?;
    let used = used.used;
    let bytes = keep(stream[..used].to_vec());
    let frame = frame::next(bytes, Origin::Server, server).unwrap().frame.unwrap();
    let event = Event::decode(&frame, at(server));
    let event = event.unwrap_or_else(|why| {
        panic!("no event: {:?}: {why:?}", String::from_utf8_lossy(bytes));
    });
    Some((event, used))
}

/// An event as it is on the wire, for messages.
pub(crate) fn text(event: &Event<'_>) -> String {
    let mut bytes = heapless::Vec::<u8, 4096>::new();
    event.encode(Dialect::Msnp2, &mut bytes).unwrap();
    String::from_utf8_lossy(&bytes).trim_end().to_owned()
}
