//! `export` and `import`: accounts as text.

use std::fs;
use std::os::unix::fs::PermissionsExt;

use crate::cli::people::{connect, of};
use crate::support::conversation::{sign_in, sign_in_online};
use crate::support::operator::{Outcome, run_to_end};
use crate::support::server::Installation;

fn import(installation: &Installation, text: &str) -> Outcome {
    run_to_end(installation.program(&["import", "-"]), text.as_bytes())
}

fn export(installation: &Installation, arguments: &[&str]) -> String {
    let exported = installation.run(&[&["export", "-"], arguments].concat());
    assert_eq!(exported.code, Some(0), "{exported:?}");
    exported.stdout
}

/// Two accounts whose lists and settings differ from the defaults.
fn lively() -> Installation {
    let installation = of(&["alice", "bob"]);
    let server = installation.start();
    let mut alice = sign_in(connect(&server), "alice");
    for line in [
        "ADD 5 FL bob@example.com My%20bob",
        "ADD 5 AL bob@example.com My%20bob",
        "BLP 5 BL",
        "GTC 5 N",
    ] {
        alice.send_line(line);
        alice.expect_words("");
    }
    drop(alice);
    server.stop();
    installation
}

#[test]
fn an_export_can_be_read_by_people() {
    let installation = lively();
    let text = export(&installation, &["--with-passwords"]);
    assert_eq!(
        text,
        r#"// Accounts of msnpd; `msnpd import FILE` reads them.
// This file contains the passwords, unencrypted: keep it as safe as they are.
// version: the version of this file format.
// handle: the sign-in name.
// name: the friendly name, as others see it.
// others: whether users who are neither in `allow` nor in `block` see this user online and can
//   invite them: allow or block.
// when_added: what the client does when another user adds this one: ask, or stay silent.
// phones: the telephone numbers, as the user wrote them: home, work, mobile. Each is optional.
// profile: the entry in the member directory, so that others find this user by name: first, last, city,
//   state, and country in two letters. The last three are optional; without an entry, all is missing.
// groups: the names of the contact groups by their numbers, 0 to 29. A contact in no other group is
//   in group 0. They are missing if the user never had any.
// forward, allow, block: the contacts, the allowed and the blocked users, the oldest entry first. An entry
//   is a handle, or a handle with the name that the user gave it. A contact who is not in group 0 alone is
//   (handle: "…", name: "…", groups: [1, 3]); the name is optional.
// The reverse list is not part of the file: it follows from the forward lists of the others.
(
    version: 3,
    passwords: included,
    accounts: [
        (
            handle: "alice@example.com",
            name: "alice",
            password: Some("secret"),
            others: block,
            when_added: silent,
            forward: [
                ("bob@example.com", "My bob"),
            ],
            allow: [
                ("bob@example.com", "My bob"),
            ],
            block: [],
        ),
        (
            handle: "bob@example.com",
            name: "bob",
            password: Some("secret"),
            others: allow,
            when_added: ask,
            forward: [],
            allow: [],
            block: [],
        ),
    ],
)
"#
    );
    let without = export(&installation, &[]);
    assert!(!without.contains("secret"), "{without}");
    assert!(without.contains("passwords: left_out,"), "{without}");
    let file = installation.directory.path().join("accounts.ron");
    let written = installation.run(&["export", file.to_str().expect("a path of words")]);
    assert_eq!(written.stderr, "2 accounts exported, without passwords\n");
    assert_eq!(fs::read_to_string(&file).expect("the export"), without);
    assert_eq!(fs::metadata(&file).expect("the export").permissions().mode() & 0o777, 0o600);
}

