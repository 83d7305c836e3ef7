//! Strategies for payloads, and for byte streams that no correct client or server sends.

use super::events::any_event;
use super::requests::any_request;
use super::types::dialect;
use super::wire;
use msnp::CommandName;
use msnp::frame::MAX_LINE;
use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::{Index, select};

/// Every byte value, in a random-looking order.
static BLOCK: [u8; 8192] = {
    let mut block = [0; 8192];
    let mut state: u32 = 1999;
    let mut index = 0;
    while index < block.len() {
        state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        block[index] = state.to_le_bytes()[3];
        index += 1;
    }
    block
};

/// A payload of at most `most` bytes. Often it has the maximum length, often it looks like
/// commands.
pub(crate) fn payload_bytes(most: usize) -> impl Strategy<Value = &'static [u8]> {
    let slice = |start: usize, length: usize| &BLOCK[start..start + length];
    let tricky: Vec<&'static [u8]> =
        vec![b"", b"\n", b"\r\n\r\n", b"MSG 1 N 4\r\nabcd", b"OUT\r\n", b"  \t", b"lonely :("];
    prop_oneof![
        4 => (0..4096usize, 0..=most).prop_map(move |(start, length)| slice(start, length)),
        1 => (0..4096usize).prop_map(move |start| slice(start, most)),
        2 => select(tricky),
    ]
}

/// A stream of whole commands that a client (or a server) could send.
pub(crate) fn clean_stream() -> impl Strategy<Value = Vec<u8>> {
    let request = (any_request(), dialect())
        .prop_map(|(request, dialect)| wire::encode_to_vec(|out| request.encode(dialect, out)));
    let event = (any_event(), dialect())
        .prop_map(|(event, dialect)| wire::encode_to_vec(|out| event.encode(dialect, out)));
    prop_oneof![vec(request, 0..8), vec(event, 0..8)].prop_map(|pieces| pieces.concat())
}

/// Any stream: noise, words of the protocol in the wrong positions, whole commands with some bytes
/// changed, and lines and payloads near their maximum length.
pub(crate) fn any_stream() -> impl Strategy<Value = Vec<u8>> {
    prop_oneof![
        vec(any::<u8>(), 0..600),
        vec(line_of_words(), 0..12).prop_map(|lines| lines.concat()),
        (clean_stream(), vec(edit(), 1..6))
            .prop_map(|(stream, edits)| edits.iter().fold(stream, apply)),
        (long_line(), clean_stream()).prop_map(|(line, rest)| [line, rest].concat()),
    ]
}

fn line_of_words() -> impl Strategy<Value = Vec<u8>> {
    let mut names: Vec<&str> = CommandName::ALL.iter().map(|name| name.as_str()).collect();
    names.extend(["911", "217", "999", "UUX", "usr", ""]);
    let words = [
        "0",
        "1",
        "007",
        "12",
        "4294967295",
        "4294967296",
        "10000000",
        "2147483648",
        "-1",
        "MD5",
        "I",
        "S",
        "OK",
        "MSNP2",
        "msnp7",
        "MSNP8",
        "CVR0",
        "FL",
        "AL",
        "BL",
        "RL",
        "XX",
        "NLN",
        "hdn",
        "NL",
        "A",
        "N",
        "U",
        "x",
        "a@b.c",
        "a@b",
        "@@a",
        "alice@example.com",
        "Bob%20B.",
        "%zz",
        "%",
        "%00",
        "\u{e9}",
        "SB",
        "NS",
        "CKI",
        "192.0.2.1:1863",
        "1.2.3",
        "RINGING",
        "Hotmail",
        "0dc38e0c96e5ef37eb9451a0b2d5aaf9",
        "OTH",
        "SSD",
        "ON",
        "OFF",
        "PHH",
        "MOB",
        "MBE",
        "Y",
        "30",
        "0,4,29",
        "~",
        "msmsgs@msnmsgr.com",
        "32",
        "fname=Zo%C3%AB",
        "lname=M%20M",
        "fname=*",
        "city=",
        "state=WA",
        "country=us",
        "country=*",
        "\r",
        "\0",
    ];
    let word = select(words.to_vec());
    let gap = select(vec![" ", " ", " ", "  ", "\t", ""]);
    let end = select(vec!["\r\n", "\r\n", "\n", "\r", ""]);
    (select(names), vec((gap, word), 0..8), end).prop_map(|(name, words, end)| {
        let mut line = String::from(name);
        for (gap, word) in words {
            line.push_str(gap);
            line.push_str(word);
        }
        line.push_str(end);
        line.into_bytes()
    })
}

fn long_line() -> impl Strategy<Value = Vec<u8>> {
    let end = select(vec!["\r\n", "\r\n", "\n", "\r", ""]);
    prop_oneof![
        (MAX_LINE - 1..=MAX_LINE + 2, any::<bool>(), end).prop_map(|(length, blank, end)| {
            let filler = if blank { b' ' } else { b'A' };
            [vec![filler; length], end.as_bytes().to_vec()].concat()
        }),
        (select(vec![1663usize, 1664, 1665, 2047, 2048, 2049]), -2..=2isize).prop_map(
            |(length, more)| {
                let sent = length.saturating_add_signed(more);
                [format!("MSG 1 N {length}\r\n").into_bytes(), BLOCK[..sent].to_vec()].concat()
            }
        ),
    ]
}

#[derive(Debug, Clone)]
enum Edit {
    Replace(Index, u8),
    Insert(Index, u8),
    Remove(Index),
    Truncate(Index),
}

fn edit() -> impl Strategy<Value = Edit> {
    let byte = || prop_oneof![any::<u8>(), select(b" \t\r\n0%@".to_vec())];
    prop_oneof![
        4 => (any::<Index>(), byte()).prop_map(|(index, byte)| Edit::Replace(index, byte)),
        4 => (any::<Index>(), byte()).prop_map(|(index, byte)| Edit::Insert(index, byte)),
        4 => any::<Index>().prop_map(Edit::Remove),
        1 => any::<Index>().prop_map(Edit::Truncate),
    ]
}

fn apply(mut stream: Vec<u8>, edit: &Edit) -> Vec<u8> {
    if stream.is_empty() {
        return stream;
    }
    match edit {
        Edit::Replace(index, byte) => *index.get_mut(&mut stream) = *byte,
        Edit::Insert(index, byte) => stream.insert(index.index(stream.len()), *byte),
        Edit::Remove(index) => drop(stream.remove(index.index(stream.len()))),
        Edit::Truncate(index) => stream.truncate(index.index(stream.len())),
    }
    stream
}
