//! Values that a server chooses: the recorded server's and ours.

use std::collections::BTreeMap;

use crate::support::digest;
use crate::support::server::{Listener, Server};

/// The key with which all recorded clients answer a challenge to the program: they call themselves
/// `msmsgs@msnmsgr.com`.
const PROGRAM_KEY: &str = "Q1P7W2E4J9R8U3S5";

/// The kind of a word in a server's line.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Word {
    /// The same in both.
    Same,
    ListVersion,
    Challenge,
    /// A challenge to the client program.
    ProgramChallenge,
    /// A cookie or a session id, compared with its later uses.
    Token,
    Address(Listener),
}

/// Returns the kinds of the words of a line, for all dialects up to MSNP7.
fn word(words: &[&str], index: usize) -> Word {
    let is = |index: usize, text: &str| words.get(index) == Some(&text);
    let command = words.first().copied().unwrap_or_default();
    match (command, index) {
        ("BPR", 1)
        | ("SYN" | "GTC" | "BLP" | "REA" | "PRP" | "LSG", 2)
        | ("LST" | "ADD" | "REM", 3) => Word::ListVersion,
        ("CHL", 2) => Word::ProgramChallenge,
        ("USR", 4) if is(2, "MD5") && is(3, "S") => Word::Challenge,
        ("XFR", 3) if is(2, "NS") => Word::Address(Listener::Notification),
        ("XFR", 5) if is(2, "NS") => Word::Address(Listener::Dispatch),
        ("XFR", 3) if is(2, "SB") => Word::Address(Listener::Switchboard),
        ("XFR", 5) if is(2, "SB") => Word::Token,
        ("RNG", 2) => Word::Address(Listener::Switchboard),
        ("RNG", 1 | 4) => Word::Token,
        ("CAL", 3) if is(2, "RINGING") => Word::Token,
        _ => Word::Same,
    }
}

/// The values of both servers that are known.
pub(crate) struct Translation<'a> {
    server: &'a Server,
    password: &'a str,
    /// Recorded cookie or session id to ours.
    tokens: BTreeMap<String, String>,
    /// By connection: the recorded challenge and ours.
    challenges: BTreeMap<String, (String, String)>,
    /// By connection: the recorded challenge to the client program and ours.
    programs: BTreeMap<String, (String, String)>,
    /// By connection: ours minus the recorded list version.
    versions: BTreeMap<String, i64>,
}

impl<'a> Translation<'a> {
    pub(crate) fn new(server: &'a Server, password: &'a str) -> Self {
        Self {
            server,
            password,
            tokens: BTreeMap::new(),
            challenges: BTreeMap::new(),
            programs: BTreeMap::new(),
            versions: BTreeMap::new(),
        }
    }

    /// Returns the recorded line of the client with our server's values.
    pub(crate) fn client(&self, connection: &str, line: &[u8]) -> Result<Vec<u8>, String> {
        let words: Vec<&[u8]> = line.split(|byte| *byte == b' ').collect();
        if let [b"USR", trid, b"MD5", b"S", recorded, rest @ ..] = words.as_slice() {
            let (theirs, ours) = self.challenges.get(connection).ok_or("no challenge yet")?;
            let digest = answer(theirs, ours, self.password, recorded)?;
            let mut words = vec![&b"USR"[..], trid, b"MD5", b"S", &digest];
            words.extend_from_slice(rest);
            return Ok(words.join(&b' '));
        }
        let words = words.into_iter().map(|word| {
            let ours = std::str::from_utf8(word).ok().and_then(|word| self.tokens.get(word));
            ours.map_or(word, |ours| ours.as_bytes())
        });
        Ok(words.collect::<Vec<_>>().join(&b' '))
    }

    /// Returns the payload. Only the answer to a challenge depends on the server.
    pub(crate) fn payload(
        &self,
        connection: &str,
        line: &[u8],
        recorded: &[u8],
    ) -> Result<Vec<u8>, String> {
        match self.programs.get(connection) {
            Some((theirs, ours)) if line.starts_with(b"QRY ") => {
                answer(theirs, ours, PROGRAM_KEY, recorded)
            }
            _ => Ok(recorded.to_vec()),
        }
    }

