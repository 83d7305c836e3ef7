//! The disk is full while users edit and talk.
//!
//! Here the system refuses every byte that the server writes to a file. With `MSNPD_SMALL_DISK=1`, the
//! test fills the disk of the temporary folder, which must be a small separate one: `full_disk.sh` does
//! that.

use std::fs::{self, File};
use std::io::{ErrorKind, Write};
use std::path::PathBuf;
use std::process::Command;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Instant;

use crate::chance::Chance;
use crate::editor::{Editor, End, Progress};
use crate::household::{Household, edit_during, succeeds};
use crate::support::connection::{Connection, TIMEOUT};
use crate::support::conversation::{call, open_switchboard, sign_in_online};
use crate::support::operator::run_to_end;
use crate::support::server::Server;
use crate::support::stored_data::{check_integrity, export_all, words};
use crate::view::{View, sign_in};

/// How often the disk becomes full.
const TIMES: u32 = 2;

/// The disk of the running server.
enum Disk {
    /// A limit on the length of files refuses its writes.
    Limited { pid: u32 },
    /// Another file uses all the space.
    Filled { file: PathBuf },
}

impl Disk {
    fn of(household: &Household, server: &Server) -> Self {
        if std::env::var_os("MSNPD_SMALL_DISK").is_some() {
            Self::Filled { file: household.installation.directory.path().join("filler") }
        } else {
            Self::Limited { pid: server.process.id() }
        }
    }

    fn fill(&self) {
        match self {
            Self::Limited { pid } => limit(*pid, "0:"),
            Self::Filled { file } => fill(file),
        }
    }

    /// Returns whether a full disk may leave room for this many edits of one user: the store's file may have
    /// free space.
    fn may_do(&self, edits: usize) -> bool {
        matches!(self, Self::Filled { .. }) && edits > 100
    }

    fn make_room(&self) {
        match self {
            Self::Limited { pid } => limit(*pid, "unlimited:"),
            Self::Filled { file } => fs::remove_file(file).expect("removing the filler"),
        }
    }
}

/// Sets the maximum length of a file that a process may write (util-linux).
fn limit(pid: u32, length: &str) {
    let pid = pid.to_string();
    let set = Command::new("prlimit").args(["--pid", &pid, &format!("--fsize={length}")]).status();
    assert!(set.expect("running prlimit").success());
}

/// Writes until no byte fits.
fn fill(file: &PathBuf) {
    let mut file = File::create(file).expect("a file");
    let mut piece: &[u8] = &[0; 64 * 1024];
    while !piece.is_empty() {
        if let Err(why) = file.write_all(piece) {
            assert_eq!(why.kind(), ErrorKind::StorageFull, "{why}");
            piece = &piece[..piece.len() / 2];
        }
    }
    file.sync_all().expect("writing the filler");
}

/// Returns a command that ignores the signal for files that become too long, so that the program gets an
/// error as with a full disk. The shell that starts it runs `before` first.
fn unsignalled(program: &Command, before: &str) -> Command {
    let mut shell = Command::new("sh");
    shell.args(["-c", &format!("trap '' XFSZ; {before} exec \"$0\" \"$@\"")]);
    shell.arg(program.get_program()).args(program.get_args());
    if let Some(folder) = program.get_current_dir() {
        shell.current_dir(folder);
    }
    for (name, value) in program.get_envs() {
        match value {
            Some(value) => shell.env(name, value),
            None => shell.env_remove(name),
        };
    }
    shell
}

/// Two users who talk, and edit nothing.
struct Talk {
    ns: [Connection; 2],
    sb: [Connection; 2],
}

impl Talk {
    fn start(server: &Server) -> Self {
        let mut one = sign_in_online(server, "stranger0");
        let mut other = sign_in_online(server, "stranger1");
        other.expect("ILN 3 NLN stranger0@example.com stranger0");
        one.expect("NLN NLN stranger1@example.com stranger1");
        let mut ours = open_switchboard(&mut one, "stranger0");
        let theirs = call(&mut ours, &mut other, "stranger1", &["stranger0"]);
        ours.expect("JOI stranger1@example.com stranger1");
        Self { ns: [one, other], sb: [ours, theirs] }
    }

    /// Checks that a message arrives, and a change of presence.
    fn go_on(&mut self) {
        let ([one, other], [ours, theirs]) = (&mut self.ns, &mut self.sb);
        ours.send(b"MSG 5 A 5\r\nhello").expect("writing to msnpd");
        ours.expect("ACK 5");
        theirs.expect("MSG stranger0@example.com stranger0 5");
        assert_eq!(theirs.read_payload(5).expect("the message"), b"hello");
        for state in ["BSY", "NLN"] {
            other.send_line(&format!("CHG 6 {state}"));
            other.expect(&format!("CHG 6 {state}"));
            one.expect(&format!("NLN {state} stranger1@example.com stranger1"));
        }
    }
}

/// Talks until each editor has made this progress.
fn talk_until(talk: &mut Talk, progress: &[Arc<Progress>], far: impl Fn(usize, usize) -> bool) {
    let counts = || progress.iter().map(|one| (read(&one.answered), read(&one.failed)));
    let before: Vec<_> = counts().collect();
    let is_far =
        |(now, before): ((usize, usize), &(usize, usize))| far(now.0 - before.0, now.1 - before.1);
    let begin = Instant::now();
    talk.go_on();
    while !counts().zip(&before).all(is_far) {
        talk.go_on();
        assert!(
            begin.elapsed() < TIMEOUT,
            "{before:?}, and now {:?}",
            counts().collect::<Vec<_>>()
        );
    }
}

