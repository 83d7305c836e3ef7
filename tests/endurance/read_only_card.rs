//! The card turns read-only under the running server, as ext4 with `errors=remount-ro` does after an
//! error; later it is mounted again and can be written.
//!
//! `read_only_card.sh` beside this makes the card: a file with an ext4 file system, mounted over a loop
//! device, with the temporary folder on it. Without it there is no card, so `cargo test` ignores the
//! test.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Instant;

use crate::chance::{Chance, pass, rounds};
use crate::editor::{Editor, End, Progress};
use crate::household::{Household, edit_during, succeeds};
use crate::support::connection::TIMEOUT;
use crate::support::server::{Installation, Server};
use crate::support::stored_data::{check_integrity, words};
use crate::view::{View, sign_in};

/// How long after the first edit the card fails at the latest.
const LATEST: std::time::Duration = std::time::Duration::from_millis(60);

/// The card: an image of a file system, and where it is mounted.
struct Card {
    folder: PathBuf,
    mount: PathBuf,
    number: u32,
}

impl Card {
    /// The one that the script made.
    fn found() -> Self {
        let folder = std::env::var_os("MSNPD_CARD");
        let folder = folder.expect("MSNPD_CARD: run tests/endurance/read_only_card.sh");
        let folder = PathBuf::from(folder);
        Self { mount: folder.join("card"), folder, number: 0 }
    }

    fn image(&self) -> PathBuf {
        self.folder.join(format!("image.{}", self.number))
    }

    fn device(&self) -> String {
        let found = Command::new("findmnt").args(["-no", "SOURCE", words(&self.mount)]).output();
        let found = String::from_utf8(found.expect("running findmnt").stdout).expect("text");
        // What is mounted last is on top.
        found.lines().last().expect("a mounted device").to_owned()
    }

    /// Makes the file system fail, between two system calls of the server. While ext4 stops, Linux (6.18)
    /// lets a running `fdatasync` succeed although new blocks are missing after the next mount. No
    /// program can detect that.
    fn turn_read_only(&self, server: &Server) {
        pause(server);
        self.meet_an_error();
        server.signal("CONT");
    }

    fn meet_an_error(&self) {
        let device = self.device();
        let name = Path::new(&device).file_name().expect("a name").to_owned();
        let trigger = Path::new("/sys/fs/ext4").join(name).join("trigger_fs_error");
        fs::write(&trigger, "1").unwrap_or_else(|why| panic!("{}: {why}", trigger.display()));
        let probe = fs::write(self.mount.join("probe"), "");
        assert!(probe.is_err(), "the card can still be written");
    }

    /// Takes the card out, repairs it and mounts it again. The server still has the failed card open, which
    /// does not change: the mounted one is a copy.
    fn mount_again(&mut self) {
        run("sync", &[]);
        let before = self.image();
        self.number += 1;
        let image = self.image();
        run("cp", &["--sparse=always", words(&before), words(&image)]);
        run("umount", &["--lazy", words(&self.mount)]);
        // 1: errors were corrected.
        let checked = Command::new("e2fsck").args(["-fy", words(&image)]).output();
        let checked = checked.expect("running e2fsck");
        assert!(matches!(checked.status.code(), Some(0 | 1)), "{checked:?}");
        run("mount", &["-o", "loop,errors=remount-ro", words(&image), words(&self.mount)]);
        fs::remove_file(before).expect("removing the image of the card that failed");
    }
}

/// Stops all threads of the server until it is sent `CONT`: none of them is in a system call then.
fn pause(server: &Server) {
    server.signal("STOP");
    let threads = format!("/proc/{}/task", server.process.id());
    let is_stopped = || {
        fs::read_dir(&threads).expect("its threads").all(|thread| {
            let stat = fs::read_to_string(thread.expect("a thread").path().join("stat"));
            // Behind the name. A thread that is gone has no file.
            stat.map_or(true, |stat| {
                stat.rsplit(") ").next().is_some_and(|rest| rest.starts_with('T'))
            })
        })
    };
    let begin = Instant::now();
    while !is_stopped() {
        assert!(begin.elapsed() < TIMEOUT, "the server does not stop");
        std::thread::yield_now();
    }
}

fn run(program: &str, arguments: &[&str]) {
    let done = Command::new(program).args(arguments).output();
    let done = done.unwrap_or_else(|why| panic!("{program}: {why}"));
    assert!(done.status.success(), "{program} {arguments:?}: {done:?}");
}

