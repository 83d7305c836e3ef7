//! Invalid lines and payloads.

use crate::bad_input::fixture::{At, Fixture};

/// The state in which a command is legal, its name, and the words after its transaction ID.
const NUMBERED: [(At, &str, &str); 23] = [
    (At::Dispatch, "VER", "MSNP2"),
    (At::DispatchVersioned, "INF", ""),
    (At::DispatchVersioned, "CVR", "0x0409 win 4.10 i386 MSMSGS 1.0.0863 MSMSGS"),
    (At::DispatchVersioned, "USR", "MD5 I alice@example.com"),
    (At::Fresh, "VER", "MSNP2"),
    (At::QueryOnly, "CVQ", "0x0409 win 4.10 i386 MSMSGS 1.0.0863 MSMSGS"),
    (At::Versioned, "INF", ""),
    (At::Versioned, "USR", "MD5 I alice@example.com"),
    (At::Challenged, "USR", "MD5 S 0123456789abcdef0123456789abcdef"),
    (At::SignedIn, "XFR", "SB"),
    (At::SignedIn, "SYN", "0"),
    (At::SignedIn, "LST", "FL"),
    (At::SignedIn, "GTC", "N"),
    (At::SignedIn, "BLP", "BL"),
    (At::SignedIn, "ADD", "FL bob@example.com Bob"),
    (At::SignedIn, "REM", "FL bob@example.com"),
    (At::SignedIn, "CHG", "NLN"),
    (At::SignedIn, "REA", "alice@example.com Ally"),
    (At::SignedIn, "URL", "INBOX"),
    (At::SignedIn, "FND", "fname=Dave"),
    (At::Stranger, "USR", "alice@example.com 849102291.520491932.1"),
    (At::Stranger, "ANS", "alice@example.com 849102291.520491932.1 11752013"),
    (At::Joined, "CAL", "bob@example.com"),
];

fn bad_number(number: &str) {
    let mut fixture = Fixture::start();
    for (at, name, rest) in NUMBERED {
        // The word after a missing number would be read as the number.
        let said = match number {
            "" => name.to_owned(),
            number => format!("{name} {number} {rest}"),
        };
        let logged = format!("sent {name}: bad or missing parameter: transaction ID");
        fixture.closes(at, said, "", &logged);
    }
    let logged = "sent MSG: bad or missing parameter: transaction ID";
    fixture.closes_on(At::Joined, format!("MSG {number} N 2\r\n..").as_bytes(), "", logged);
    fixture.finish();
}

#[test]
fn transaction_id_missing() {
    bad_number("");
}

#[test]
fn transaction_id_not_numeric() {
    for number in ["x", "-1", "1.5", "6,"] {
        bad_number(number);
    }
}

#[test]
fn transaction_id_of_11_digits() {
    bad_number("12345678901");
    bad_number("00000000001");
    // Ten digits that do not fit into 32 bits.
    bad_number("4294967296");
}

const UNREADABLE_LINE: &str = "unreadable input: a line is too long";

#[test]
fn over_long_line_in_each_state() {
    let mut fixture = Fixture::start();
    for at in [
        At::Dispatch,
        At::DispatchVersioned,
        At::Fresh,
        At::QueryOnly,
        At::Versioned,
        At::Challenged,
        At::SignedIn,
        At::Stranger,
        At::Joined,
    ] {
        fixture.closes(at, "A".repeat(2047), "", UNREADABLE_LINE);
        // The server does not wait for the line end.
        fixture.closes_on(at, "CHG 6 ".repeat(400).as_bytes(), "", UNREADABLE_LINE);
    }
    // The longest valid line. Its surplus words are ignored.
    let longest = |length: usize| format!("{:A<length$}", "REM 6 AL bob@example.com ");
    fixture.stays(At::SignedIn, longest(2046), "216 6", "");
    fixture.closes(At::SignedIn, longest(2047), "", UNREADABLE_LINE);
    fixture.finish();
}

/// Returns a handle of this many bytes.
fn handle(length: usize) -> String {
    let domain = "@example.com";
    "a".repeat(length - domain.len()) + domain
}

