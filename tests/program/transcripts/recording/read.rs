//! Parses the text of a recording.

/// An event of a connection.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Item {
    /// The line number in the file, from 1.
    pub(crate) line: usize,
    /// `DP#1`, `NS#3`, `SB#5`.
    pub(crate) connection: String,
    pub(crate) event: Event,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Event {
    Connects,
    /// The line without its end, its end, and the payload.
    Client(Vec<u8>, &'static [u8], Payload),
    /// The line without its CRLF, and the payload.
    Server(Vec<u8>, Payload),
    /// From this line on, list versions of this connection are one lower than recorded.
    VersionOneLess,
    ClientEnds,
    ServerEnds,
}

/// What follows a line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Payload {
    None,
    Bytes(Vec<u8>),
    /// Our profile with any time, in the form of MSNP2 or with the Passport fields.
    Profile {
        passport: bool,
    },
    /// The recorder left something out, so this cannot be compared.
    Shortened,
}

/// Marks a line that the recorder sent instead of the server.
const PUT_IN: &[u8] = b"   [put in by the recorder]";

/// Parses the text. An error begins with the line number.
pub(crate) fn items(text: &[u8]) -> Result<Vec<Item>, String> {
    let mut items = Vec::new();
    let lines: Vec<&[u8]> = text.split(|byte| *byte == b'\n').collect();
    let mut at = 0;
    while let Some(line) = lines.get(at) {
        at += 1;
        if line.is_empty() || line.starts_with(b"#") {
            continue;
        }
        let (connection, rest) = fields(line).ok_or_else(|| format!("{at}: not understood"))?;
        let number = at;
        let late = payload_line(rest).and_then(|text| carrier(&mut items, connection, text));
        if let Some((carrier, payload)) = late {
            *carrier = payload;
            continue;
        }
        let mut payload = Vec::new();
        while let Some((same, more)) = lines.get(at).and_then(|line| fields(line))
            && let Some(text) = payload_line(more)
            && same == connection
        {
            payload.push(text);
            at += 1;
        }
        for event in events(rest, &payload).ok_or_else(|| format!("{number}: not understood"))? {
            let connection = String::from_utf8_lossy(connection).into_owned();
            items.push(Item { line: number, connection, event });
        }
    }
    Ok(items)
}

/// Returns the payload of the connection's last command, if it comes after lines of other connections
/// and is complete in one line.
fn carrier<'a>(
    items: &'a mut [Item],
    connection: &[u8],
    text: &[u8],
) -> Option<(&'a mut Payload, Payload)> {
    let last = items.iter_mut().rfind(|item| item.connection.as_bytes() == connection)?;
    match &mut last.event {
        Event::Client(line, _, payload) | Event::Server(line, payload)
            if *payload == Payload::None =>
        {
            let late = joined(line, &[text]);
            Some((payload, late))
        }
        _ => None,
    }
}

/// Returns the connection, and the text after it.
fn fields(line: &[u8]) -> Option<(&[u8], &[u8])> {
    let line = line.trim_ascii_start();
    let blank = |byte: &u8| *byte == b' ';
    let (_seconds, rest) = line.split_at(line.iter().position(blank)?);
    let rest = rest.strip_prefix(b" ")?;
    let (connection, rest) = rest.split_at(rest.iter().position(blank)?);
    Some((connection, rest.strip_prefix(b" ")?))
}

/// Returns the text of a line of a payload, in either direction.
fn payload_line(rest: &[u8]) -> Option<&[u8]> {
    let text = rest.strip_prefix(b"C>").or_else(|| rest.strip_prefix(b"S>"))?;
    let text = text.strip_prefix(b"   |")?;
    Some(text.strip_prefix(b" ").unwrap_or(text))
}

