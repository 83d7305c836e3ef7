//! `msnpd user`: the output of every command, its exit code, and what clients see afterwards.

use crate::cli::passwords::signs_in;
use crate::cli::people::connect;
use crate::support::connection::Connection;
use crate::support::conversation::{PASSWORD, account, sign_in, sign_in_online};
use crate::support::operator::{Outcome, run_to_end};
use crate::support::server::{Account, Installation};

/// Runs `user add` with a valid password on standard input.
fn add(installation: &Installation, arguments: &[&str]) -> Outcome {
    let all = [&["user", "add"], arguments].concat();
    run_to_end(installation.program(&all), b"secret\n")
}

fn no_accounts() -> Installation {
    Installation::with_accounts(&[])
}

/// Returns the friendly name in the answer to the sign-in.
fn greeting(installation: &Installation, handle: &str) -> String {
    let server = installation.start();
    let name = signs_in(&server, handle, PASSWORD).expect("the password is right");
    server.stop();
    name
}

/// Returns the lines of a client's lists, and its list version.
fn synchronise(ns: &mut Connection, known: u32) -> (u32, Vec<String>) {
    ns.send_line(&format!("SYN 8 {known}"));
    let version = ns.expect_words("SYN 8 ").remove(0).parse().expect("a list version");
    let mut lines = Vec::new();
    while !lines.last().is_some_and(|line: &String| line.starts_with("LST 8 RL ")) {
        lines.push(ns.next_line());
    }
    (version, lines)
}

#[test]
fn add_takes_a_handle_with_or_without_its_domain() {
    let installation = no_accounts();
    for (handle, full) in [
        ("alice", "alice@example.com"),
        ("bob@hotmail.com", "bob@hotmail.com"),
        ("Carol@Example.COM", "carol@example.com"),
    ] {
        let added = add(&installation, &[handle]);
        assert_eq!(added.code, Some(0), "{added:?}");
        assert_eq!(added.stdout, "");
        let folder = installation.data().display().to_string();
        let once = format!(
            "in the data folder {folder}. No server is running on it now: start one with `msnpd run --data {folder}`"
        );
        assert_eq!(added.stderr, format!("created the account {full} {once}\n"));
    }
    let listed = installation.run(&["user", "list"]);
    assert_eq!(
        listed.stdout,
        "alice@example.com  alice\nbob@hotmail.com    bob\ncarol@example.com  carol\n"
    );
}

#[test]
fn add_refuses_handles_reserved_for_the_self_test() {
    let installation = no_accounts();
    for handle in ["msnpd-selftest-abcdefghij", "MSNPD-Selftest-sally@hotmail.com"] {
        let refused = add(&installation, &[handle]);
        let words = "names that begin with msnpd-selftest- are reserved for `msnpd selftest`";
        assert!(refused.expect_failure(1).contains(words), "{refused:?}");
    }
    assert_eq!(installation.run(&["user", "list"]).stdout, "");
}

#[test]
fn add_makes_accounts_with_plain_handles_only() {
    let installation = no_accounts();
    let long = "x".repeat(65);
    for (handle, words) in [
        ("o'neil", "may have only letters, digits and . _ + -"),
        ("a/b", "may have only letters, digits and . _ + -"),
        ("~root", "may have only letters, digits and . _ + -"),
        ("$home@hotmail.com", "may have only letters, digits and . _ + -"),
        (".alice", "begins with a letter, a digit or _, and ends with one of them"),
        ("alice-", "begins with a letter, a digit or _, and ends with one of them"),
        ("a..b", "has no two dots in a row"),
        ("con.x", "Windows takes a file name that begins like that for a device"),
        (&long, "has at most 64 characters"),
    ] {
        let refused = add(&installation, &[handle]);
        let message = refused.expect_failure(1);
        assert!(message.contains("cannot create "), "{handle}: {message}");
        assert!(message.ends_with(&format!("{words}\n")), "{handle}: {message}");
    }
    assert_eq!(installation.run(&["user", "list"]).stdout, "");
    // An operator may create handles that visitors may not.
    for handle in ["admin", "Root", "postmaster", "support", "hotmail", "_a.b+c-d_", "con"] {
        assert_eq!(add(&installation, &[handle]).code, Some(0), "{handle}");
    }
}