#[test]
fn over_long_handle() {
    let mut fixture = Fixture::start();
    let (longest, too_long) = (handle(129), handle(130));
    let bad = |name: &str| format!("sent {name}: bad or missing parameter: handle");
    for at in [At::Dispatch, At::DispatchVersioned, At::Fresh, At::Versioned, At::Challenged] {
        fixture.closes(at, format!("USR 6 MD5 I {too_long}"), "911 6", &bad("USR"));
    }
    for (name, rest, heard) in
        [("ADD", "6 FL", "205 6"), ("REM", "6 FL", "216 6"), ("REA", "6", "216 6")]
    {
        let said = format!("{name} {rest}");
        fixture.stays(At::SignedIn, format!("{said} {longest} Ann"), heard, "");
        fixture.stays(At::SignedIn, format!("{said} {too_long} Ann"), "201 6", &bad(name));
    }
    fixture.stays(At::Joined, format!("CAL 6 {longest}"), "217 6", "");
    fixture.stays(At::Joined, format!("CAL 6 {too_long}"), "208 6", &bad("CAL"));
    let cookie = "849102291.520491932.1";
    fixture.closes(At::Stranger, format!("USR 6 {too_long} {cookie}"), "911 6", &bad("USR"));
    fixture.closes(At::Stranger, format!("ANS 6 {too_long} {cookie} 1175"), "911 6", &bad("ANS"));
    fixture.finish();
}

/// Checks a name that is refused for oneself, and for no other user.
fn bad_name(fixture: &mut Fixture, name: &[u8]) {
    let said = [b"REA 6 alice@example.com ", name].concat();
    let logged = "sent REA: bad or missing parameter: name";
    fixture.stays(At::SignedIn, said, "209 6", logged);
    odd_name(fixture, name);
}

/// In a name for another user, the error is the unknown account, not the name.
fn odd_name(fixture: &mut Fixture, name: &[u8]) {
    for (before, heard) in
        [(&b"ADD 6 AL nobody@example.com "[..], "205 6"), (b"REA 6 bob@example.com ", "216 6")]
    {
        fixture.stays(At::SignedIn, [before, name].concat(), heard, "");
    }
}

#[test]
fn over_long_name() {
    let mut fixture = Fixture::start();
    // The limit counts the encoded form, whatever was sent.
    for name in ["A".repeat(388), "%20".repeat(130), "%41".repeat(388), "ä".repeat(65)] {
        bad_name(&mut fixture, name.as_bytes());
    }
    fixture.finish();
}

const BAD_LENGTH: &str = "unreadable input: a payload length is not a number";
const LONG_PAYLOAD: &str = "unreadable input: a payload is too long";

#[test]
fn over_long_payload() {
    let mut fixture = Fixture::start();
    let message =
        |length: usize| format!("MSG 6 A {length}\r\n{}", "x".repeat(length)).into_bytes();
    // No one else is in the conversation to receive it.
    fixture.stays_on(At::Joined, &message(1664), "NAK 6", "");
    fixture.closes_on(At::Joined, &message(1665), "", LONG_PAYLOAD);
    // The length is checked before anything else, also without a conversation.
    fixture.closes_on(At::Stranger, &message(1665), "", LONG_PAYLOAD);
    fixture.finish();
}

#[test]
fn payload_length_negative() {
    let mut fixture = Fixture::start();
    for length in ["-1", "-0", "-4294967296"] {
        fixture.closes(At::Joined, format!("MSG 6 N {length}"), "", BAD_LENGTH);
    }
    fixture.finish();
}

#[test]
fn payload_length_not_a_number() {
    let mut fixture = Fixture::start();
    for said in ["MSG 6 N two", "MSG 6 N 2x", "MSG 6 N +2", "MSG 6 N 0x10", "MSG 6 N", "MSG"] {
        fixture.closes(At::Joined, said, "", BAD_LENGTH);
    }
    fixture.finish();
}

#[test]
fn payload_length_huge() {
    let mut fixture = Fixture::start();
    for length in ["1000000", "2147483648", "4294967295", "4294967296", "99999999999999999999"] {
        fixture.closes(At::Joined, format!("MSG 6 N {length}"), "", LONG_PAYLOAD);
    }
    fixture.finish();
}