#[test]
fn an_import_makes_the_same_accounts() {
    let text = export(&lively(), &["--with-passwords"]);
    let stopped = of(&[]);
    assert_eq!(import(&stopped, &text).stderr, "2 accounts imported\n");
    assert_eq!(export(&stopped, &["--with-passwords"]), text);
    let running = of(&[]);
    let server = running.start();
    assert_eq!(import(&running, &text).stderr, "2 accounts imported\n");
    assert_eq!(export(&running, &["--with-passwords"]), text);
    drop(sign_in(connect(&server), "alice"));
    server.stop();
    assert_eq!(stopped.run(&["verify"]).stdout, running.run(&["verify"]).stdout);
}

#[test]
fn many_accounts_are_imported_in_batches() {
    let handle = |number: usize| format!("user{:03}@example.com", number % 250);
    let account = |number: usize| {
        let contacts: Vec<String> =
            (1..4).map(|next| format!("\"{}\"", handle(number + next))).collect();
        let contacts = contacts.join(", ");
        let lists = format!("forward: [{contacts}], allow: [{contacts}]");
        let handle = handle(number);
        format!("(handle: \"{handle}\", name: \"x\", password: \"secret\", {lists}),\n")
    };
    let accounts: String = (0..250).map(account).collect();
    let text = format!("(version: 2, passwords: included, accounts: [\n{accounts}])");
    let installation = of(&[]);
    let server = installation.start();
    let imported = import(&installation, &text);
    assert_eq!((&*imported.stdout, &*imported.stderr), ("", "250 accounts imported\n"));
    drop(sign_in(connect(&server), "user249"));
    let verified = installation.run(&["verify"]).stdout;
    assert!(verified.starts_with("250 accounts, 1500 list entries\n"), "{verified}");
    assert!(verified.contains("no faults"), "{verified}");
    assert!(!installation.run(&["user", "list"]).stdout.contains("disabled"));
    let again = import(&installation, &text);
    assert_eq!(again.stderr, "0 accounts imported\n");
    assert_eq!(again.stdout.lines().count(), 250);
    // The last account is wrong, so none is created.
    let wrong = text.replace("user249@example.com\", name", "wrong\", name");
    let empty = of(&[]);
    import(&empty, &wrong).expect_failure(1);
    assert_eq!(empty.run(&["user", "list"]).stdout, "");
    server.stop();
}

#[test]
fn existing_accounts_stay_and_impossible_entries_are_reported() {
    let installation = of(&["alice", "carol"]);
    let server = installation.start();
    let mut alice = sign_in_online(&server, "alice");
    let text = r#"(version: 1, passwords: left_out, accounts: [
        (handle: "alice@example.com", name: "Mallory"),
        (handle: "bob@example.com", name: "Bob", forward: ["alice@example.com", "ghost@example.com"]),
    ])"#;
    let imported = import(&installation, text);
    assert_eq!(imported.code, Some(0), "{imported:?}");
    assert_eq!(
        imported.stdout,
        "alice@example.com: the account exists already and stays unchanged\n\
         bob@example.com: the file has no password: set one with `user passwd`\n\
         bob@example.com: ghost@example.com was left out of a list\n"
    );
    assert_eq!(imported.stderr, "1 account imported\n");
    let words = alice.expect_words("ADD 0 RL ");
    assert_eq!(words[1..], ["bob@example.com", "Bob"]);
    let listed = installation.run(&["user", "list"]);
    assert!(listed.stdout.starts_with("alice@example.com  alice\nbob@example.com"), "{listed:?}");
    drop(alice);
    server.stop();
}

