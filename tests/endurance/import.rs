//! An import that is broken off leaves whole accounts, and the same import again does the rest.

use std::collections::HashSet;
use std::fs;
use std::path::PathBuf;
use std::process::Stdio;
use std::time::Instant;

use crate::chance::{Chance, pass, rounds};
use crate::household::succeeds;
use crate::support::conversation::PASSWORD;
use crate::support::server::Installation;
use crate::support::stored_data::{check_integrity, export_all, words};

/// More than one batch of 100.
const ACCOUNTS: usize = 330;

/// How many of them have each other on their lists. Some of these circles are in two batches.
const CIRCLE: usize = 11;

/// The beginning of an account in an export.
const ACCOUNT: &str = "\n        (\n";

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

/// Writes a file with all accounts.
fn file(installation: &Installation) -> PathBuf {
    let handle = |number: usize| format!("user{number}@example.com");
    let mut text = "(version: 1, passwords: included, accounts: [\n".to_owned();
    for number in 0..ACCOUNTS {
        let first = number - number % CIRCLE;
        let friends = (first..first + CIRCLE).filter(|friend| *friend != number);
        let friends: Vec<String> = friends.map(handle).collect();
        text += &format!(
            "(handle: {:?}, name: \"{number}\", password: \"{PASSWORD}\", forward: {friends:?}, allow: {friends:?}),\n",
            handle(number),
        );
    }
    text += "])";
    let file = installation.directory.path().join("accounts.ron");
    fs::write(&file, text).expect("writing the accounts");
    file
}

/// The accounts of an export, as text.
fn accounts(export: &str) -> Vec<&str> {
    // Without an account, the list has no lines.
    let list = export.rsplit_once("\n    ],").map_or("", |(list, _)| list);
    list.split(ACCOUNT).skip(1).collect()
}

#[test]
fn the_same_import_again_completes_a_killed_one() {
    let mut chance = Chance::new();
    let whole = Installation::with_accounts(&[]);
    let begin = Instant::now();
    succeeds(&whole, &["import", words(&file(&whole))]);
    let span = begin.elapsed();
    let content = export_all(&whole);
    let complete: HashSet<&str> = accounts(&content).into_iter().collect();
    assert_eq!(complete.len(), ACCOUNTS);
    let (mut were_done, mut were_not) = (0, 0);
    for round in 1..=rounds(6) {
        chance.round(round);
        let victim = [Victim::Command, Victim::Server, Victim::CommandAlone][round as usize % 3];
        let installation = Installation::with_accounts(&[]);
        let file = file(&installation);
        let mut server = match victim {
            Victim::Command | Victim::Server => Some(installation.start()),
            Victim::CommandAlone => None,
        };
        let mut command = installation.program(&["import", words(&file)]);
        command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
        let mut command = command.spawn().expect("starting msnpd import");
        pass(&mut chance.rng, span);
        let killed = match (victim, &mut server) {
            (Victim::Server, Some(server)) => &mut server.process,
            _ => &mut command,
        };
        killed.kill().expect("killing msnpd");
        let status = command.wait().expect("waiting for msnpd import");
        // Dropped, it is waited for.
        drop(server);
        check_integrity(&installation);
        let left = export_all(&installation);
        let of_batches = accounts(&left).into_iter();
        let (done, not_done): (Vec<_>, Vec<_>) =
            of_batches.partition(|account| complete.contains(account));
        for account in &not_done {
            let is_disabled = account.contains("its import was interrupted");
            assert!(is_disabled && account.contains("forward: []"), "half an account: {account}");
        }
        assert!(!status.success() || done.len() == ACCOUNTS, "{victim:?}: it was said to be done");
        if done.len() == ACCOUNTS {
            were_done += 1;
        } else {
            were_not += 1;
        }
        succeeds(&installation, &["import", words(&file)]);
        check_integrity(&installation);
        assert!(export_all(&installation) == content, "{victim:?}: it is not as after one import");
    }
    println!("{were_done} imports were done, {were_not} were not");
}
