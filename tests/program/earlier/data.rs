//! The files, and their contents.

use std::fs;
use std::path::{Path, PathBuf};

use crate::support::operator::Outcome;
use crate::support::server::Installation;

/// The renamed keys of the configuration, each with its new name, which the warning must contain.
pub(crate) const RENAMED: [(&str, &str); 1] = [("repeated_blp", "repeated")];

/// All accounts, with their passwords.
pub(crate) const EVERYBODY: [(&str, &str); 4] = [
    ("alice@hotmail.com", "secret"),
    ("bob@hotmail.com", "0123456789abcdef"),
    ("carol@example.com", "x"),
    ("mallory@hotmail.com", "!#$%&'()*+,-./:;"),
];

/// The output of `user list`.
pub(crate) const LISTED: &str = "\
alice@hotmail.com    Zoë 日本語
bob@hotmail.com      Bob B.
carol@example.com    carol@example.com
mallory@hotmail.com  Mallory
greeter@hotmail.com  Greeter  (Greeter, the built-in contact)
";

/// The administrator's password.
pub(crate) const ADMINISTRATOR: &str = "jqrd3nnutx";

pub(crate) fn kept(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/program/earlier/web-at-8080").join(name)
}

/// The configuration with other ports: many tests run at the same time.
pub(crate) fn configuration() -> String {
    let text = fs::read_to_string(kept("config.ron")).expect("the configuration");
    [1863, 1864, 1865, 8080].iter().fold(text, |text, port| {
        let listen = format!("listen: \"0.0.0.0:{port}\"");
        assert!(text.contains(&listen), "{listen}");
        text.replace(&listen, "listen: \"127.0.0.1:0\"")
    })
}

/// Creates a machine with that configuration and these files in its data folder.
pub(crate) fn machine(files: &[&str]) -> Installation {
    let machine = Installation::configured(&[], &configuration());
    fs::create_dir_all(machine.data()).expect("a folder");
    for name in files {
        fs::copy(kept(name), machine.data().join(name)).expect("copying a file");
    }
    machine
}

/// The whole installation.
pub(crate) fn installation() -> Installation {
    machine(&["msnpd.redb", "msnpd.key", "msnpd.admin"])
}

/// Returns all accounts with lists and passwords, without the greeter, whose password is random, and without
/// the lines that explain the format.
pub(crate) fn accounts(text: &str) -> String {
    let text: String = text.split_inclusive('\n').filter(|line| !line.starts_with("//")).collect();
    let (before, rest) = text
        .split_once("        (\n            handle: \"greeter@")
        .expect("the account of Greeter");
    let (_, behind) = rest.split_once("        ),\n").expect("the end of that account");
    let (_, accounts) = before.split_once("accounts: [").expect("the accounts");
    format!("{accounts}{behind}")
}

/// Checks that an installation has everything and is valid.
pub(crate) fn has_everything(installation: &Installation) {
    let ok = |outcome: Outcome| {
        assert_eq!(outcome.code, Some(0), "{outcome:?}");
        outcome.stdout
    };
    assert_eq!(ok(installation.run(&["user", "list"])), LISTED);
    let exported = ok(installation.run(&["export", "-", "--with-passwords"]));
    let before = fs::read_to_string(kept("accounts.ron")).expect("the export");
    assert_eq!(accounts(&exported), accounts(&before));
    ok(installation.run(&["verify"]));
}
