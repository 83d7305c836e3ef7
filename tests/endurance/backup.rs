//! Backups during edits, and interrupted backups.

use std::fs;
use std::os::unix::fs::MetadataExt;
use std::path::Path;
use std::process::Stdio;
use std::time::{Duration, Instant};

use crate::chance::{Chance, pass, rounds};
use crate::editor::End;
use crate::household::{Household, edit_during, succeeds};
use crate::support::server::Installation;
use crate::support::stored_data::{check_integrity, export_all, words};

/// More accounts, so that a backup takes longer.
const STRANGERS: usize = 40;

/// Restores a backup into a new store, which must be complete.
fn restored(file: &Path) -> Installation {
    let elsewhere = Installation::with_accounts(&[]);
    succeeds(&elsewhere, &["restore", words(file)]);
    check_integrity(&elsewhere);
    elsewhere
}

/// Identifies the file of this name: a new one may have the same bytes as the old one.
fn identity(file: &Path) -> u64 {
    fs::metadata(file).expect("a backup").ino()
}

#[test]
fn a_backup_under_load_shows_all_accounts_at_one_moment() {
    let mut chance = Chance::new();
    let mut household = Household::with_strangers(STRANGERS);
    let file = household.installation.directory.path().join("all.backup");
    for round in 1..=rounds(1) {
        chance.round(round);
        let (server, mut editors) = household.start();
        let installation = &household.installation;
        let ((begin, end), ends) = edit_during(&mut editors, &mut chance.rng, |rng| {
            pass(rng, Duration::from_millis(60));
            let begin = Instant::now();
            succeeds(installation, &["backup", words(&file), "--with-key"]);
            let end = Instant::now();
            // Later changes are not in it.
            pass(rng, Duration::from_millis(60));
            (begin, end)
        });
        assert_eq!(ends, [End::Stopped; 4]);
        household.sign_off(editors);

        let elsewhere = restored(&file);
        let copy = elsewhere.start();
        household.compare(&copy, |diary| diary.between(begin, end));
        copy.stop();
        server.stop();
    }
    household.start().0.stop();
}

#[test]
fn a_backup_of_a_store_at_rest_is_equal() {
    let mut chance = Chance::new();
    let mut household = Household::with_strangers(STRANGERS);
    let file = household.installation.directory.path().join("all.backup");
    let (server, mut editors) = household.start();
    edit_during(&mut editors, &mut chance.rng, |rng| pass(rng, Duration::from_millis(200)));
    household.sign_off(editors);
    succeeds(&household.installation, &["backup", words(&file), "--with-key"]);
    let before = export_all(&household.installation);
    assert_eq!(export_all(&restored(&file)), before);
    server.stop();
    assert_eq!(export_all(&household.installation), before);
}

#[test]
fn a_killed_backup_leaves_the_old_one_or_the_new_one() {
    let mut chance = Chance::new();
    let mut household = Household::with_strangers(STRANGERS);
    let file = household.installation.directory.path().join("all.backup");
    let (mut replaced, mut broken_off) = (0, 0);
    let begin = Instant::now();
    succeeds(&household.installation, &["backup", words(&file), "--with-key"]);
    let span = begin.elapsed();
    let mut old = identity(&file);
    let content = || fs::read(&file).expect("a backup");
    let mut old_content = content();
    for round in 1..=rounds(4) {
        chance.round(round);
        let (mut server, mut editors) = household.start();
        let kills_server = chance.rng.bool();
        let mut command = household.installation.program(&["backup", words(&file), "--with-key"]);
        let (status, ends) = edit_during(&mut editors, &mut chance.rng, |rng| {
            command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
            let mut command = command.spawn().expect("starting msnpd backup");
            pass(rng, span);
            let killed = if kills_server { &mut server.process } else { &mut command };
            killed.kill().expect("killing msnpd");
            let status = command.wait().expect("waiting for msnpd backup");
            if !kills_server {
                // The server continues.
                pass(rng, Duration::from_millis(20));
            }
            status
        });
        // A backup that has not begun does not notice that the server is gone.
        assert!(kills_server || ends == [End::Stopped; 4], "{ends:?}");
        household.sign_off(editors);
        if !kills_server {
            // Every user finds all data, also without a restart.
            let editors = household.sign_in(&server);
            household.sign_off(editors);
            check_integrity(&household.installation);
        }
        let new = identity(&file);
        if new != old {
            restored(&file);
            (old, old_content) = (new, content());
            replaced += 1;
        } else {
            assert_eq!(content(), old_content);
            assert!(!status.success(), "it was not made, and not said to have failed");
            broken_off += 1;
        }
    }
    household.start().0.stop();
    println!("{replaced} backups were made, {broken_off} were broken off");
}
