//! The framer. The bytes of either side give the same frames wherever they are split, each within its
//! bounds.

use super::guarantees;
use super::stream::Stream;
use msnp::Server;
use msnp::frame::Origin;

pub(super) const WORDS: &str = "\
    \r\n|\n|\r| \t|MSG 1 N 0\r\n|MSG 1 U 4\r\n| 1664\r\n| 1665\r\n| 2048\r\n| 2049\r\n|\
    \x204294967295\n| 4294967296\n| 00000000001\n| -1\n|Hotmail Hotmail 2\r\n";

/// The longest input that is also read byte by byte: each byte scans the unread input again.
const SINGLE: usize = 512;

/// One of each kind: the payload depends on nothing else.
const CONNECTIONS: [(Origin, Server); 4] = [
    (Origin::Client, Server::Dispatch),
    (Origin::Client, Server::Notification),
    (Origin::Client, Server::Switchboard),
    (Origin::Server, Server::Notification),
];

pub(super) fn run(bytes: &[u8]) {
    for (origin, server) in CONNECTIONS {
        let whole = Stream::read(bytes, [bytes.len()], origin, server);
        whole.assert_frames_match(bytes, origin, server);
        if bytes.len() <= SINGLE {
            whole.assert_same_frames(&Stream::read(bytes, 1..=bytes.len(), origin, server));
        }
        whole.assert_same_frames(&Stream::read(bytes, pieces(bytes), origin, server));
        for frame in &whole.frames {
            guarantees::check_words(frame);
        }
    }
}

/// Returns where pieces of the input end. The first byte of each is its length.
fn pieces(bytes: &[u8]) -> impl Iterator<Item = usize> {
    let mut start = 0;
    std::iter::from_fn(move || {
        let length = usize::from(*bytes.get(start)?) + 1;
        start = bytes.len().min(start + length);
        Some(start)
    })
}