#[test]
fn add_sets_the_requested_friendly_name() {
    let installation = no_accounts();
    add(&installation, &["alice", "--name", "Alice B. \u{c4}rger 100%"]);
    add(&installation, &["BoB"]);
    assert_eq!(greeting(&installation, "alice@example.com"), "Alice%20B.%20\u{c4}rger%20100%25");
    assert_eq!(greeting(&installation, "bob@example.com"), "bob");
}

#[test]
fn add_refuses_impossible_accounts() {
    let installation = no_accounts();
    let long_handle = format!("{}@example.com", "x".repeat(129));
    let long_name = "x".repeat(388);
    let umlauts = "\u{e4}".repeat(65);
    for (arguments, words) in [
        (&["alice@elsewhere.org"] as &[&str], "use example.com, hotmail.com"),
        (&["alice@"], "is not a valid sign-in name"),
        (&["@example.com"], "is not a valid sign-in name"),
        (&["a b"], "is not a valid sign-in name"),
        (&["a@b@example.com"], "is not a valid sign-in name"),
        (&[""], "is not a valid sign-in name"),
        (&[long_handle.as_str()], "more than 129 bytes"),
        (&["alice", "--name", ""], "a friendly name must not be empty"),
        (&["alice", "--name", &long_name], "at most 387 bytes"),
        (&["alice", "--name", &umlauts], "at most 387 bytes"),
        (&["alice", "--name", "a\tb"], "without control characters"),
        (&["alice", "--name", "  "], "no invisible or direction-changing characters"),
        (&["alice", "--name", "\u{a0}"], "has a visible character"),
        (&["alice", "--name", "Al\u{200b}ice"], "no invisible or direction-changing characters"),
        (&["alice", "--name", "\u{202e}ecilA"], "no invisible or direction-changing characters"),
        (&["alice", "--name", "Alice\u{200d}"], "no invisible or direction-changing characters"),
    ] {
        let refused = add(&installation, arguments);
        let message = refused.expect_failure(1);
        assert!(message.contains(words), "{arguments:?}: {message}");
        assert!(message.starts_with("msnpd: ") && message.lines().count() == 1, "{message}");
    }
    assert_eq!(installation.run(&["user", "list"]).stdout, "");
}

#[test]
fn add_refuses_a_handle_that_is_taken_and_leaves_it_alone() {
    let installation = Installation::with_accounts(&[account("alice", None)]);
    for handle in ["alice", "ALICE@example.com"] {
        let again = ["user", "add", handle, "--name", "Mallory"];
        let refused = run_to_end(installation.program(&again), b"other\n");
        let message = refused.expect_failure(1);
        assert!(message.contains("the account alice@example.com exists already"), "{message}");
    }
    let again = installation.run(&["user", "add", "alice", "--random-password"]);
    // Nothing on standard output: a script would read it as the password.
    again.expect_failure(1);
    assert_eq!(greeting(&installation, "alice@example.com"), "alice");
}

#[test]
fn commands_refuse_an_account_that_does_not_exist() {
    let installation = no_accounts();
    for arguments in [
        &["user", "passwd", "ghost"] as &[&str],
        &["user", "passwd", "ghost", "--random-password"],
        &["user", "rename", "ghost", "Boo"],
        &["user", "remove", "ghost"],
    ] {
        let refused = run_to_end(installation.program(arguments), b"secret\n");
        let folder = installation.data().display().to_string();
        let message = format!(
            "msnpd: no account ghost@example.com in the data folder {folder}: `msnpd user list` shows all \
             accounts\n"
        );
        assert_eq!(refused.expect_failure(1), message);
    }
}

