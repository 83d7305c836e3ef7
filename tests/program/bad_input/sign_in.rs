//! A wrong password, an unknown account and a disabled account get the same answer after the same time.

use std::time::{Duration, Instant};

use actors::port::Disabled;
use actors::port::store::{NewAccount, Password, Principal, Proof, Store};
use msnp::auth::{Challenge, Digest};
use msnp::{FriendlyName, Handle, ListVersion};

use crate::support::connection::{Connection, Unread};
use crate::support::conversation::{PASSWORD, account};
use crate::support::crowd;
use crate::support::digest;
use crate::support::operator::run_to_end;
use crate::support::server::{Installation, Listener, Server};

/// Returns everything that both login servers send to a client without the right password. Values that the
/// server chooses are masked.
fn answers(server: &Server, handle: &str) -> Vec<String> {
    answers_to(server, handle, "guessed")
}

/// Like [`answers`], for this password.
fn answers_to(server: &Server, handle: &str, password: &str) -> Vec<String> {
    let mut said = Vec::new();
    let mut hear = |connection: &mut Connection| {
        let line = connection.next_line();
        said.push(line.clone());
        line
    };
    let mut ds = Connection::open(server.address(Listener::Dispatch));
    ds.send_line("VER 1 MSNP2");
    hear(&mut ds);
    ds.send_line("INF 2");
    hear(&mut ds);
    ds.send_line(&format!("USR 3 MD5 I {handle}"));
    hear(&mut ds);
    ds.finish_writing();
    ds.read_end().expect("the end");

    let mut ns = Connection::open(server.address(Listener::Notification));
    ns.send_line("VER 1 MSNP2");
    hear(&mut ns);
    ns.send_line(&format!("USR 2 MD5 I {handle}"));
    let line = hear(&mut ns);
    let challenge = line.strip_prefix("USR 2 MD5 S ").expect("a challenge");
    let digest = digest::md5(challenge.as_bytes(), password.as_bytes());
    ns.send_line(&format!("USR 3 MD5 S {digest}"));
    hear(&mut ns);
    match ns.fill() {
        Err(Unread::Closed(rest)) => assert_eq!(rest, b""),
        other => panic!("{other:?}"),
    }
    said.into_iter().map(|line| masked(&line)).collect()
}

/// Returns a line with `*` for a challenge: two numbers with a dot between them.
fn masked(line: &str) -> String {
    let Some(challenge) = line.strip_prefix("USR 2 MD5 S ") else { return line.to_owned() };
    let (time, random) = challenge.split_once('.').expect("two numbers");
    for number in [time, random] {
        assert!(number.parse::<u32>().is_ok(), "{line}");
    }
    "USR 2 MD5 S *.*".to_owned()
}

#[test]
fn wrong_password_and_unknown_account_are_answered_alike() {
    let installation = Installation::with_accounts(&[account("alice", None), account("bob", None)]);
    // A removed account is like one that never existed.
    let removed = run_to_end(installation.program(&["user", "remove", "bob"]), b"y\n");
    assert_eq!(removed.code, Some(0), "{removed:?}");
    let server = installation.start();
    let wrong = answers(&server, "alice@example.com");
    let notification = server.address(Listener::Notification);
    assert_eq!(
        wrong,
        [
            "VER 1 MSNP2".to_owned(),
            "INF 2 MD5".to_owned(),
            format!("XFR 3 NS {notification} 0"),
            "VER 1 MSNP2".to_owned(),
            "USR 2 MD5 S *.*".to_owned(),
            "911 3".to_owned(),
        ]
    );
    assert_eq!(answers(&server, "ghost@example.com"), wrong);
    assert_eq!(answers(&server, "bob@example.com"), wrong);
    let log = server.stop_and_read_log();
    // The log distinguishes the two.
    let warnings: Vec<&String> = log.iter().filter(|line| line.starts_with("WARN ")).collect();
    assert_eq!(
        warnings,
        [
            "WARN  127.0.0.1 refused: wrong password for alice@example.com",
            "WARN  127.0.0.1 refused: no account ghost@example.com",
            "WARN  127.0.0.1 refused: no account bob@example.com",
        ]
    );
}

#[test]
fn a_disabled_account_is_answered_like_a_wrong_password() {
    let installation = Installation::with_accounts(&[account("alice", None), account("bob", None)]);
    let disable = ["user", "disable", "bob", "--reason", "spam"];
    let disabled = run_to_end(installation.program(&disable), b"");
    assert_eq!(disabled.code, Some(0), "{disabled:?}");
    let server = installation.start();
    let wrong = answers(&server, "alice@example.com");
    assert_eq!(wrong.last().map(String::as_str), Some("911 3"));
    for password in [PASSWORD, "guessed"] {
        assert_eq!(answers_to(&server, "bob@example.com", password), wrong, "{password}");
    }
    let log = server.stop_and_read_log();
    // The log has the kind of failure, and the client does not get it. The stored reason is in neither.
    let line = "WARN  127.0.0.1 refused: disabled account bob@example.com";
    assert_eq!(log.iter().filter(|found| *found == line).count(), 2, "{log:#?}");
    assert!(!log.iter().any(|line| line.contains("spam")), "{log:#?}");
}

