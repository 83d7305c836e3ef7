//! A server, and clients that each make one mistake at some point of a connection.

use crate::support::connection::{Connection, Unread};
use crate::support::conversation::{account, open_switchboard, sign_in, sign_in_online};
use crate::support::server::{Installation, Listener, Server};

/// The state of a connection when the client makes a mistake.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum At {
    /// The Dispatch Server, before the first command.
    Dispatch,
    /// The Dispatch Server, after `VER`.
    DispatchVersioned,
    /// The Notification Server, before the first command.
    Fresh,
    /// The Notification Server, after a `VER` with nothing but `CVR0` in common.
    QueryOnly,
    /// The Notification Server, after `VER`.
    Versioned,
    /// The Notification Server, after `USR I`.
    Challenged,
    /// The Notification Server, signed in as alice.
    SignedIn,
    /// A switchboard, before the first command.
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

    /// Returns the name of such a connection in the log.
    fn title(self) -> &'static str {
        match self.listener() {
            Listener::Dispatch => "dispatch connection",
            Listener::Notification => "session",
            Listener::Switchboard => "switchboard connection",
        }
    }
}

/// The server, and the warnings that its log must have.
pub(crate) struct Fixture {
    pub(crate) server: Server,
    /// The session that starts the conversations for [`At::Joined`].
    host: Connection,
    expected: Vec<String>,
    _installation: Installation,
}

impl Fixture {
    /// Starts a server with alice, bob and carol.
    pub(crate) fn start() -> Fixture {
        Fixture::with("")
    }

    /// Like [`Fixture::start`], with more configuration keys.
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

    /// Opens a connection and brings it into this state.
    pub(crate) fn at(&mut self, at: At) -> Connection {
        if at == At::Joined {
            return open_switchboard(&mut self.host, "carol");
        }
        let mut connection = Connection::open(self.server.address(at.listener()));
        match at {
            At::DispatchVersioned | At::Versioned | At::Challenged => {
                connection.send_line("VER 1 MSNP2");
                connection.expect("VER 1 MSNP2");
            }
            At::QueryOnly => {
                connection.send_line("VER 1 CVR0");
                connection.expect("VER 1 CVR0");
                self.logs(
                    "127.0.0.1 refused: the client offers an unknown protocol version; this server \
                     supports MSNP2 to MSNP7",
                );
            }
            _ => {}
        }
        match at {
            At::Challenged => {
                connection.send_line("USR 2 MD5 I alice@example.com");
                connection.expect_words("USR 2 MD5 S ");
                connection
            }
            At::SignedIn => sign_in(connection, "alice"),
            _ => connection,
        }
    }

    /// Sends a line. The server must send `answer`, close the connection, and log this warning.
    pub(crate) fn closes(&mut self, at: At, sent: impl AsRef<[u8]>, answer: &str, logged: &str) {
        self.closes_on(at, &line(sent.as_ref()), answer, logged);
    }

    /// Like [`Fixture::closes`], with bytes that are not one line.
    pub(crate) fn closes_on(&mut self, at: At, sent: &[u8], answer: &str, logged: &str) {
        let mut connection = self.at(at);
        // This may fail if the server closes before it reads everything.
        connection.send(sent).ok();
        read_to_the_end(connection, at, sent, &lines(answer));
        self.warns(at, logged);
    }

    /// Sends a line. The server must send `answer`, log this warning, and keep the connection: if it
    /// is signed in, a `PNG` after it is answered.
    pub(crate) fn stays(&mut self, at: At, sent: impl AsRef<[u8]>, answer: &str, logged: &str) {
        self.stays_on(at, &line(sent.as_ref()), answer, logged);
    }

    /// Like [`Fixture::stays`], with bytes that are not one line.
    pub(crate) fn stays_on(&mut self, at: At, sent: &[u8], answer: &str, logged: &str) {
        let mut connection = self.at(at);
        let mut sent = sent.to_vec();
        let mut answer = lines(answer);
        if at == At::SignedIn {
            sent.extend_from_slice(b"PNG\r\n");
            answer.push_str("QNG\r\n");
        }
        connection.send(&sent).expect("writing to msnpd");
        let got = connection.read_payload(answer.len());
        let got = got.unwrap_or_else(|why| panic!("{at:?} `{}`: {why}", sent.escape_ascii()));
        assert_eq!(String::from_utf8_lossy(&got), answer, "{at:?} `{}`", sent.escape_ascii());
        connection.finish_writing();
        read_to_the_end(connection, at, &sent, "");
        self.warns(at, logged);
    }

    /// Expects this warning about such a connection. None if `logged` is empty.
    pub(crate) fn warns(&mut self, at: At, logged: &str) {
        if !logged.is_empty() {
            self.expected.push(format!("{} # 127.0.0.1 {logged}", at.title()));
        }
    }

    /// Expects this warning, which names no connection.
    pub(crate) fn logs(&mut self, logged: &str) {
        self.expected.push(logged.to_owned());
    }

    /// Stops the server, and returns its log. The warnings must be the expected ones in this order. The log
    /// must have the end of each connection once, with its address.
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
        assert_eq!(numbers, all, "the connections whose ends are logged");
        log
    }
}

/// Reads until the server closes, and compares.
fn read_to_the_end(mut connection: Connection, at: At, sent: &[u8], answer: &str) {
    let got = loop {
        match connection.fill() {
            Ok(()) => {}
            Err(Unread::Closed(bytes)) => break bytes,
            Err(silence) => panic!("{at:?} `{}`: {silence}", sent.escape_ascii()),
        }
    };
    assert_eq!(String::from_utf8_lossy(&got), answer, "{at:?} `{}`", sent.escape_ascii());
}

/// Returns the number of the connection in a line of the log.
fn number(line: &str) -> Option<usize> {
    line.split(' ').find_map(|word| word.parse().ok())
}

/// Returns a line of the log with `#` for the number of the connection.
fn unnumbered(line: &str) -> String {
    let word = |word: &str| {
        let is_number = !word.is_empty() && word.bytes().all(|byte| byte.is_ascii_digit());
        if is_number { "#".to_owned() } else { word.to_owned() }
    };
    line.split(' ').map(word).collect::<Vec<_>>().join(" ")
}

fn line(sent: &[u8]) -> Vec<u8> {
    [sent, b"\r\n"].concat()
}

fn lines(answer: &str) -> String {
    answer.lines().map(|line| format!("{line}\r\n")).collect()
}