#[test]
fn a_named_data_folder_that_does_not_exist_is_not_created() {
    let installation = no_accounts();
    let folder = installation.directory.path().join("mistyped");
    let folder = folder.to_str().expect("UTF-8");
    let program = |arguments: &[&str], is_variable: bool| {
        let mut command = std::process::Command::new(env!("CARGO_BIN_EXE_msnpd"));
        command.args(arguments).arg("--config").arg(installation.configuration());
        command.env_remove("MSNPD_CONFIG").env_remove("MSNPD_DATA").env_remove("RUST_LOG");
        match is_variable {
            true => command.env("MSNPD_DATA", folder),
            false => command.arg("--data").arg(folder),
        };
        run_to_end(command, b"secret\n")
    };
    let missing = format!(
        "msnpd: the data folder {folder} does not exist: name the right one with --data, or create it \
         with `msnpd init --data {folder}`\n"
    );
    for is_variable in [false, true] {
        for arguments in [&["user", "add", "alice"] as &[&str], &["deny", "203.0.113.5"]] {
            assert_eq!(program(arguments, is_variable).expect_failure(5), missing);
        }
        let gone = program(&["user", "remove", "alice"], is_variable);
        let words =
            format!("no account alice@example.com in the data folder {folder}, which does not");
        assert!(gone.expect_failure(1).contains(&words), "{gone:?}");
        let listed = program(&["user", "list"], is_variable);
        assert_eq!((listed.code, listed.stdout.as_str()), (Some(0), ""));
        let words =
            format!("no accounts yet: the data folder {folder} does not exist. Name another one");
        assert!(listed.stderr.starts_with(&words), "{listed:?}");
    }
    assert!(!std::path::Path::new(folder).exists());
    // An import may be into a new folder.
    let imported = program(&["import", "/dev/null", "--format", "csv"], false);
    assert!(imported.expect_failure(1).starts_with(&format!("created the data folder {folder}\n")));
}

#[test]
fn rename_changes_the_name_that_all_users_see() {
    let installation =
        Installation::with_accounts(&[account("alice", None), account("bob", Some("Bob"))]);
    let server = installation.start();
    let mut alice = sign_in(connect(&server), "alice");
    alice.send_line("ADD 5 FL bob@example.com bob@example.com");
    let before: u32 = alice.expect_words("ADD 5 FL ").remove(0).parse().expect("a version");
    drop(alice);
    server.stop();

    let renamed = installation.run(&["user", "rename", "bob", "Bob the Second"]);
    assert_eq!(renamed.code, Some(0), "{renamed:?}");
    assert_eq!(renamed.stderr, "bob@example.com is now called Bob the Second\n");
    let message = installation.run(&["user", "rename", "bob", ""]);
    assert!(message.expect_failure(1).contains("a friendly name must not be empty"));
    let message = installation.run(&["user", "rename", "bob", "B\u{2066}ob"]);
    assert!(message.expect_failure(1).contains("no invisible or direction-changing characters"));

    let server = installation.start();
    let name = signs_in(&server, "bob@example.com", PASSWORD);
    assert_eq!(name.as_deref(), Ok("Bob%20the%20Second"));
    let mut alice = sign_in(connect(&server), "alice");
    let (_, lists) = synchronise(&mut alice, before - 1);
    let entry = format!("LST 8 FL {before} 1 1 bob@example.com Bob%20the%20Second");
    assert!(lists.contains(&entry), "{lists:?}");
    drop(alice);
    server.stop();
}