#[test]
fn stored_names_that_cannot_be_seen_are_kept_and_verify_names_them() {
    let text = r#"(version: 1, passwords: left_out, accounts: [
        (handle: "alice@example.com", name: "\u{a0}", forward: [("bob@example.com", "B\u{200b}ob")]),
        (handle: "bob@example.com", name: "\u{202e}boB"),
        (handle: "carol@example.com", name: "می\u{200c}خواهم"),
    ])"#;
    let installation = of(&[]);
    let imported = import(&installation, text);
    assert_eq!(imported.stderr, "3 accounts imported\n", "{imported:?}");
    let before = export(&installation, &[]);
    let verified = installation.run(&["verify"]);
    assert_eq!(verified.code, Some(0), "{verified:?}");
    let words = "has invisible characters or only spaces";
    for line in [
        "the store has no faults".to_owned(),
        format!(
            "note: the friendly name of alice@example.com {words}: `msnpd user rename` gives \
             another one"
        ),
        format!(
            "note: the friendly name of bob@example.com {words}: `msnpd user rename` gives \
             another one"
        ),
        format!("note: alice@example.com calls bob@example.com by a name that {words}"),
    ] {
        assert!(verified.stdout.lines().any(|shown| shown == line), "{line}: {verified:?}");
    }
    assert!(!verified.stdout.contains("carol"), "{verified:?}");
    assert_eq!(export(&installation, &[]), before);
    let found = installation.run(&["verify", "--json"]);
    let found: serde_json::Value = serde_json::from_str(&found.stdout).expect("JSON");
    assert_eq!(found["notes"].as_array().map(Vec::len), Some(3));
}

#[test]
fn a_file_that_is_no_export_changes_nothing() {
    let installation = of(&["alice"]);
    let server = installation.start();
    for text in [
        "()",
        "(version: 1, passwords: left_out, accounts: [(handle: \"a b\", name: \"x\")])",
        "(version: 1, passwords: left_out, accounts: [(handle: \"a@b.c\", name: \"\")])",
        "(version: 1, passwords: included, accounts: [(handle: \"a@b.c\", name: \"a\", password: \
         \"\")])",
        "(version: 1, passwords: left_out, accounts: [(handle: \"a@b.c\", name: \"a\", nickname: \
         \"x\")])",
    ] {
        let refused = import(&installation, text);
        assert!(
            refused.expect_failure(1).contains("the file is not an export"),
            "{text}: {refused:?}"
        );
    }
    // The version is checked first, whatever else the file has.
    let later = "(version: 5, passwords: left_out, accounts: [(handle: \"a@b.c\", pet: [1])])";
    assert!(import(&installation, later).expect_failure(1).contains(
        "it was made by a later version of \
        msnpd"
    ));
    let deep = "[".repeat(100_000);
    assert!(import(&installation, &deep).expect_failure(1).contains("the file is not an export"));
    let neither = "is neither an export of msnpd nor a table with commas, semicolons or tabs; for a \
                   table of one column, use --format csv";
    let zip = "is a spreadsheet in a format of its own: save it as CSV, and import that file";
    for (bytes, words) in [
        (&b""[..], "is empty"),
        (b"\xef\xbb\xbf\r\n", "is empty"),
        (b"not an export", neither),
        (b"alice\nbob\n", neither),
        (b"\xff\xfe\n", neither),
        (b"msnpd backup\n\x02\x01", "is a backup: use `msnpd restore`"),
        (b"PK\x03\x04\x14\x00", zip),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", zip),
    ] {
        let refused = run_to_end(installation.program(&["import", "-"]), bytes);
        let message = format!("msnpd: the file {words}. Nothing was imported\n");
        assert_eq!(refused.expect_failure(1), message, "{}", bytes.escape_ascii());
    }
    let binary =
        run_to_end(installation.program(&["import", "-", "--format", "ron"]), b"\xff\xfe\n");
    assert!(binary.expect_failure(1).contains("it is not UTF-8 text"), "{binary:?}");
    let restored =
        run_to_end(installation.program(&["restore", "-"]), export(&installation, &[]).as_bytes());
    let message = "msnpd: the file is an export: use `msnpd import`. Nothing was changed\n";
    assert_eq!(restored.expect_failure(1), message);
    assert_eq!(installation.run(&["user", "list"]).stdout, "alice@example.com  alice\n");
    server.stop();
}

