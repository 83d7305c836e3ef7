//! Sends what the client sent and compares what the server answers.

use std::collections::BTreeMap;

use super::read::{Event, Item, Payload};
use super::translate::Translation;
use super::{Pieces, Recorded};
use crate::connection::Connection;
use crate::server::{Installation, Listener, Server};

const PROFILE_LENGTH: usize = 95;
const PROFILE_BEFORE_THE_TIME: &[u8] =
    b"MIME-Version: 1.0\r\nContent-Type: text/x-msmsgsprofile; charset=UTF-8\r\nLoginTime: ";

/// Replays the items in the order of the file: a client's item is sent when every server's line
/// before it has arrived.
pub(crate) fn replay(recorded: &Recorded, items: &[Item], pieces: Pieces) {
    let installation = Installation::with_accounts(&recorded.accounts());
    let server = installation.start();
    let mut replay = Replay {
        server: &server,
        translation: Translation::new(&server, recorded.password),
        connections: BTreeMap::new(),
        pieces,
    };
    for item in items {
        if let Err(wrong) = replay.item(item) {
            panic!("{}:{}: {}: {wrong}", recorded.file, item.line, item.connection);
        }
    }
    for (name, mut connection) in replay.connections {
        connection.finish_writing();
        if let Err(got) = connection.read_end() {
            panic!("{}: at the end, {name}: expected nothing more, got {got}", recorded.file);
        }
    }
    server.stop();
}

struct Replay<'a> {
    server: &'a Server,
    translation: Translation<'a>,
    connections: BTreeMap<String, Connection>,
    pieces: Pieces,
}

impl Replay<'_> {
    fn item(&mut self, item: &Item) -> Result<(), String> {
        let name = item.connection.as_str();
        match &item.event {
            Event::Connects => self.connect(name),
            Event::Client(line, end, payload) => self.send(name, line, end, payload),
            Event::Server(line, payload) => self.receive(name, line, payload),
            Event::VersionOneLess => {
                self.translation.version_one_less(name);
                Ok(())
            }
            Event::ClientEnds => {
                self.connection(name)?.finish_writing();
                Ok(())
            }
            Event::ServerEnds => {
                let end = self.connection(name)?.read_end();
                self.connections.remove(name);
                end.map_err(|got| format!("expected the end, got {got}"))
            }
        }
    }

    fn connect(&mut self, name: &str) -> Result<(), String> {
        let listener = match name.split('#').next() {
            Some("DP") => Listener::Dispatch,
            Some("NS") => Listener::Notification,
            Some("SB") => Listener::Switchboard,
            _ => return Err("neither DP, NS nor SB".to_owned()),
        };
        let connection = Connection::open(self.server.address(listener));
        self.connections.insert(name.to_owned(), connection);
        Ok(())
    }

    fn send(
        &mut self,
        name: &str,
        line: &[u8],
        end: &[u8],
        payload: &Payload,
    ) -> Result<(), String> {
        let mut bytes = self.translation.client(name, line)?;
        bytes.extend_from_slice(end);
        match payload {
            Payload::None => {}
            Payload::Bytes(payload) => bytes.extend_from_slice(payload),
            other => return Err(format!("a client's payload cannot be {other:?}")),
        }
        let size = match self.pieces {
            Pieces::WholeLines => bytes.len(),
            Pieces::SingleBytes => 1,
        };
        let connection = self.connection(name)?;
        for piece in bytes.chunks(size) {
            connection.send(piece).map_err(|error| format!("writing failed: {error}"))?;
        }
        Ok(())
    }

    fn receive(&mut self, name: &str, line: &[u8], payload: &Payload) -> Result<(), String> {
        let connection =
            self.connections.get_mut(name).ok_or_else(|| format!("{name} is not open"))?;
        let got = connection.read_line();
        let got = got.map_err(|got| format!("expected `{}`, got {got}", line.escape_ascii()))?;
        let shown = got.escape_ascii();
        let got = got.strip_suffix(b"\r\n").ok_or_else(|| format!("no CRLF: `{shown}`"))?;
        let expected = self.translation.server(name, line, got)?;
        if got != expected {
            return Err(format!(
                "expected `{}`, got `{}`",
                expected.escape_ascii(),
                got.escape_ascii()
            ));
        }
        let length = match payload {
            Payload::None => return Ok(()),
            Payload::Bytes(bytes) => bytes.len(),
            Payload::Profile => PROFILE_LENGTH,
            Payload::Shortened => return Err("this payload cannot be compared".to_owned()),
        };
        let got = connection.read_payload(length);
        let got = got.map_err(|got| format!("expected {length} bytes, got {got}"))?;
        let same = match payload {
            Payload::Bytes(bytes) => got == *bytes,
            _ => is_profile(&got),
        };
        if same { Ok(()) } else { Err(format!("payload `{}`", got.escape_ascii())) }
    }

    fn connection(&mut self, name: &str) -> Result<&mut Connection, String> {
        self.connections.get_mut(name).ok_or_else(|| format!("{name} is not open"))
    }
}

fn is_profile(payload: &[u8]) -> bool {
    let time = payload.strip_prefix(PROFILE_BEFORE_THE_TIME);
    time.and_then(|rest| rest.strip_suffix(b"\r\n\r\n"))
        .is_some_and(|time| time.len() == 10 && time.iter().all(u8::is_ascii_digit))
}