/// How often each kind of proof is timed.
const ROUNDS: usize = 400;

/// How much longer one may take than the other, on a busy machine.
const RATIO: f64 = 2.0;

#[test]
fn wrong_password_and_unknown_account_take_as_long() {
    let directory = tempfile::TempDir::with_prefix("msnpd-test-").expect("a directory");
    let store = store::File::open(directory.path(), || 0).expect("a store");
    let account = NewAccount {
        principal: Principal {
            handle: Handle::new("alice@example.com").expect("a handle"),
            name: FriendlyName::new("Alice").expect("a name"),
        },
        password: Password::new("secret").expect("a password"),
        version: ListVersion::new(1).expect("a list version"),
    };
    store.create(&account).expect("an account");
    let handle = |name: &str| Handle::new(&format!("{name}@example.com")).expect("a handle");
    let [alice, bob_handle, missing] = ["alice", "bob", "carol"].map(handle);
    let handle = bob_handle.clone();
    let principal = Principal { handle, ..account.principal };
    let bob = store.create(&NewAccount { principal, ..account }).expect("an account");
    store.set_disabled(bob, Some(&Disabled::default())).expect("a disabled account");
    let challenge = Challenge::from_entropy(1_013_928_519, 693_957_190).expect("a challenge");
    let digest = Digest::of(&challenge, b"guessed");
    let right = Digest::of(&challenge, b"secret");
    let right = Proof::Md5 { challenge: challenge.clone(), digest: right };
    let proof = Proof::Md5 { challenge, digest };
    let time = |handle: &Handle, proof: &Proof| {
        let start = Instant::now();
        assert!(!store.check_proof(handle, proof).expect("an answer").is_right);
        start.elapsed()
    };
    // Both take turns, so that other load of the machine affects both. The medians ignore single
    // interruptions.
    let (mut wrong, mut unknown, mut disabled) = (Vec::new(), Vec::new(), Vec::new());
    for _ in 0..ROUNDS {
        wrong.push(time(&alice, &proof));
        unknown.push(time(&missing, &proof));
        disabled.push(time(&bob_handle, &right));
    }
    let wrong = median(&mut wrong).as_secs_f64();
    for (what, times) in [("unknown", &mut unknown), ("disabled", &mut disabled)] {
        let ratio = median(times).as_secs_f64() / wrong;
        assert!((1.0 / RATIO..RATIO).contains(&ratio), "{what} to wrong as {ratio:.2} to 1");
    }
}

/// Guesses a password, from its own address.
fn guess(server: &Server, from: u32, handle: &str) -> String {
    let stream = crowd::connect(crowd::source(from), server.address(Listener::Notification));
    let mut ns = Connection::over(stream);
    ns.send_line(&format!("USR 1 MD5 I {handle}"));
    let challenge = ns.expect_words("USR 1 MD5 S ").remove(0);
    ns.send_line(&format!("USR 2 MD5 S {}", digest::md5(challenge.as_bytes(), b"guessed")));
    let answer = ns.next_line();
    ns.read_end().expect("the end");
    answer
}

#[test]
fn guesses_are_refused_alike_after_too_many() {
    let listeners = ["dispatch", "notification", "switchboard"]
        .map(|one| format!("{one}: (listen: \"127.0.0.1:0\"),"));
    // No attempt waits here. The tests of the actors compare the waits under a paused clock.
    let limits = "limits: (failed_logins: (free: 3, most: 3))";
    let text = format!("({}domains: [\"example.com\"],{limits})", listeners.concat());
    let installation = Installation::configured(&[account("alice", None)], &text);
    let server = installation.start();
    let guesses = |from, handle| [0; 5].map(|_| guess(&server, from, handle));
    let wrong = guesses(1, "alice@example.com");
    assert_eq!(wrong, ["911 2", "911 2", "911 2", "600 2", "600 2"]);
    assert_eq!(guesses(2, "ghost@example.com"), wrong);
    let log = server.stop_and_read_log();
    let count = |words: &str| log.iter().filter(|line| line.contains(words)).count();
    assert_eq!(count("127.1.0.2 refused: wrong password for alice@example.com"), 3, "{log:#?}");
    assert_eq!(count("127.1.0.3 refused: no account ghost@example.com"), 3, "{log:#?}");
    // One line a minute.
    assert_eq!(count("refused: too many failed sign-ins"), 1, "{log:#?}");
}

fn median(times: &mut [Duration]) -> Duration {
    times.sort_unstable();
    times[times.len() / 2]
}