/// The rules are those of `msnpd user add`. `src/commands/account_file/table.rs` has more tests.
#[test]
fn a_table_is_imported_from_a_file_and_from_standard_input() {
    let expected =
        "alice@example.com  Alice \u{e4}\nbob@example.com    bob\ncarol@hotmail.com  Carol, C.\n";
    let text = "\u{feff}handle;name;password\r\nalice;Alice \u{e4};secret\r\nbob;;\r\n\
                carol@hotmail.com;\"Carol, C.\";secret\r\n";
    let windows: Vec<u8> =
        text.trim_start_matches('\u{feff}').chars().map(|letter| letter as u8).collect();
    let utf_16: Vec<u8> = text.encode_utf16().flat_map(u16::to_le_bytes).collect();
    let nameless = "bob@example.com: the file has no password: set one with `user passwd`\n";
    for (bytes, encoding) in
        [(text.as_bytes(), None), (&windows, Some("windows-1252")), (&utf_16, None)]
    {
        let note = encoding.map(|name| format!("the file is not UTF-8: it was read as {name}\n"));
        let said = format!("{}{nameless}", note.unwrap_or_default());
        for is_running in [false, true] {
            let installation = of(&[]);
            let server = is_running.then(|| installation.start());
            let imported = run_to_end(installation.program(&["import", "-"]), bytes);
            assert_eq!((imported.code, &imported.stdout), (Some(0), &said), "{imported:?}");
            assert_eq!(imported.stderr, "3 accounts imported\n");
            assert_eq!(installation.run(&["user", "list"]).stdout, expected);
            if let Some(server) = server {
                drop(sign_in(connect(&server), "alice"));
                server.stop();
            }
            let name = installation.directory.path().join("accounts.csv");
            fs::write(&name, bytes).expect("a file");
            let again = installation.run(&["import", name.to_str().expect("a path of words")]);
            assert_eq!(again.stderr, "0 accounts imported\n");
            assert_eq!(again.stdout.matches("the account exists already").count(), 3, "{again:?}");
        }
    }
}

#[test]
fn a_table_that_is_wrong_changes_nothing_and_names_file_line_and_column() {
    let installation = of(&[]);
    let name = installation.directory.path().join("accounts.csv");
    let name = name.to_str().expect("a path of words");
    let long = "alice,A,sesame-open-the-door\n";
    for (text, words) in [
        ("alice,A,secret\na b,B,secret\n", ", line 2, column 1: (handle) \"a b\""),
        (long, ", line 1, column 3: (password) a password has 1 to 16"),
        ("alice,,\nbob@other.org,,\n", " has bob@other.org, but new accounts can be in "),
        ("alice,,\nbob,,\nALICE,,\n", ", line 3: alice@example.com is in it twice. Nothing was"),
        ("ann,pw\n", ", line 1, column 2: is this the name or the password? "),
        ("(no table\n", ", line 1, column 1: (handle) \"(no table\" is not"),
    ] {
        fs::write(name, text).expect("a file");
        let refused = installation.run(&["import", name]);
        let start = format!("msnpd: {name}{words}");
        assert!(refused.expect_failure(1).starts_with(&start), "{start}: {refused:?}");
        assert!(refused.stderr.ends_with(". Nothing was imported\n"), "{refused:?}");
        assert!(!refused.stderr.contains("sesame"), "{refused:?}");
    }
    // If neither the name nor a separator shows the format, an option does.
    fs::write(name, "alice\nbob\n").expect("a file");
    let list = name.replace(".csv", ".txt");
    fs::copy(name, &list).expect("a copy");
    assert!(
        installation.run(&["import", &list]).expect_failure(1).contains("is neither an export ")
    );
    let imported = installation.run(&["import", &list, "--format", "csv"]);
    assert_eq!(imported.stderr, "2 accounts imported\n", "{imported:?}");
    let again = installation.run(&["import", name]);
    assert_eq!(again.stderr, "0 accounts imported\n", "{again:?}");
    let as_export = installation.run(&["import", name, "--format", "ron"]);
    assert!(as_export.expect_failure(1).contains("is not an export: "), "{as_export:?}");
    fs::write(name, "carol,C\0,secret\n").expect("a file");
    assert!(installation.run(&["import", name, "--format", "csv"]).expect_failure(1).contains(
        "it is not UTF-8 \
            text"
    ));
}