#[test]
fn bad_escapes() {
    let mut fixture = Fixture::start();
    for name in ["%", "%4", "%zz", "Ally%", "Ally%4", "%zzAlly", "%%41", "%+1", "% 41"] {
        bad_name(&mut fixture, name.as_bytes());
    }
    // No handle has a `%`.
    for handle in ["%@example.com", "%4@example.com", "bob%40example.com"] {
        let logged = "sent ADD: bad or missing parameter: handle";
        fixture.stays(At::SignedIn, format!("ADD 6 FL {handle} Bob"), "201 6", logged);
    }
    fixture.finish();
}

/// Sends these bytes as a command name, a transaction ID, a state, a list, a handle and a name.
fn bad_bytes(bytes: &[u8]) {
    let mut fixture = Fixture::start();
    let with = |before: &str, behind: &str| [before.as_bytes(), bytes, behind.as_bytes()].concat();
    let bad = |name: &str, what: &str| format!("sent {name}: bad or missing parameter: {what}");
    let no_command = "sent something that is not a command";
    for at in [At::Dispatch, At::Fresh, At::Versioned, At::Stranger, At::Joined] {
        fixture.closes(at, with("", " 6"), "", no_command);
    }
    fixture.stays(At::SignedIn, with("C", "G 6 NLN"), "200 6", no_command);
    fixture.closes(At::SignedIn, with("CHG 6", " NLN"), "", &bad("CHG", "transaction ID"));
    fixture.stays(At::SignedIn, with("CHG 6 N", "N"), "201 6", &bad("CHG", "state"));
    fixture.stays(At::SignedIn, with("ADD 6 A", " bob@example.com"), "201 6", &bad("ADD", "list"));
    let logged = bad("ADD", "handle");
    fixture.stays(At::SignedIn, with("ADD 6 FL b", "b@example.com Bob"), "201 6", &logged);
    fixture.closes(At::Versioned, with("USR 6 MD5 I b", "b@x.org"), "911 6", &bad("USR", "handle"));
    fixture.stays(At::Joined, with("CAL 6 b", "b@example.com"), "208 6", &bad("CAL", "handle"));
    // Text that is not UTF-8 is read as Windows-1252.
    match bytes {
        b"\0" => bad_name(&mut fixture, &with("Al", "ly")),
        _ => odd_name(&mut fixture, &with("Al", "ly")),
    }
    // A payload may have any bytes. The sender is alone in the conversation.
    let payload = with("", "..");
    let message = [format!("MSG 6 A {}\r\n", payload.len()).as_bytes(), &payload].concat();
    fixture.stays_on(At::Joined, &message, "NAK 6", "");
    fixture.finish();
}

#[test]
fn nul_bytes() {
    bad_bytes(b"\0");
}

#[test]
fn invalid_utf8_raw() {
    for bytes in [b"\xff" as &[u8], b"\xc3", b"\xed\xa0\x80", b"\xc0\x80", b"\xf4\x90\x80\x80"] {
        bad_bytes(bytes);
    }
}

#[test]
fn nul_bytes_and_invalid_utf8_escaped() {
    let mut fixture = Fixture::start();
    for name in ["%00", "Al%00ly", "%ff%00"] {
        bad_name(&mut fixture, name.as_bytes());
    }
    for name in ["%ff", "%c3", "%ed%a0%80", "%c0%80", "%f4%90%80%80"] {
        odd_name(&mut fixture, name.as_bytes());
    }
    fixture.finish();
}

#[test]
fn names_that_cannot_be_seen() {
    let mut fixture = Fixture::start();
    for name in [
        "%20",
        "%C2%A0",
        "\u{a0}",
        "%20\u{3000}",
        "\u{200b}",
        "Al\u{200b}ly",
        "Al%E2%80%8Bly",
        "\u{200e}Ally",
        "\u{200f}Ally",
        "Al\u{202a}ly",
        "Al\u{202e}ly",
        "\u{2066}Ally\u{2069}",
        "\u{200c}Ally",
        "Ally\u{200d}",
        "Al\u{200d}%20ly",
    ] {
        bad_name(&mut fixture, name.as_bytes());
    }
    fixture.finish();
}
