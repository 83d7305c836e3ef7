//! A server, and clients that each say one bad thing to it at some point of a connection.

use crate::support::connection::{Connection, Unread};
use crate::support::conversation::{account, open_switchboard, sign_in, sign_in_online};
use crate::support::server::{Installation, Listener, Server};

/// How far a connection has come when something bad is said on it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum At {
    /// The Dispatch Server, nothing said yet.
    Dispatch,
    /// The Dispatch Server, after `VER`.
    DispatchVersioned,
    /// The Notification Server, nothing said yet.
    Fresh,
    /// The Notification Server, after a `VER` with nothing but `CVR0` in common.
    QueryOnly,
    /// The Notification Server, after `VER`.
    Versioned,
    /// The Notification Server, after `USR I`.
    Challenged,
    /// The Notification Server, signed in as alice.
    SignedIn,
    /// A switchboard, nothing said yet.
    Stranger,
    /// A switchboard, in a conversation.
    Joined,
}

impl At {
    fn listener(self) -> Listener {
        match self {
            At::Dispatch | At::DispatchVersioned => Listener::Dispatch,
            At::Stranger | At::Joined => Listener::Switchboard,
            _ => Listener::Notification,
        }
    }

    /// What such a connection is called in the log.
    fn title(self) -> &'static str {
        match self.listener() {
            Listener::Dispatch => "dispatch connection",
            Listener::Notification => "session",
            Listener::Switchboard => "switchboard connection",
        }
    }
}

/// The server, and what its log must say of all that was tried.
pub(crate) struct Fixture {
    pub(crate) server: Server,
    /// Who asks for the conversations that are joined.
    host: Connection,
    expected: Vec<String>,
    _installation: Installation,
}

impl Fixture {
    /// Starts a server with alice, bob and carol.
    pub(crate) fn start() -> Fixture {
        Fixture::with("")
    }

    /// The same with more in its configuration.
    pub(crate) fn with(key: &str) -> Fixture {
        let accounts = ["alice", "bob", "carol"].map(|who| account(who, None));
        let listeners = ["dispatch", "notification", "switchboard"]
            .map(|one| format!("{one}: (listen: \"127.0.0.1:0\"),"));
        let text = format!("({}domains: [\"example.com\"], log: debug,{key})", listeners.concat());
        let installation = Installation::configured(&accounts, &text);
        let server = installation.start();
        let host = sign_in_online(&server, "carol");
        Fixture { server, host, expected: Vec::new(), _installation: installation }
    }

    /// A connection that has come so far.
    pub(crate) fn at(&mut self, at: At) -> Connection {
        if at == At::Joined {
            return open_switchboard(&mut self.host, "carol");
        }
        let mut connection = Connection::open(self.server.address(at.listener()));
        match at {
            At::DispatchVersioned | At::Versioned | At::Challenged => {
                connection.say("VER 1 MSNP2");
                connection.expect("VER 1 MSNP2");
            }
            At::QueryOnly => {
                connection.say("VER 1 CVR0");
                connection.expect("VER 1 CVR0");
                self.says(
                    "127.0.0.1 refused: the client offers another dialect; this server speaks \
                     MSNP2 to MSNP7",
                );
            }
            _ => {}
        }
        match at {
            At::Challenged => {
                connection.say("USR 2 MD5 I alice@example.com");
                connection.expect_words("USR 2 MD5 S ");
                connection
            }
            At::SignedIn => sign_in(connection, "alice"),
            _ => connection,
        }
    }

    /// The server closes the connection by itself when this line is said, after these lines (one a
    /// line of `heard`), and warns in these words.
    pub(crate) fn closes(&mut self, at: At, said: impl AsRef<[u8]>, heard: &str, logged: &str) {
        self.closes_on(at, &line(said.as_ref()), heard, logged);
    }

    /// The same for bytes that are not one line.
    pub(crate) fn closes_on(&mut self, at: At, said: &[u8], heard: &str, logged: &str) {
        let mut connection = self.at(at);
        // What the server has not read when it closes may make this fail.
        connection.send(said).ok();
        heard_to_the_end(connection, at, said, &lines(heard));
        self.warns(at, logged);
    }