#[test]
fn an_account_of_a_table_has_the_greeter_as_a_new_one_has() {
    let servers = ["dispatch", "notification", "switchboard"]
        .map(|one| format!("{one}: (listen: \"127.0.0.1:0\"), "));
    let text = format!("({}domains: [\"example.com\"])", servers.concat());
    let installation = Installation::configured(&[], &text);
    let imported = import(&installation, "alice,Alice,secret\n");
    assert_eq!(imported.code, Some(0), "{imported:?}");
    let text = export(&installation, &[]);
    let (_, alice) = text.split_once("handle: \"alice@example.com\"").expect("her account");
    assert!(alice.split("handle: ").next().is_some_and(|one| one.contains("greeter@example.com")));
    let refused = import(&installation, "greeter,,secret\n");
    assert!(
        refused
            .expect_failure(1)
            .contains("line 1, column 1: (handle) greeter@example.com is Greeter")
    );
}

/// Returns a file with these accounts. The handle of each is its name.
fn file_of(handles: &[&str]) -> String {
    let account = |handle: &&str| format!("(handle: \"{handle}\", name: \"a\"),\n");
    let accounts: String = handles.iter().map(account).collect();
    format!("(version: 1, passwords: left_out, accounts: [\n{accounts}])")
}

#[test]
fn a_refusal_names_the_file_and_the_place_in_it() {
    let installation = of(&[]);
    let name = installation.directory.path().join("accounts.ron");
    let name = name.to_str().expect("a path of words");
    for (text, words) in [
        (
            file_of(&["a@b.cd", "a b"]),
            "is not an export: line 3, column 11: \"a b\" is not a valid sign-in name: ",
        ),
        (
            file_of(&["a@b.cd"]).replace("name: \"a\"", "name: a"),
            "is not an export: line 2, column 25: ",
        ),
        (file_of(&[]) + ")", "is not an export: line 2, column 3: "),
        (
            file_of(&["a@b.cd", "A@B.cd"]),
            "is not an export: a@b.cd is in it twice. Nothing was imported\n",
        ),
        (file_of(&["a@b.cd"]), "has a@b.cd, but new accounts can be in "),
    ] {
        fs::write(name, &text).expect("a file");
        let refused = installation.run(&["import", name]);
        let start = format!("msnpd: {name} {words}");
        assert!(refused.expect_failure(1).starts_with(&start), "{start}: {refused:?}");
        // Standard input has no name.
        let refused = import(&installation, &text);
        let start = format!("msnpd: the file {words}");
        assert!(refused.expect_failure(1).starts_with(&start), "{start}: {refused:?}");
    }
    assert_eq!(installation.run(&["user", "list"]).stdout, "");
}

#[test]
fn accounts_of_other_domains_are_imported_only_on_request() {
    let installation = of(&["alice"]);
    let server = installation.start();
    let text = file_of(&["bob@example.com", "carol@other.org", "dave@hotmail.com"]);
    let refused = import(&installation, &text);
    assert_eq!(
        refused.expect_failure(1),
        "msnpd: the file has carol@other.org, but new accounts can be in example.com, hotmail.com \
         only; --any-domain imports such accounts too. Nothing was imported\n"
    );
    assert_eq!(installation.run(&["user", "list"]).stdout, "alice@example.com  alice\n");
    let program = installation.program(&["import", "-", "--any-domain"]);
    let imported = run_to_end(program, text.as_bytes());
    assert_eq!(imported.stderr, "3 accounts imported\n", "{imported:?}");
    let listed = installation.run(&["user", "list"]).stdout;
    assert!(listed.contains("carol@other.org"), "{listed}");
    server.stop();
}