fn progress(editors: &[Editor]) -> Vec<Arc<Progress>> {
    editors.iter().map(|editor| editor.progress.clone()).collect()
}

/// Waits until each editor has come further by one answer, or by one refusal.
fn wait(progress: &[Arc<Progress>], further: impl Fn(&Progress) -> usize) {
    let before: Vec<_> = progress.iter().map(|one| further(one)).collect();
    let begin = Instant::now();
    while progress.iter().zip(&before).any(|(one, before)| further(one) == *before) {
        assert!(begin.elapsed() < TIMEOUT, "nothing comes of the edits");
        std::thread::yield_now();
    }
}

/// Checks that everything that only reads works, and that the reason for the other failures is reported.
fn everything_is_read(installation: &Installation, server: &Server, elsewhere: &Path) {
    for who in ["stranger0", "stranger1"] {
        let (mut ns, name) = sign_in(server, who);
        View::of(&mut ns, name);
    }
    let backup = elsewhere.join("all.backup");
    succeeds(installation, &["backup", words(&backup), "--with-key"]);
    succeeds(installation, &["user", "list"]);
    succeeds(installation, &["export", "-"]);
    check_integrity(installation);
    let status = succeeds(installation, &["status"]).stdout;
    assert!(status.contains("the store has been unwritable"), "{status}");
    let json = succeeds(installation, &["status", "--json"]).stdout;
    assert!(json.contains("\"why\""), "{json}");
    let checked = installation.run(&["check"]);
    assert_ne!(checked.code, Some(0), "{checked:?}");
    assert!(checked.stdout.contains("Read-only file system"), "{checked:?}");
    assert!(checked.stdout.contains("has been unable to write it"), "{checked:?}");
    let renamed = installation.run(&["user", "rename", "alice", "Alice"]);
    assert!(renamed.expect_failure(7).contains("the file system is read-only"), "{renamed:?}");
}

/// Commands find the server again.
fn is_reached(installation: &Installation) {
    let begin = Instant::now();
    while installation.run(&["status"]).code != Some(0) {
        assert!(begin.elapsed() < TIMEOUT, "no command reaches the server");
    }
}

#[test]
#[ignore = "it needs a loop device and root: tests/endurance/read_only_card.sh"]
fn a_card_that_turns_read_only_stays_readable_and_is_written_again_without_a_restart() {
    let mut chance = Chance::new();
    let mut card = Card::found();
    let mut household = Household::with_strangers(2);
    let elsewhere = card.folder.clone();
    // The configuration is no part of what is tested.
    run("sync", &["--file-system", words(&card.mount)]);
    let (mut answered, mut refused) = (0, 0);
    for round in 1..=rounds(2) {
        chance.round(round);
        let (server, mut editors) = household.start();
        for editor in &mut editors {
            // What came of an edit is known before the next one is thought of.
            editor.ahead = 1;
        }
        let progress = progress(&editors);
        let (_, ends) = edit_during(&mut editors, &mut chance.rng, |rng| {
            wait(&progress, |one| one.answered.load(Ordering::Relaxed));
            pass(rng, LATEST);
            card.turn_read_only(&server);
            wait(&progress, |one| one.failed.load(Ordering::Relaxed));
        });
        assert_eq!(ends, [End::Stopped; 4]);
        everything_is_read(&household.installation, &server, &elsewhere);

        card.mount_again();
        let failed = |editors: &[Editor]| -> usize {
            editors.iter().map(|editor| editor.progress.failed.load(Ordering::Relaxed)).sum()
        };
        let before = failed(&editors);
        let (_, ends) = edit_during(&mut editors, &mut chance.rng, |_| {
            wait(&progress, |one| one.answered.load(Ordering::Relaxed));
        });
        assert_eq!(ends, [End::Stopped; 4]);
        assert_eq!(failed(&editors), before, "the card can be written again");
        is_reached(&household.installation);
        check_integrity(&household.installation);
        let status = succeeds(&household.installation, &["status"]).stdout;
        assert!(!status.contains("unwritable"), "{status}");
        answered += progress.iter().map(|one| one.answered.load(Ordering::Relaxed)).sum::<usize>();
        refused += before;
        household.sign_off(editors);
        // What was acknowledged is on the card: the next start compares.
        server.stop();
    }
    household.start().0.stop();
    println!("{answered} edits were acknowledged, {refused} were refused on a read-only card");
}