    /// Returns the line that our server is expected to send. Values that it chooses are taken from the line
    /// that it has sent.
    pub(crate) fn server(
        &mut self,
        connection: &str,
        recorded: &[u8],
        got: &[u8],
    ) -> Result<Vec<u8>, String> {
        let recorded = String::from_utf8_lossy(recorded);
        let got = String::from_utf8_lossy(got);
        let theirs: Vec<&str> = recorded.split(' ').collect();
        let got: Vec<&str> = got.split(' ').collect();
        let mut expected = Vec::new();
        for (index, their) in theirs.iter().enumerate() {
            let ours = got.get(index).copied().unwrap_or_default();
            expected.push(match word(&theirs, index) {
                Word::Same => (*their).to_owned(),
                Word::Address(listener) => self.server.address(listener).to_string(),
                Word::Token => {
                    let entry = self.tokens.entry((*their).to_owned());
                    entry.or_insert_with(|| ours.to_owned()).clone()
                }
                Word::Challenge => {
                    let both = ((*their).to_owned(), ours.to_owned());
                    self.challenges.insert(connection.to_owned(), both);
                    ours.to_owned()
                }
                Word::ProgramChallenge => {
                    let digits = ours.len() == 20 && ours.bytes().all(|byte| byte.is_ascii_digit());
                    if !digits {
                        return Err(format!("`{ours}` is no challenge to a program"));
                    }
                    let both = ((*their).to_owned(), ours.to_owned());
                    self.programs.insert(connection.to_owned(), both);
                    ours.to_owned()
                }
                Word::ListVersion => self.version(connection, their, ours)?,
            });
        }
        Ok(expected.join(" ").into_bytes())
    }

    /// From here on, list versions of the connection are one lower than recorded.
    pub(crate) fn version_one_less(&mut self, connection: &str) {
        if let Some(distance) = self.versions.get_mut(connection) {
            *distance -= 1;
        }
    }

    fn version(&mut self, connection: &str, theirs: &str, ours: &str) -> Result<String, String> {
        let number =
            |text: &str| text.parse::<i64>().map_err(|_| format!("`{text}` is no list version"));
        let (theirs, ours) = (number(theirs)?, number(ours)?);
        let distance = self.versions.entry(connection.to_owned()).or_insert(ours - theirs);
        Ok((theirs + *distance).to_string())
    }
}

/// Returns the answer to our challenge. The recorded answer must be right for the recorded challenge.
fn answer(theirs: &str, ours: &str, secret: &str, recorded: &[u8]) -> Result<Vec<u8>, String> {
    let digest =
        |challenge: &str| digest::md5(challenge.as_bytes(), secret.as_bytes()).into_bytes();
    if !digest(theirs).eq_ignore_ascii_case(recorded) {
        return Err("the recorded digest does not follow from the challenge".to_owned());
    }
    Ok(digest(ours))
}

#[cfg(test)]
mod tests {
    use super::{Listener, Word, word};

    fn made_up(line: &str) -> Vec<(usize, Word)> {
        let words: Vec<&str> = line.split(' ').collect();
        let all = (0..words.len()).map(|index| (index, word(&words, index)));
        all.filter(|(_, word)| *word != Word::Same).collect()
    }

    #[test]
    fn made_up_words_are_found_by_command_and_position() {
        for line in [
            "SYN 6 1",
            "GTC 6 1 A",
            "BLP 8 2 AL",
            "REA 6 3 a@b.c A",
            "PRP 8 1 PHH",
            "LSG 8 1 1 1 0 ~ 0",
        ] {
            assert_eq!(made_up(line), [(2, Word::ListVersion)], "{line}");
        }
        for line in ["LST 6 FL 1 0 0", "ADD 0 RL 3 ivan@hotmail.com ivan", "REM 6 FL 4 a@b.c"] {
            assert_eq!(made_up(line), [(3, Word::ListVersion)], "{line}");
        }
        assert_eq!(made_up("BPR 4 a@b.c MOB N"), [(1, Word::ListVersion)]);
        assert_eq!(made_up("CHL 0 15570131571988941333"), [(2, Word::ProgramChallenge)]);
        assert_eq!(made_up("USR 4 MD5 S f252ffb84418e67"), [(4, Word::Challenge)]);
        assert_eq!(made_up("USR 5 OK judy@hotmail.com judy"), []);
        assert_eq!(
            made_up("XFR 3 NS 127.0.0.1:31863 0"),
            [(3, Word::Address(Listener::Notification))]
        );
        assert_eq!(
            made_up("XFR 3 NS 127.0.0.1:31863 0 127.0.0.1:1863"),
            [(3, Word::Address(Listener::Notification)), (5, Word::Address(Listener::Dispatch))]
        );
        assert_eq!(
            made_up("XFR 13 SB 127.0.0.1:31864 CKI c653dfc29d9d314bc282"),
            [(3, Word::Address(Listener::Switchboard)), (5, Word::Token)]
        );
        assert_eq!(
            made_up("RNG 18015820 127.0.0.1:31864 CKI 4d36 ivan@hotmail.com ivan"),
            [(1, Word::Token), (2, Word::Address(Listener::Switchboard)), (4, Word::Token)]
        );
        assert_eq!(made_up("CAL 2 RINGING 18015820"), [(3, Word::Token)]);
    }
}
