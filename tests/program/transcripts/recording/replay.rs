//! Sends what the client sent and compares what the server answers.

use std::collections::BTreeMap;

use super::read::{Event, Item, Payload};
use super::translate::Translation;
use super::{Pieces, Recorded};
use crate::support::connection::Connection;
use crate::support::server::{Installation, Listener, Server};

const PROFILE_BEFORE_THE_TIME: &str =
    "MIME-Version: 1.0\r\nContent-Type: text/x-msmsgsprofile; charset=UTF-8\r\nLoginTime: ";
const PASSPORT_AFTER_THE_TIME: &str = "\r\nEmailEnabled: 0\r\nMemberIdHigh: 0\r\nMemberIdLow: 1\r\n\
    lang_preference: 1033\r\npreferredEmail: \r\ncountry: \r\nPostalCode: \r\nGender: \r\nKid: 0\r\n\
    Age: \r\nBDayPre: \r\nBirthday: \r\nWallet: \r\nFlags: 1027\r\nsid: 507\r\nkv: 11\r\nMSPAuth: 0\r\n\r\n";

/// Replays the items in the order of the file. A client's item is sent when every server's line before
/// it has arrived. `keys` are configuration keys that differ from the defaults.
pub(crate) fn replay(recorded: &Recorded, items: &[Item], pieces: Pieces, keys: &str) {
    let installation = Installation::with_accounts(&recorded.accounts());
    installation.configure(keys);
    let server = installation.start();
    let mut replay = Replay {
        server: &server,
        translation: Translation::new(&server, recorded.password),
        connections: BTreeMap::new(),
        profiles: BTreeMap::new(),
        pieces,
    };
    for item in items {
        if let Err(wrong) = replay.item(item) {
            panic!("{}:{}: {}: {wrong}", recorded.file, item.line, item.connection);
        }
    }
    for name in replay.profiles.keys().cloned().collect::<Vec<_>>() {
        if let Err(wrong) = replay.expect_profile(&name) {
            panic!("{}: at the end, {name}: {wrong}", recorded.file);
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
    /// The profiles that have not arrived, by connection: each comes when its connection is quiet.
    profiles: BTreeMap<String, Profile>,
    pieces: Pieces,
}

/// The line of the profile, and whether it has the Passport's fields.
struct Profile {
    line: Vec<u8>,
    passport: bool,
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
                self.expect_profile(name)?;
                // The server may have closed it already.
                if let Some(connection) = self.connections.get_mut(name) {
                    connection.finish_writing();
                }
                Ok(())
            }
            Event::ServerEnds => {
                self.expect_profile(name)?;
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
        if line == b"OUT" {
            // The recorded client waited long enough.
            self.expect_profile(name)?;
        }
        let mut bytes = self.translation.client(name, line)?;
        bytes.extend_from_slice(end);
        let payload = match payload {
            Payload::None => Vec::new(),
            Payload::Bytes(payload) => self.translation.payload(name, line, payload)?,
            other => return Err(format!("a client's payload cannot be {other:?}")),
        };
        let pieces = self.pieces;
        let connection = self.connection(name)?;
        for piece in pieces.cut(&bytes, &payload) {
            connection.send(&piece).map_err(|error| format!("writing failed: {error}"))?;
        }
        Ok(())
    }

    /// Returns the next line of the server other than the profile, which is compared here.
    fn read_line(&mut self, name: &str, expected: &[u8]) -> Result<Vec<u8>, String> {
        loop {
            let got = self.connection(name)?.read_line();
            let got =
                got.map_err(|got| format!("expected `{}`, got {got}", expected.escape_ascii()))?;
            let is_it = |profile: &Profile| got.strip_suffix(b"\r\n") == Some(&profile.line);
            let Some(profile) = self.profiles.get(name).filter(|profile| is_it(profile)) else {
                return Ok(got);
            };
            let passport = profile.passport;
            self.profiles.remove(name);
            self.receive_profile(name, passport)?;
        }
    }

    fn receive_profile(&mut self, name: &str, passport: bool) -> Result<(), String> {
        let length = profile("0000000000", passport).len();
        let got = self.connection(name)?.read_payload(length);
        let got = got.map_err(|got| format!("expected {length} bytes, got {got}"))?;
        if is_profile(&got, passport) {
            Ok(())
        } else {
            Err(format!("payload `{}`", got.escape_ascii()))
        }
    }

    /// If the profile has not arrived, it is next.
    fn expect_profile(&mut self, name: &str) -> Result<(), String> {
        let Some(Profile { line, passport }) = self.profiles.remove(name) else { return Ok(()) };
        let got = self.read_line(name, &line)?;
        if got.strip_suffix(b"\r\n") != Some(&line) {
            return Err(format!("expected the profile, got `{}`", got.escape_ascii()));
        }
        self.receive_profile(name, passport)
    }

    fn receive(&mut self, name: &str, line: &[u8], payload: &Payload) -> Result<(), String> {
        if let Payload::Profile { passport } = *payload {
            let profile = Profile { line: line.to_vec(), passport };
            self.profiles.insert(name.to_owned(), profile);
            return Ok(());
        }
        let got = self.read_line(name, line)?;
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
            Payload::Profile { .. } | Payload::Shortened => {
                return Err("this payload cannot be compared".to_owned());
            }
        };
        let got = self.connection(name)?.read_payload(length);
        let got = got.map_err(|got| format!("expected {length} bytes, got {got}"))?;
        let same = matches!(payload, Payload::Bytes(bytes) if got == *bytes);
        if same { Ok(()) } else { Err(format!("payload `{}`", got.escape_ascii())) }
    }

    fn connection(&mut self, name: &str) -> Result<&mut Connection, String> {
        self.connections.get_mut(name).ok_or_else(|| format!("{name} is not open"))
    }
}

/// Returns the profile of our server for this login time.
fn profile(time: &str, passport: bool) -> String {
    let after = if passport { PASSPORT_AFTER_THE_TIME } else { "\r\n\r\n" };
    [PROFILE_BEFORE_THE_TIME, time, after].concat()
}

fn is_profile(payload: &[u8], passport: bool) -> bool {
    let rest = payload.strip_prefix(PROFILE_BEFORE_THE_TIME.as_bytes()).unwrap_or_default();
    let digits = rest.iter().take_while(|byte| byte.is_ascii_digit()).count();
    let time = String::from_utf8_lossy(&rest[..digits]);
    digits == 10 && payload == profile(&time, passport).as_bytes()
}
