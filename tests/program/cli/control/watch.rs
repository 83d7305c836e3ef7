//! `status` and `trace`.

use std::io::{BufRead, BufReader};
use std::os::unix::fs::MetadataExt;
use std::process::{Child, ChildStdout, Stdio};
use std::time::{Duration, Instant};

use crate::cli::people::{connect, of};
use crate::support::conversation::{call, open_switchboard, sign_in, sign_in_online};
use crate::support::server::{Installation, without_time};

/// The time limit for a line of a trace. Only a failing test reaches it.
const TIMEOUT: Duration = Duration::from_secs(60);

fn status(installation: &Installation) -> serde_json::Value {
    let shown = installation.run(&["status", "--json"]);
    assert_eq!(shown.code, Some(0), "{shown:?}");
    serde_json::from_str(&shown.stdout).expect("JSON")
}

#[test]
fn status_shows_who_is_online_and_why_connections_ended() {
    let installation = of(&["alice", "bob"]);
    let server = installation.start();
    let mut alice = sign_in_online(&server, "alice");
    let mut bob = sign_in(connect(&server), "bob");
    bob.send_line("CHG 3 BSY");
    bob.expect("CHG 3 BSY");
    let mut first = open_switchboard(&mut alice, "alice");
    let _second = call(&mut first, &mut bob, "bob", &["alice"]);
    let mut half = connect(&server);
    half.send_line("VER 1 MSNP2");
    half.expect("VER 1 MSNP2");
    let mut wrong = connect(&server);
    wrong.send_line("USR 1 MD5 I alice@example.com");
    wrong.expect_words("USR 1 MD5 S ");
    wrong.send_line("USR 2 MD5 S 00000000000000000000000000000000");
    wrong.expect("911 2");
    wrong.read_end().expect("the end of the connection");
    drop(wrong);
    let mut left = sign_in(connect(&server), "bob");
    bob.expect("OUT OTH");
    left.send_line("OUT");
    left.read_end().expect("the end of the connection");
    drop((left, bob));

    // The last connections are counted when their actors have run.
    let status = loop {
        let status = status(&installation);
        if status["connections"]["open"] == 3 {
            break status;
        }
    };
    assert_eq!(status["version"], env!("CARGO_PKG_VERSION"));
    assert_eq!(status["process"], server.process.id());
    assert_eq!(status["accounts"], 2);
    assert_eq!(status["connections"]["half_open"], 1);
    assert_eq!(status["connections"]["signed_in"], 1);
    assert_eq!(status["connections"]["participants"], 1);
    assert_eq!(status["conversations"], 1);
    assert_eq!(status["ended"]["left"], 1);
    assert_eq!(status["ended"]["elsewhere"], 2);
    assert_eq!(status["ended"]["wrong_password"], 1);
    let clients = status["clients"].as_array().expect("the clients");
    let found = clients.iter().find(|client| client["state"] == "NLN").expect("alice's session");
    assert_eq!(found["handle"], "alice@example.com");
    assert_eq!(found["address"], "127.0.0.1");
    assert_eq!(found["dialect"], "MSNP2");

    let shown = installation.run(&["status"]).stdout;
    for words in [
        "\nended:        1 wrong password or unknown account\n",
        "\nended:        2 signed in elsewhere\n",
        "\nended:        1 signed off\n",
        "alice@example.com NLN, MSNP2",
        "1 signed in; 1 in 1 conversation",
        "2 accounts",
        "of 4096",
    ] {
        assert!(shown.contains(words), "{words} is not in:\n{shown}");
    }
    // The log has the same text.
    let log = server.stop_and_read_log();
    for line in shown.lines().filter_map(|line| line.strip_prefix("ended: ")) {
        let (_, words) = line.trim_start().split_once(' ').expect("a count and words");
        assert!(log.iter().any(|line| line.contains(&format!(" ended: {words}"))), "{words}");
    }
}

/// The requests of MSN Messenger 5.0 and Windows Live Messenger, which offer only later versions.
#[test]
fn status_names_the_versions_of_a_client_that_offers_only_later_ones() {
    let installation = of(&["alice"]);
    let server = installation.start();
    let mut client = connect(&server);
    client.send_line("VER 0 MSNP8 CVR0");
    client.expect("VER 0 CVR0");
    client.send_line("CVR 1 0x0409 win 4.10 i386 MSNMSGR 5.0.0540 MSMSGS alice@example.com");
    client.expect_words("CVR 1 5.0.0540 5.0.0540 ");
    client.send_line("USR 2 TWN I alice@example.com");
    client.read_end().expect("the end of the connection");
    let mut live = connect(&server);
    live.send_line("VER 1 MSNP15 MSNP14 MSNP13");
    live.expect("VER 1 0");
    live.read_end().expect("the end of the connection");
    drop((client, live));
    let shown = loop {
        let shown = installation.run(&["status"]).stdout;
        if shown.matches("\nrefused: ").count() == 2 {
            break shown;
        }
    };
    for words in [
        " ago: no protocol version in common: offers MSNP8 only\n",
        " ago: no protocol version in common: offers MSNP15, MSNP14 and MSNP13 only\n",
        "\nended:        2 no protocol version in common\n",
    ] {
        assert!(shown.contains(words), "{words} is not in:\n{shown}");
    }
    assert!(!shown.contains("not expected"), "{shown}");
    let log = server.stop_and_read_log();
    let told = |words: &str| log.iter().filter(|line| line.contains(words)).count();
    assert_eq!(told("refused: the client offers MSNP8; this server supports MSNP2 to MSNP7"), 1);
    assert_eq!(told("ended: no protocol version in common: offers MSNP8 only"), 1);
    assert_eq!(told("not expected"), 0, "{log:?}");
}