#[test]
fn reserved_handles_of_the_self_test_are_not_imported() {
    let installation = of(&[]);
    let text = file_of(&["alice@example.com", "msnpd-selftest-sally@example.com"]);
    let imported = import(&installation, &text);
    assert_eq!(imported.code, Some(0), "{imported:?}");
    assert_eq!(
        imported.stdout,
        "msnpd-selftest-sally@example.com: left out: names that begin with msnpd-selftest- are \
         reserved for `msnpd selftest`\n\
         alice@example.com: the file has no password: set one with `user passwd`\n"
    );
    assert_eq!(imported.stderr, "1 account imported\n");
    assert_eq!(installation.run(&["user", "list"]).stdout, "alice@example.com  a\n");
}

#[test]
fn handles_that_new_accounts_cannot_have_are_imported_only_on_request() {
    let installation = of(&["alice"]);
    let server = installation.start();
    let text = file_of(&["bob@example.com", "o'neil@example.com", "Dave@hotmail.com"]);
    let refused = import(&installation, &text);
    assert_eq!(
        refused.expect_failure(1),
        "msnpd: the file has o'neil@example.com, which is not valid for a new account: the \
         part before the @ may have only letters, digits and . _ + -; --any-handle imports such accounts too. Nothing was \
         imported\n"
    );
    assert_eq!(installation.run(&["user", "list"]).stdout, "alice@example.com  alice\n");
    let any_handle = |text: &str| {
        run_to_end(installation.program(&["import", "-", "--any-handle"]), text.as_bytes())
    };
    let elsewhere = any_handle(&file_of(&["o'neil@other.org"]));
    assert!(elsewhere.expect_failure(1).contains("--any-domain"), "each has its own switch");
    let imported = any_handle(&text);
    assert_eq!(imported.stderr, "3 accounts imported\n", "{imported:?}");
    // An existing account stays unchanged, whatever its handle is.
    assert_eq!(import(&installation, &text).stderr, "0 accounts imported\n");
    server.stop();
}

#[test]
fn verify_and_check_name_older_accounts_whose_handles_new_ones_cannot_have() {
    let installation = of(&["alice"]);
    let older = file_of(&["o'neil@example.com", "a..b@hotmail.com"]);
    let program = installation.program(&["import", "-", "--any-handle"]);
    assert_eq!(run_to_end(program, older.as_bytes()).code, Some(0));
    let looks = || {
        let verified = installation.run(&["verify"]);
        assert_eq!(verified.code, Some(0), "it is no fault: {verified:?}");
        assert_eq!(
            verified.stdout,
            "3 accounts, 0 list entries\nthe store has no faults\n\
             note: a..b@hotmail.com is not valid for a new account: the part before the @ has no two dots \
             in a row\n\
             note: o'neil@example.com is not valid for a new account: the part before the @ may have only \
             letters, digits and . _ + -\n"
        );
        let json = installation.run(&["verify", "--json"]).stdout;
        let json: serde_json::Value = serde_json::from_str(&json).expect("JSON");
        assert_eq!(json["notes"].as_array().map(Vec::len), Some(2), "{json}");
        let checked = installation.run(&["check"]).stdout;
        for handle in ["a..b@hotmail.com", "o'neil@example.com"] {
            let words = format!("note   accounts: {handle} is not valid for a new account: ");
            assert!(checked.contains(&words), "{checked}");
        }
        assert!(!checked.contains("alice"), "{checked}");
    };
    looks();
    let server = installation.start();
    looks();
    // They can sign in and be added as before.
    let backup = installation.directory.path().join("all.backup");
    let backup = backup.to_str().expect("a path of words");
    assert_eq!(installation.run(&["backup", backup]).code, Some(0));
    let mut alice = sign_in_online(&server, "alice");
    alice.send_line("ADD 5 FL o'neil@example.com o'neil");
    alice.expect_words("ADD 5 FL ");
    drop(alice);
    server.stop();
    assert_eq!(installation.run(&["restore", backup]).code, Some(0));
}