fn events(rest: &[u8], payload: &[&[u8]]) -> Option<Vec<Event>> {
    Some(match rest {
        b"-- client connects" => vec![Event::Connects],
        b"-- end" => vec![Event::ClientEnds, Event::ServerEnds],
        b"C> -- end of stream" => vec![Event::ClientEnds],
        b"S> -- end of stream" => vec![Event::ServerEnds],
        _ => {
            if let Some(text) = rest.strip_prefix(b"C> ") {
                let (text, end) = match text.strip_suffix(b"  [bare LF]") {
                    Some(text) => (text, &b"\n"[..]),
                    None => (text, &b"\r\n"[..]),
                };
                let payload = joined(text, payload);
                vec![Event::Client(text.to_vec(), end, payload)]
            } else {
                let text = rest.strip_prefix(b"S> ")?;
                let text = text.strip_suffix(PUT_IN).unwrap_or(text);
                vec![Event::Server(text.to_vec(), joined(text, payload))]
            }
        }
    })
}

/// Returns the payload with the line ends that give it the length in its command.
fn joined(command: &[u8], lines: &[&[u8]]) -> Payload {
    if lines.is_empty() {
        return Payload::None;
    }
    let last = command.rsplit(|byte| *byte == b' ').next().unwrap_or_default();
    let length: Option<usize> = String::from_utf8_lossy(last).parse().ok();
    for end in [&b"\r\n"[..], b"\n"] {
        let without = lines.join(end);
        let with = [without.as_slice(), end].concat();
        for bytes in [without, with] {
            if Some(bytes.len()) == length {
                return Payload::Bytes(bytes);
            }
        }
    }
    Payload::Shortened
}

#[cfg(test)]
mod tests {
    use super::{Event, Payload, items};

    fn events(text: &str) -> Vec<Event> {
        items(text.as_bytes()).unwrap().into_iter().map(|item| item.event).collect()
    }

    #[test]
    fn lines_have_a_place_a_connection_and_an_end() {
        let text = "# comment\n\n   0.595 DP#1 -- client connects\n   0.596 DP#1 C> VER 1 MSNP2  [bare LF]\n";
        let items = items(text.as_bytes()).unwrap();
        assert_eq!((items[0].line, items[1].line), (3, 4));
        assert_eq!((items[0].connection.as_str(), &items[0].event), ("DP#1", &Event::Connects));
        assert_eq!(items[1].event, Event::Client(b"VER 1 MSNP2".to_vec(), b"\n", Payload::None));
        assert_eq!(
            events("   1.9 NS#3 C> INF 2 \n"),
            [Event::Client(b"INF 2 ".to_vec(), b"\r\n", Payload::None)]
        );
        assert_eq!(events("   1.9 DP#1 -- end\n"), [Event::ClientEnds, Event::ServerEnds]);
    }

    #[test]
    fn payload_lines_end_as_the_length_says() {
        let text = |length| {
            format!(
                "   1.7 SB#5 C> MSG 3 N {length}\n   1.7 SB#5 C>   | a\n   1.7 SB#5 C>   | \n   1.7 SB#5 C>   | b\n"
            )
        };
        let payload = |length| match events(&text(length)).remove(0) {
            Event::Client(_, _, payload) => payload,
            other => panic!("{other:?}"),
        };
        assert_eq!(payload(6), Payload::Bytes(b"a\r\n\r\nb".to_vec()));
        assert_eq!(payload(8), Payload::Bytes(b"a\r\n\r\nb\r\n".to_vec()));
        assert_eq!(payload(4), Payload::Bytes(b"a\n\nb".to_vec()));
        assert_eq!(payload(99), Payload::Shortened);
    }

    #[test]
    fn payload_may_come_after_lines_of_others() {
        let text = "   9.6 NS#20 S> CHL 0 1557   [put in by the recorder]\n   9.6 NS#20 C> QRY 24 a@b.c 3\n   9.7 NS#22 C> PNG\n   9.7 NS#20 C>   | 8f2\n";
        assert_eq!(
            events(text),
            [
                Event::Server(b"CHL 0 1557".to_vec(), Payload::None),
                Event::Client(b"QRY 24 a@b.c 3".to_vec(), b"\r\n", Payload::Bytes(b"8f2".to_vec())),
                Event::Client(b"PNG".to_vec(), b"\r\n", Payload::None),
            ]
        );
    }

    #[test]
    fn invalid_text_is_refused_with_its_line() {
        assert!(items(b"\n   1.7 SB#5 -- sleeps\n").unwrap_err().starts_with("2: "));
        assert!(items(b"hello\n").unwrap_err().starts_with("1: "));
    }
}
