//! The framer: whoever wrote the bytes and wherever they are cut, the same frames come out, each
//! within its bounds.

use super::promises;
use super::stream::Stream;
use msnp::Server;
use msnp::frame::Origin;

pub(super) const WORDS: &str = "\
    \r\n|\n|\r| \t|MSG 1 N 0\r\n|MSG 1 U 4\r\n| 1664\r\n| 1665\r\n| 2048\r\n| 2049\r\n|\
    \x204294967295\n| 4294967296\n| 00000000001\n| -1\n|Hotmail Hotmail 2\r\n";

/// The longest input that is read in single bytes too: each byte costs a look at what is unread.
const SINGLE: usize = 512;

/// One of each kind: what follows a line depends on nothing else.
const CONNECTIONS: [(Origin, Server); 4] = [
    (Origin::Client, Server::Dispatch),
    (Origin::Client, Server::Notification),
    (Origin::Client, Server::Switchboard),
    (Origin::Server, Server::Notification),
];

pub(super) fn run(bytes: &[u8]) {
    for (origin, server) in CONNECTIONS {
        let whole = Stream::read(bytes, [bytes.len()], origin, server);
        whole.assert_is_orderly(bytes, origin, server);
        if bytes.len() <= SINGLE {
            whole.assert_is(&Stream::read(bytes, 1..=bytes.len(), origin, server));
        }
        whole.assert_is(&Stream::read(bytes, pieces(bytes), origin, server));
        for frame in &whole.frames {
            promises::of_words(frame);
        }
    }
}

/// Where the pieces end that the bytes themselves ask for: each is as long as its first byte says.
fn pieces(bytes: &[u8]) -> impl Iterator<Item = usize> {
    let mut start = 0;
    std::iter::from_fn(move || {
        let length = usize::from(*bytes.get(start)?) + 1;
        start = bytes.len().min(start + length);
        Some(start)
    })
}
