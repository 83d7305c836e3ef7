//! A restore that is broken off has done everything or nothing.

use std::path::PathBuf;
use std::process::Stdio;
use std::time::{Duration, Instant};

use crate::chance::{Chance, pass, rounds};
use crate::household::{EDITORS, Household, edit_during, succeeds};
use crate::support::connection::{Connection, TIMEOUT};
use crate::support::conversation::PASSWORD;
use crate::support::digest;
use crate::support::server::{Listener, Server};
use crate::support::stored_data::{check_integrity, export_all, words};

/// More accounts, so that a restore takes its time.
const STRANGERS: usize = 40;

/// What is killed.
#[derive(Clone, Copy, Debug)]
enum Victim {
    /// The command, which asks the running server.
    Command,
    /// The server, while the command waits for it.
    Server,
    /// The command itself.
    CommandAlone,
}

/// A backup, and all that is in it.
struct Kept {
    file: PathBuf,
    content: String,
}

/// Two backups of different moments.
fn two_backups(household: &mut Household, chance: &mut Chance) -> [Kept; 2] {
    let kept = ["one", "two"].map(|name| {
        let (server, mut editors) = household.start();
        edit_during(&mut editors, &mut chance.rng, |rng| pass(rng, Duration::from_millis(200)));
        household.sign_off(editors);
        server.stop();
        let file = household.installation.directory.path().join(format!("{name}.backup"));
        succeeds(&household.installation, &["backup", words(&file), "--with-key"]);
        Kept { file, content: export_all(&household.installation) }
    });
    let [one, two] = &kept;
    assert_ne!(one.content, two.content);
    kept
}

#[test]
fn a_killed_restore_has_replaced_everything_or_nothing() {
    let mut chance = Chance::new();
    let mut household = Household::with_strangers(STRANGERS);
    let kept = two_backups(&mut household, &mut chance);
    let installation = &household.installation;
    let begin = Instant::now();
    succeeds(installation, &["restore", words(&kept[1].file)]);
    let span = begin.elapsed();
    let mut here = 1;
    let (mut done, mut not_done) = (0, 0);
    for round in 1..=rounds(6) {
        chance.round(round);
        let victim = [Victim::Command, Victim::Server, Victim::CommandAlone][round as usize % 3];
        let mut server = match victim {
            Victim::Command | Victim::Server => Some(installation.start()),
            Victim::CommandAlone => None,
        };
        let there = 1 - here;
        let mut command = installation.program(&["restore", words(&kept[there].file)]);
        command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
        let mut command = command.spawn().expect("starting msnpd restore");
        pass(&mut chance.rng, span);
        let killed = match (victim, &mut server) {
            (Victim::Server, Some(server)) => &mut server.process,
            _ => &mut command,
        };
        killed.kill().expect("killing msnpd");
        let status = command.wait().expect("waiting for msnpd restore");
        match (victim, server) {
            (Victim::Command, Some(server)) => goes_on(server),
            // Dropped, it is waited for.
            (_, server) => drop(server),
        }
        check_integrity(installation);
        let content = export_all(installation);
        let found = kept.iter().position(|kept| kept.content == content);
        let found = found.unwrap_or_else(|| panic!("neither one nor the other: {content}"));
        assert!(found == there || !status.success(), "{victim:?}: it was said to be done");
        if found == here {
            not_done += 1;
        } else {
            done += 1;
        }
        here = found;
    }
    println!("{done} restores were done, {not_done} were not");
}

/// Checks that all users can soon sign in and edit. While the data is replaced, they are refused or signed
/// off.
fn goes_on(server: Server) {
    for who in EDITORS {
        let begin = Instant::now();
        while edits(&server, who).is_none() {
            assert!(begin.elapsed() < TIMEOUT, "{who} cannot edit");
        }
    }
    server.stop();
}

/// Puts a contact on a list and removes it. `None` if the server refuses.
fn edits(server: &Server, who: &str) -> Option<()> {
    let mut ns = Connection::open(server.address(Listener::Notification));
    let challenge = ask(&mut ns, &format!("USR 1 MD5 I {who}@example.com"), "USR 1 MD5 S ")?;
    let digest = digest::md5(challenge.as_bytes(), PASSWORD.as_bytes());
    ask(&mut ns, &format!("USR 2 MD5 S {digest}"), "USR 2 OK ")?;
    ask(&mut ns, "PNG", "QNG")?;
    let length = ask(&mut ns, "", "MSG Hotmail Hotmail ")?;
    ns.read_payload(length.parse().ok()?).ok()?;
    // The contact is still there if an earlier attempt failed between the two.
    ns.send(b"ADD 3 BL stranger0@example.com A%20stranger\r\n").ok()?;
    ns.read_line().ok()?;
    ask(&mut ns, "REM 4 BL stranger0@example.com", "REM 4 BL ").map(drop)
}

/// The rest of the next line, if it is the one that is wanted. (Empty lines are no requests.)
fn ask(ns: &mut Connection, line: &str, beginning: &str) -> Option<String> {
    ns.send(format!("{line}\r\n").as_bytes()).ok()?;
    let answer = String::from_utf8(ns.read_line().ok()?).ok()?;
    answer.trim_end().strip_prefix(beginning).map(str::to_owned)
}
