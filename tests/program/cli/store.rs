//! Only one program at a time has the store open. A store that cannot be used is reported and not changed.

use std::fs;
use std::net::TcpListener;

use crate::cli::passwords::signs_in;
use crate::support::conversation::{PASSWORD, account};
use crate::support::operator::run_to_end;
use crate::support::server::Installation;

fn with_alice() -> Installation {
    Installation::with_accounts(&[account("alice", None)])
}

#[test]
fn a_second_server_on_the_same_data_is_refused() {
    let installation = with_alice();
    let server = installation.start();
    // It has other ports: the system chooses them.
    let refused = installation.run(&["run"]);
    assert!(
        refused.expect_failure(7).contains("is the server running? Stop it first"),
        "{refused:?}"
    );
    assert!(!refused.stderr.contains("listening on"), "{refused:?}");
    assert_eq!(signs_in(&server, "alice@example.com", PASSWORD).as_deref(), Ok("alice"));
    server.stop();
    installation.start().stop();
}

#[test]
fn a_taken_port_ends_with_4_and_the_address() {
    let taken = TcpListener::bind("127.0.0.1:0").expect("a port");
    let address = taken.local_addr().expect("its address");
    for (key, title) in [
        ("dispatch", "Dispatch Server"),
        ("notification", "Notification Server"),
        ("switchboard", "Switchboard Server"),
    ] {
        let others = ["dispatch", "notification", "switchboard"].map(|one| {
            let listen = if one == key { address.to_string() } else { "127.0.0.1:0".to_owned() };
            format!("{one}: (listen: \"{listen}\"),")
        });
        let installation = Installation::configured(&[], &format!("({})", others.concat()));
        fs::remove_dir(installation.data()).expect("removing the data folder");
        let refused = installation.run(&["run"]);
        let message = refused.expect_failure(4).lines().last().expect("a message");
        assert!(message.contains(&format!("cannot listen on {address} ({title})")), "{message}");
        assert!(message.contains("another program uses this port"), "{message}");
        assert!(!refused.stderr.contains("listening on "), "{refused:?}");
        // Nothing was started.
        assert!(!installation.data().exists(), "{refused:?}");
    }
}

#[test]
fn an_address_of_another_machine_ends_with_4() {
    // 192.0.2.0/24 is reserved for documentation (RFC 5737).
    let text = "(dispatch: None, notification: (listen: \"192.0.2.99:0\"))";
    let refused = Installation::configured(&[], text).run(&["run"]);
    let message = refused.expect_failure(4);
    assert!(message.contains("cannot listen on 192.0.2.99:0 (Notification Server)"), "{message}");
    assert!(message.contains("this machine does not have this address"), "{message}");
}

/// Both the server and the commands refuse.
fn is_refused(installation: &Installation, words: &[&str]) {
    for arguments in [&["run"] as &[&str], &["user", "list"], &["user", "add", "bob"]] {
        let refused = run_to_end(installation.program(arguments), b"other\n");
        let message = refused.expect_failure(5).lines().last().expect("a message");
        for word in words {
            assert!(message.contains(word), "{arguments:?}: {word} is not in: {message}");
        }
    }
}

#[test]
fn a_damaged_store_ends_with_5() {
    let good = with_alice();
    let whole = fs::read(good.data().join("msnpd.redb")).expect("the store");
    let half = whole[..whole.len() / 2].to_vec();
    // All pages except the first are overwritten.
    let mut scratched = whole;
    scratched[4096..].fill(0xA5);
    for bytes in [Vec::new(), b"this is no store\n".repeat(500), half, scratched] {
        let installation = with_alice();
        let store = installation.data().join("msnpd.redb");
        fs::write(&store, &bytes).expect("damaging the store");
        is_refused(&installation, &["msnpd.redb", "damaged", "restore a backup"]);
        // The operator decides what to do with it.
        assert!(fs::read(&store).expect("the store") == bytes, "the store was changed");
    }
}

#[test]
fn a_missing_key_ends_with_5_and_none_is_made() {
    let installation = with_alice();
    let key = installation.data().join("msnpd.key");
    let kept = fs::read(&key).expect("the key");
    fs::remove_file(&key).expect("removing the key");
    is_refused(
        &installation,
        &[
            "msnpd.key",
            "is missing",
            "restore a backup that includes the \
        key",
        ],
    );
    assert!(!key.exists());
    fs::write(&key, kept).expect("putting the key back");
    let server = installation.start();
    assert!(signs_in(&server, "alice@example.com", PASSWORD).is_ok());
    server.stop();
}

#[test]
fn a_wrong_key_ends_with_5() {
    let other = with_alice();
    let others = fs::read(other.data().join("msnpd.key")).expect("another key");
    for bytes in [others, b"no key\n".to_vec(), Vec::new()] {
        let installation = with_alice();
        let key = installation.data().join("msnpd.key");
        let kept = fs::read(&key).expect("the key");
        fs::write(&key, &bytes).expect("writing the key");
        is_refused(
            &installation,
            &["msnpd.key", "does not fit the store", "restore a backup that includes the key"],
        );
        assert!(fs::read(&key).expect("the key") == bytes, "the key was changed");
        fs::write(&key, kept).expect("putting the key back");
        assert_eq!(installation.run(&["user", "list"]).stdout, "alice@example.com  alice\n");
    }
}

#[test]
fn a_data_folder_that_cannot_be_one_ends_with_5() {
    let installation = Installation::with_accounts(&[]);
    fs::remove_dir(installation.data()).expect("removing the data folder");
    fs::write(installation.data(), "a file").expect("writing a file");
    for arguments in [["user", "list"], ["user", "remove"]] {
        let mut arguments = arguments.to_vec();
        if arguments[1] == "remove" {
            arguments.push("alice");
        }
        let refused = installation.run(&arguments);
        let place = installation.data().display().to_string();
        assert!(refused.expect_failure(5).contains(&place), "{refused:?}");
    }
}