/// A running `msnpd trace`. Dropping it ends the process.
struct Trace {
    process: Child,
    lines: BufReader<ChildStdout>,
}

impl Trace {
    fn of(installation: &Installation, who: &str) -> Trace {
        let mut command = installation.program(&["trace", who]);
        command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::null());
        let mut process = command.spawn().expect("starting msnpd trace");
        let lines = BufReader::new(process.stdout.take().expect("its standard output"));
        let mut trace = Trace { process, lines };
        assert_eq!(trace.next(), format!("tracing {who}@example.com; Ctrl-C ends it"));
        trace
    }

    fn next(&mut self) -> String {
        let mut line = String::new();
        self.lines.read_line(&mut line).expect("a line of the trace");
        line.trim_end().to_owned()
    }

    /// Returns the next line of a connection, without its time.
    fn line(&mut self) -> String {
        let line = self.next();
        let words = without_time(&line).unwrap_or_else(|| panic!("a time is missing: {line}"));
        words.to_owned()
    }

    /// Like [`Trace::next`], without the number of the connection.
    fn expect(&mut self, expected: &str) {
        let line = self.line();
        let mut words = line.splitn(3, ' ');
        let (server, _, rest) = (words.next(), words.next(), words.next());
        assert_eq!(format!("{} {}", server.unwrap_or(""), rest.unwrap_or("")), expected);
    }
}

impl Drop for Trace {
    fn drop(&mut self) {
        self.process.kill().ok();
        self.process.wait().ok();
    }
}

/// systemd.exec(5): the stream of the journal is identified by its device and inode.
#[test]
fn a_trace_that_the_journal_reads_has_no_time_of_its_own() {
    let installation = of(&["alice"]);
    let server = installation.start();
    let path = installation.directory.path().join("journal");
    let journal = std::fs::File::create(&path).expect("a file");
    let found = journal.metadata().expect("its numbers");
    let mut command = installation.program(&["trace", "alice"]);
    command.env("JOURNAL_STREAM", format!("{}:{}", found.dev(), found.ino()));
    command.stdin(Stdio::null()).stdout(journal).stderr(Stdio::null());
    let mut process = command.spawn().expect("starting msnpd trace");
    let until = Instant::now() + TIMEOUT;
    let mut shows = |words: &str| loop {
        assert!(process.try_wait().expect("the trace").is_none(), "it ended");
        let text = std::fs::read_to_string(&path).expect("the trace");
        if text.contains(words) {
            break text;
        }
        assert!(Instant::now() < until, "{words} is not in: {text}");
        std::thread::yield_now();
    };
    shows("tracing alice@example.com");
    drop(sign_in(connect(&server), "alice"));
    let text = shows(">> USR 2 OK");
    assert!(text.lines().skip(1).all(|line| line.starts_with("NS ")), "{text}");
    process.kill().ok();
    process.wait().ok();
    server.stop();
}

#[test]
fn a_trace_shows_every_line_of_one_user_and_no_secret() {
    let installation = of(&["alice", "bob"]);
    let server = installation.start();
    let mut bob = sign_in_online(&server, "bob");
    let mut trace = Trace::of(&installation, "alice");
    let mut alice = connect(&server);
    alice.send_line("VER 1 MSNP2");
    alice.expect("VER 1 MSNP2");
    alice.send_line("USR 1 MD5 I alice@example.com");
    let challenge = alice.expect_words("USR 1 MD5 S ").remove(0);
    let digest = crate::support::digest::md5(challenge.as_bytes(), b"secret");
    alice.send_line(&format!("USR 2 MD5 S {digest}"));
    alice.expect("USR 2 OK alice@example.com alice");
    alice.send_line("CHG 3 NLN");
    alice.expect("CHG 3 NLN");
    let length = alice.expect_words("MSG Hotmail Hotmail ").remove(0);
    alice.read_payload(length.parse().expect("a length")).expect("the profile");
    trace.expect("NS << USR 1 MD5 I alice@example.com");
    trace.expect("NS >> USR 1 MD5 S ***");
    trace.expect("NS << USR 2 MD5 S ***");
    trace.expect("NS >> USR 2 OK alice@example.com alice");
    trace.expect("NS << CHG 3 NLN");
    trace.expect("NS >> CHG 3 NLN");
    let profile = trace.next();
    assert!(profile.contains(" >> MSG Hotmail Hotmail 95 | MIME-Version: 1.0 | "), "{profile}");
    assert!(profile.ends_with(" | 0 bytes of body"), "{profile}");
    let mut first = open_switchboard(&mut alice, "alice");
    let _second = call(&mut first, &mut bob, "bob", &["alice"]);
    first.expect("JOI bob@example.com bob");
    first.send_line("MSG 9 A 6");
    first.send(b"secret").expect("a message");
    first.expect("ACK 9");
    // XFR and its answer, USR, CAL, JOI, MSG and ACK.
    let lines: Vec<String> = (0..9).map(|_| trace.line()).collect();
    let text = lines.join("\n");
    for words in [
        "<< XFR 4 SB",
        " CKI ***",
        "<< USR 1 alice@example.com ***",
        ">> USR 1 OK alice@example.com alice",
        "<< CAL 2 bob@example.com",
        ">> CAL 2 RINGING ",
        ">> JOI bob@example.com bob",
        "<< MSG 9 A 6 | 6 bytes of body",
        ">> ACK 9",
    ] {
        assert!(text.contains(words), "{words} is not in:\n{text}");
    }
    assert!(!text.contains("secret"), "{text}");
    drop(trace);
    server.stop();
}
