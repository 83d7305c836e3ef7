//! Text files as editors write them: with a byte order mark, empty, or of comments alone.

use std::fs;

use crate::support::conversation::{PASSWORD, account};
use crate::support::operator::run_to_end;
use crate::support::server::Installation;

/// A text as Notepad saves it: as UTF-8, as Unicode, as Unicode big endian.
fn notepad(text: &str) -> [Vec<u8>; 3] {
    let text = text.replace('\n', "\r\n");
    let units = || text.encode_utf16();
    [
        [b"\xef\xbb\xbf", text.as_bytes()].concat(),
        [b"\xff\xfe".to_vec(), units().flat_map(u16::to_le_bytes).collect()].concat(),
        [b"\xfe\xff".to_vec(), units().flat_map(u16::to_be_bytes).collect()].concat(),
    ]
}

#[test]
fn a_configuration_of_notepad_is_read() {
    let installation = Installation::with_accounts(&[account("alice", None)]);
    let file = installation.configuration();
    let text = fs::read_to_string(&file).expect("config.ron");
    for bytes in notepad(&format!("// Zoë\n{text}")) {
        fs::write(&file, bytes).expect("writing config.ron");
        installation.start().stop();
        assert_eq!(installation.run(&["user", "list"]).stdout, "alice@example.com  alice\n");
        let checked = installation.run(&["check"]).stdout;
        let valid = format!("ok     configuration: {} is valid\n", file.display());
        assert!(checked.starts_with(&valid), "{checked}");
        let shown = installation.run(&["config", "show"]).stdout;
        let line = shown.lines().find(|line| line.starts_with("web ")).expect("a key");
        assert!(line.ends_with(&format!("{} line 6", file.display())), "{line}");
        // The existing file stays, and is read.
        assert_eq!(installation.run(&["init"]).code, Some(0));
    }
    // The error has the position that the editor shows.
    for bytes in notepad("(participants: 31)") {
        fs::write(&file, bytes).expect("writing config.ron");
        let refused = installation.run(&["user", "list"]);
        let words =
            "line 1, column 2, at `(participants: 31)`: participants must be between 2 and 30";
        assert!(refused.expect_failure(3).contains(words), "{refused:?}");
    }
    for bytes in notepad("(participantz: 3)") {
        fs::write(&file, bytes).expect("writing config.ron");
        let checked = installation.run(&["check"]).stdout;
        assert!(checked.contains("line 1: unknown key `participantz`"), "{checked}");
    }
}

#[test]
fn an_empty_configuration_is_the_built_in_one() {
    let installation = Installation::with_accounts(&[]);
    let file = installation.configuration();
    fs::write(&file, "()").expect("writing config.ron");
    let built_in = installation.run(&["config", "show"]);
    assert_eq!(built_in.code, Some(0), "{built_in:?}");
    for text in ["", "\n\n", "// (site: \"x\")\n/* (\n */\n"] {
        for bytes in notepad(text).into_iter().chain([text.as_bytes().to_vec()]) {
            fs::write(&file, &bytes).expect("writing config.ron");
            let shown = installation.run(&["config", "show"]);
            assert_eq!(shown.stdout, built_in.stdout, "{}", bytes.escape_ascii());
            let mut lines = shown.stdout.lines().filter(|line| !line.starts_with("data "));
            assert!(lines.all(|line| line.ends_with(" built in")), "{shown:?}");
        }
    }
}

#[test]
fn an_export_of_notepad_is_imported() {
    let installation = Installation::with_accounts(&[account("alice", Some("Zoë ♥"))]);
    let exported = installation.run(&["export", "-", "--with-passwords"]).stdout;
    for (number, bytes) in notepad(&exported).into_iter().enumerate() {
        let elsewhere = Installation::with_accounts(&[]);
        let file = elsewhere.directory.path().join("accounts.ron");
        fs::write(&file, &bytes).expect("writing the file");
        // From the file, then from standard input.
        let path = if number == 0 { file.to_str().expect("UTF-8") } else { "-" };
        let imported = run_to_end(elsewhere.program(&["import", path]), &bytes);
        assert_eq!(imported.code, Some(0), "{imported:?}");
        let again = elsewhere.run(&["export", "-", "--with-passwords"]).stdout;
        assert_eq!(again, exported);
    }
}

#[test]
fn a_password_of_notepad_is_read() {
    for bytes in notepad(&format!("{PASSWORD}\nmore\n")) {
        let installation = Installation::with_accounts(&[]);
        let added = run_to_end(installation.program(&["user", "add", "alice"]), &bytes);
        assert_eq!(added.code, Some(0), "{added:?}");
        let exported = installation.run(&["export", "-", "--with-passwords"]).stdout;
        assert!(exported.contains(&format!("password: Some({PASSWORD:?})")), "{exported}");
    }
}

#[test]
fn a_key_file_of_notepad_is_read() {
    let installation = Installation::with_accounts(&[account("alice", None)]);
    let file = installation.data().join("msnpd.key");
    let text = fs::read_to_string(&file).expect("the key");
    let exported = installation.run(&["export", "-", "--with-passwords"]).stdout;
    for bytes in notepad(&text) {
        fs::write(&file, bytes).expect("writing the key");
        assert_eq!(installation.run(&["export", "-", "--with-passwords"]).stdout, exported);
        let checked = installation.run(&["check"]).stdout;
        assert!(checked.contains("ok     store: "), "{checked}");
    }
}