#[test]
fn remove_takes_the_account_off_all_lists() {
    let accounts: Vec<Account> = ["alice", "bob", "carol"].map(|who| account(who, None)).into();
    let installation = Installation::with_accounts(&accounts);
    let server = installation.start();
    // alice has bob on FL and AL, and bob has alice on FL. carol has blocked bob.
    let mut alice = sign_in(connect(&server), "alice");
    alice.send_line("ADD 5 FL bob@example.com bob");
    alice.expect_words("ADD 5 FL ");
    alice.send_line("ADD 6 AL bob@example.com bob");
    alice.expect_words("ADD 6 AL ");
    let mut bob = sign_in(connect(&server), "bob");
    bob.send_line("ADD 5 FL alice@example.com alice");
    bob.expect_words("ADD 5 FL ");
    let mut carol = sign_in(connect(&server), "carol");
    carol.send_line("ADD 5 BL bob@example.com bob");
    carol.expect_words("ADD 5 BL ");
    let versions = [&mut alice, &mut carol].map(|ns| synchronise(ns, 0));
    assert_eq!(versions[0].1.iter().filter(|line| line.contains("bob@")).count(), 3);
    assert_eq!(versions[1].1.iter().filter(|line| line.contains("bob@")).count(), 1);
    drop((alice, bob, carol));
    server.stop();

    let removed = installation.run(&["user", "remove", "bob"]);
    assert_eq!(removed.code, Some(0), "{removed:?}");
    assert_eq!(removed.stderr, "bob@example.com is removed, also from the lists of other users\n");
    let listed = installation.run(&["user", "list"]);
    assert_eq!(listed.stdout, "alice@example.com  alice\ncarol@example.com  carol\n");

    let server = installation.start();
    for (who, (before, _)) in ["alice", "carol"].iter().zip(versions) {
        let mut ns = sign_in(connect(&server), who);
        // The client's version is out of date, so the server sends the lists.
        let (version, lists) = synchronise(&mut ns, before);
        assert!(version > before, "{who}: {version} after {before}");
        assert!(!lists.iter().any(|line| line.contains("bob@")), "{who}: {lists:?}");
    }
    assert_eq!(signs_in(&server, "bob@example.com", PASSWORD), Err("911 2".to_owned()));
    let mut alice = sign_in_online(&server, "alice");
    alice.send_line("ADD 9 FL bob@example.com bob");
    alice.expect("205 9");
    drop(alice);
    server.stop();
}

#[test]
fn list_is_for_people_and_with_json_for_scripts() {
    let installation = no_accounts();
    let empty = installation.run(&["user", "list"]);
    assert_eq!((empty.code, empty.stdout.as_str()), (Some(0), ""));
    assert!(empty.stderr.starts_with("no accounts yet"), "{}", empty.stderr);
    let empty = installation.run(&["user", "list", "--json"]);
    assert_eq!((empty.code, empty.stdout.as_str()), (Some(0), "[]\n"));

    add(&installation, &["bob@hotmail.com", "--name", "Bob \"B\" \u{e9}"]);
    add(&installation, &["alice"]);
    let listed = installation.run(&["user", "list"]);
    assert_eq!(listed.stdout, "alice@example.com  alice\nbob@hotmail.com    Bob \"B\" \u{e9}\n");
    let folder = installation.data().display().to_string();
    let alone = format!("data folder: {folder}; no server is using it\n");
    assert_eq!(listed.stderr, alone);
    let listed = installation.run(&["user", "list", "--json"]);
    let rows: serde_json::Value = serde_json::from_str(&listed.stdout).expect("JSON");
    assert_eq!(
        rows,
        serde_json::json!([
            { "handle": "alice@example.com", "name": "alice", "disabled": false },
            { "handle": "bob@hotmail.com", "name": "Bob \"B\" \u{e9}", "disabled": false },
        ])
    );
}

#[test]
fn wrong_usage_ends_with_2_and_shows_the_usage() {
    let installation = no_accounts();
    for arguments in [
        &["user", "add", "alice", "secret"] as &[&str],
        &["user", "add", "alice", "--password", "secret"],
        &["user", "passwd", "alice", "secret"],
        &["user", "add"],
        &["user", "rename", "alice"],
        &["user", "remove"],
        &["user"],
        &["frobnicate"],
        &["--frobnicate"],
        &["run", "fast"],
    ] {
        let refused = installation.run(arguments);
        let message = refused.expect_failure(2);
        assert!(message.contains("Usage: msnpd"), "{arguments:?}: {message}");
    }
    assert_eq!(installation.run(&["user", "list"]).stdout, "");
}

#[test]
fn help_and_version_end_with_0() {
    let installation = no_accounts();
    let help = run_to_end(installation.program(&["--help"]), b"");
    assert_eq!(help.code, Some(0));
    for word in ["run", "user", "--config", "--data", "MSNPD_CONFIG", "MSNPD_DATA"] {
        assert!(help.stdout.contains(word), "{word} is not in:\n{}", help.stdout);
    }
    let version = run_to_end(installation.program(&["--version"]), b"");
    assert_eq!(version.stdout, concat!("msnpd ", env!("CARGO_PKG_VERSION"), "\n"));
}