fn read(count: &AtomicUsize) -> usize {
    count.load(Ordering::Relaxed)
}

fn failed(editors: &[Editor]) -> usize {
    editors.iter().map(|editor| read(&editor.progress.failed)).sum()
}

#[test]
fn a_full_disk_loses_no_confirmed_change_and_conversations_continue() {
    let mut chance = Chance::new();
    let mut household = Household::with_strangers(2);
    let server = Server::start(unsignalled(&household.installation.program(&["run"]), ""));
    let disk = Disk::of(&household, &server);
    let mut editors = household.sign_in(&server);
    for editor in &mut editors {
        // The result of an edit is known before the next one is chosen.
        editor.ahead = 1;
    }
    let progress: Vec<_> = editors.iter().map(|editor| editor.progress.clone()).collect();
    let mut talk = Talk::start(&server);
    for round in 1..=TIMES {
        chance.round(round);
        if round == 1 {
            // The store was just opened: its file has no free space.
            disk.fill();
        }
        let (_, ends) = edit_during(&mut editors, &mut chance.rng, |_| {
            if round > 1 {
                talk_until(&mut talk, &progress, |answered, _| answered > 0);
                disk.fill();
            }
            talk_until(&mut talk, &progress, |answered, failed| {
                failed > 0 || disk.may_do(answered)
            });
        });
        assert_eq!(ends, [End::Stopped; 4]);

        disk.make_room();
        let before = failed(&editors);
        let (_, ends) = edit_during(&mut editors, &mut chance.rng, |_| {
            talk_until(&mut talk, &progress, |answered, _| answered > 0);
        });
        assert_eq!(ends, [End::Stopped; 4]);
        assert_eq!(failed(&editors), before, "there is room again");
        check_integrity(&household.installation);
    }
    assert_ne!(failed(&editors), 0, "the disk was never full");
    household.sign_off(editors);
    drop(server);
    household.start().0.stop();
}

/// While nothing can be written, changes are refused, users sign in, commands read as usual, and the
/// problem is reported.
#[test]
fn reading_works_while_nothing_can_be_written() {
    let household = Household::with_strangers(2);
    let installation = &household.installation;
    let accounts = export_all(installation);
    let server = Server::start(unsignalled(&installation.program(&["run"]), ""));
    let disk = Disk::of(&household, &server);
    disk.fill();
    let elsewhere = tempfile::tempdir_in("/tmp").expect("a folder");
    for _ in 0..2 {
        // Several times: a file may have free space.
        let rename = |number| installation.run(&["user", "rename", "alice", &format!("A{number}")]);
        let refused = (0..1000).map(rename).find(|renamed| renamed.code != Some(0));
        let refused = refused.expect("the disk is never full");
        assert!(
            refused.expect_failure(7).contains("the disk is full: free some space"),
            "{refused:?}"
        );
        let (mut ns, name) = sign_in(&server, "alice");
        View::of(&mut ns, name);
        ns.send_line("ADD 7 AL bob@example.com bob");
        ns.expect("501 7");
        let backup = elsewhere.path().join("all.backup");
        succeeds(installation, &["backup", words(&backup)]);
        succeeds(installation, &["user", "list"]);
        assert_eq!(export_all(installation).lines().count(), accounts.lines().count());
        check_integrity(installation);
        // With a full disk, the file can be opened for writing, and each change is refused.
        if std::env::var_os("MSNPD_SMALL_DISK").is_none() {
            let status = succeeds(installation, &["status"]).stdout;
            assert!(status.contains("the store has been unwritable"), "{status}");
            let checked = installation.run(&["check"]);
            assert!(checked.stdout.contains("has been unable to write it"), "{checked:?}");
        }
    }
    disk.make_room();
    succeeds(installation, &["user", "rename", "alice", "alice"]);
    let status = succeeds(installation, &["status"]).stdout;
    assert!(!status.contains("unwritable"), "{status}");
    assert_eq!(export_all(installation), accounts);
    server.stop();
    assert_eq!(export_all(installation), accounts);
}

#[test]
fn no_account_is_made_on_a_full_disk() {
    let household = Household::with_strangers(0);
    let installation = &household.installation;
    let fails = |program: Command| {
        let added = run_to_end(program, b"secret\n");
        let why = added.expect_failure(7);
        assert!(why.contains("msnpd.redb: I/O error"), "{why}");
        assert!(why.contains("the disk is full: free some space"), "{why}");
        assert!(!why.contains("panicked"), "{why}");
    };
    let accounts = export_all(installation);
    let add = installation.program(&["user", "add", "late"]);
    // The command itself writes to the disk.
    if std::env::var_os("MSNPD_SMALL_DISK").is_none() {
        fails(unsignalled(&add, "ulimit -f 0;"));
    }
    let server = Server::start(unsignalled(&installation.program(&["run"]), ""));
    let disk = Disk::of(&household, &server);
    disk.fill();
    fails(add);
    disk.make_room();
    server.stop();
    assert_eq!(export_all(installation), accounts);
    check_integrity(installation);
}