    /// The server answers in these lines and warns in these words, and the connection goes on: a
    /// `PNG` behind it is answered if it is one that is signed in.
    pub(crate) fn stays(&mut self, at: At, said: impl AsRef<[u8]>, heard: &str, logged: &str) {
        self.stays_on(at, &line(said.as_ref()), heard, logged);
    }

    /// The same for bytes that are not one line.
    pub(crate) fn stays_on(&mut self, at: At, said: &[u8], heard: &str, logged: &str) {
        let mut connection = self.at(at);
        let mut said = said.to_vec();
        let mut heard = lines(heard);
        if at == At::SignedIn {
            said.extend_from_slice(b"PNG\r\n");
            heard.push_str("QNG\r\n");
        }
        connection.send(&said).expect("writing to msnpd");
        let answer = connection.read_payload(heard.len());
        let answer = answer.unwrap_or_else(|got| panic!("{at:?} `{}`: {got}", said.escape_ascii()));
        assert_eq!(String::from_utf8_lossy(&answer), heard, "{at:?} `{}`", said.escape_ascii());
        connection.finish_writing();
        heard_to_the_end(connection, at, &said, "");
        self.warns(at, logged);
    }

    /// The log warns in these words of such a connection; nothing, if there are none.
    pub(crate) fn warns(&mut self, at: At, logged: &str) {
        if !logged.is_empty() {
            self.expected.push(format!("{} # 127.0.0.1 {logged}", at.title()));
        }
    }

    /// The log warns in these words, which name no connection.
    pub(crate) fn says(&mut self, logged: &str) {
        self.expected.push(logged.to_owned());
    }

    /// Ends the server; all its warnings must be those that were expected, in that order, and the
    /// end of each connection must be told once, with its address. The answer is its log.
    pub(crate) fn finish(self) -> Vec<String> {
        let Fixture { server, host, expected, _installation } = self;
        drop(host);
        let log = server.stop_and_read_log();
        let warnings: Vec<String> = log
            .iter()
            .filter_map(|line| line.strip_prefix("WARN  ").or(line.strip_prefix("ERROR ")))
            .map(unnumbered)
            .collect();
        for (place, (warned, expected)) in warnings.iter().zip(&expected).enumerate() {
            assert_eq!(warned, expected, "warning {place}");
        }
        assert_eq!(warnings.len(), expected.len(), "{warnings:#?}");
        let ends =
            log.iter().filter(|line| line.contains(" 127.0.0.1") && line.contains(" ended: "));
        let mut numbers: Vec<usize> = ends.filter_map(|line| number(line)).collect();
        numbers.sort_unstable();
        let all: Vec<usize> = (1..=numbers.len()).collect();
        assert_eq!(numbers, all, "the connections whose ends are told");
        log
    }
}

/// Reads all that comes until the server closes.
fn heard_to_the_end(mut connection: Connection, at: At, said: &[u8], heard: &str) {
    let got = loop {
        match connection.fill() {
            Ok(()) => {}
            Err(Unread::Closed(bytes)) => break bytes,
            Err(silence) => panic!("{at:?} `{}`: {silence}", said.escape_ascii()),
        }
    };
    assert_eq!(String::from_utf8_lossy(&got), heard, "{at:?} `{}`", said.escape_ascii());
}

/// The number of the connection that a line of the log is about.
fn number(line: &str) -> Option<usize> {
    line.split(' ').find_map(|word| word.parse().ok())
}

/// A line of the log with `#` for the number of the connection.
fn unnumbered(line: &str) -> String {
    let word = |word: &str| {
        let is_number = !word.is_empty() && word.bytes().all(|byte| byte.is_ascii_digit());
        if is_number { "#".to_owned() } else { word.to_owned() }
    };
    line.split(' ').map(word).collect::<Vec<_>>().join(" ")
}

fn line(said: &[u8]) -> Vec<u8> {
    [said, b"\r\n"].concat()
}

fn lines(heard: &str) -> String {
    heard.lines().map(|line| format!("{line}\r\n")).collect()
}
