//! The administrator's password: `passwd-admin`, and a service without a password.

use std::fs;

use crate::cli::pages::{asked_for, base64, pages};
use crate::support::operator::{Outcome, run_to_end};
use crate::support::server::Installation;

const SERVERS: &str = "dispatch: (listen: \"127.0.0.1:0\"), notification: (listen: \
                       \"127.0.0.1:0\"), \
    switchboard: (listen: \"127.0.0.1:0\"), web: (listen: \"127.0.0.1:0\")";

fn installation() -> Installation {
    Installation::configured(&[], &format!("({SERVERS})"))
}

fn set(installation: &Installation, input: &[u8]) -> Outcome {
    run_to_end(installation.program(&["passwd-admin"]), input)
}

#[test]
fn a_service_makes_no_password_and_its_log_names_the_command_that_does() {
    let installation = installation();
    let server = installation.start();
    // Without a password, the page reports that, and does not ask for one.
    let answer = asked_for(pages(&server), "/status", "");
    assert!(answer.starts_with("HTTP/1.0 403 "), "{answer}");
    assert!(answer.contains("msnpd passwd-admin") && !answer.contains("WWW-Auth"), "{answer}");
    assert!(!installation.data().join("msnpd.admin").exists());
    let log = server.stop_and_read_log();
    let next = log.iter().find(|line| line.contains("administrator")).expect("a line").clone();
    let program = env!("CARGO_BIN_EXE_msnpd");
    let command = format!("{program} passwd-admin --config ");
    assert!(next.starts_with("INFO  next: set the administrator's password"), "{next}");
    assert!(next.contains(&command), "{next}");
    // No hint with a password. Without web pages a password has no use.
    assert_eq!(set(&installation, b"secret\n").code, Some(0));
    let log = installation.start().stop_and_read_log();
    assert!(!log.iter().any(|line| line.contains("administrator")), "{log:#?}");
    let log = Installation::with_accounts(&[]).start().stop_and_read_log();
    assert!(!log.iter().any(|line| line.contains("administrator")), "{log:#?}");
}

#[test]
fn the_password_is_set_while_the_server_runs_and_while_it_does_not() {
    let installation = installation();
    let opens = |installation: &Installation, password: &str, status: &str| {
        let server = installation.start();
        let code = base64(format!("admin:{password}").as_bytes());
        let answer = asked_for(pages(&server), "/status", &code);
        assert!(answer.starts_with(&format!("HTTP/1.0 {status} ")), "{password}: {answer}");
        server
    };
    // There is no data folder yet, and none is made.
    std::fs::remove_dir(installation.data()).expect("removing the data folder");
    assert!(
        set(&installation, b"secret\n")
            .expect_failure(5)
            .contains("does not exist: name the right one with --data")
    );
    assert!(!installation.data().exists());
    installation.start().stop();
    let first = set(&installation, b"before it runs\n");
    assert!(first.expect_failure(1).contains("1 to 64 characters"), "{first:?}");
    let first = set(&installation, b"before-it-runs\r\n");
    assert_eq!((first.code, first.stdout.as_str()), (Some(0), ""), "{first:?}");
    assert!(first.stderr.starts_with("the administrator's password is set"), "{first:?}");
    let server = opens(&installation, "before-it-runs", "200");
    let made = run_to_end(installation.program(&["passwd-admin", "--random-password"]), b"");
    let made = made.stdout.trim_end().to_owned();
    assert_eq!(made.len(), 10, "{made:?}");
    for (password, status) in [("before-it-runs", "401"), (made.as_str(), "200")] {
        let code = base64(format!("admin:{password}").as_bytes());
        let answer = asked_for(pages(&server), "/status", &code);
        assert!(answer.starts_with(&format!("HTTP/1.0 {status} ")), "{password}: {answer}");
    }
    server.stop();
    opens(&installation, &made, "200").stop();
}

#[test]
fn a_password_file_of_notepad_is_read() {
    let installation = installation();
    installation.start().stop();
    let file = installation.data().join("msnpd.admin");
    assert_eq!(set(&installation, b"\xef\xbb\xbfsecret\r\n").code, Some(0));
    // An editor has changed the file itself, too.
    let marked = [b"\xef\xbb\xbf", fs::read(&file).expect("the file").as_slice()].concat();
    fs::write(&file, marked).expect("writing it");
    let server = installation.start();
    let code = base64(b"admin:secret");
    assert!(asked_for(pages(&server), "/status", &code).starts_with("HTTP/1.0 200 "));
    server.stop();
}
