//! If standard error cannot be written, the exit code and the effect of a command stay the same.

use std::net::TcpListener;
use std::os::unix::net::UnixDatagram;
use std::process::{Command, Stdio};
use std::time::Duration;

use crate::support::conversation::account;
use crate::support::operator::run_to_end;
use crate::support::server::Installation;

/// Only a failing test waits this long.
const TIMEOUT: Duration = Duration::from_secs(20);

/// Redirections of standard error that accept nothing.
const UNWRITABLE: [&str; 3] = ["2>/dev/full", "2>&-", "2>&1 1>&3 3>&- | true"];

/// The program in a shell, with its standard error redirected.
fn redirected(installation: &Installation, arguments: &[&str], how: &str) -> Command {
    let program = installation.program(arguments);
    let mut shell = Command::new("bash");
    // The exit code is that of the program, not of the pipe's reader.
    shell.args(["-c", &format!("exec 3>&1; \"$0\" \"$@\" {how}; exit ${{PIPESTATUS[0]}}")]);
    shell.arg(program.get_program()).args(program.get_args());
    shell.current_dir(installation.directory.path());
    shell.env_remove("MSNPD_DATA").env_remove("MSNPD_CONFIG").env_remove("NOTIFY_SOCKET");
    shell
}

#[test]
fn taken_ports_end_with_4() {
    let taken = TcpListener::bind("127.0.0.1:0").expect("a port");
    let address = taken.local_addr().expect("its address");
    let text = format!("(dispatch: (listen: \"{address}\"))");
    let installation = Installation::configured(&[], &text);
    for how in UNWRITABLE {
        let ended = run_to_end(redirected(&installation, &["run"], how), b"");
        assert_eq!(ended.code, Some(4), "{how}: {ended:?}");
    }
}

#[test]
fn every_command_ends_as_it_does_otherwise() {
    let installation = Installation::with_accounts(&[account("alice", None)]);
    for (arguments, code, stdout) in [
        // A result, a hint, a failure, wrong usage.
        (&["user", "rename", "alice", "Alice"] as &[&str], 0, ""),
        (&["user", "list"], 0, "alice@example.com  Alice\n"),
        (&["user", "remove", "ghost"], 1, ""),
        (&["kick", "alice"], 6, ""),
        (&["status"], 6, ""),
        (&["user", "frobnicate"], 2, ""),
        (&["client", "dns", "dnsmasq", "--address", "127.0.0.1"], 3, ""),
        (&["export", "-"], 0, "// Accounts of msnpd"),
        (&["passwd-admin", "--random-password"], 0, ""),
    ] {
        for how in UNWRITABLE {
            let ended = run_to_end(redirected(&installation, arguments, how), b"");
            assert_eq!(ended.code, Some(code), "{arguments:?} {how}: {ended:?}");
            assert!(ended.stdout.starts_with(stdout), "{arguments:?} {how}: {ended:?}");
        }
    }
}

#[test]
fn a_server_without_a_log_runs_and_stops() {
    let installation = Installation::with_accounts(&[account("alice", None)]);
    installation.configure("log: debug,");
    for how in UNWRITABLE {
        let socket = installation.directory.path().join(format!("notify{}", how.len()));
        let manager = UnixDatagram::bind(&socket).expect("a socket");
        manager.set_read_timeout(Some(TIMEOUT)).expect("a limit of time");
        let mut command = redirected(&installation, &["run"], how);
        command.env("NOTIFY_SOCKET", &socket).env_remove("WATCHDOG_USEC");
        let mut process =
            command.stdin(Stdio::null()).stdout(Stdio::null()).spawn().expect("starting msnpd run");
        let mut word = [0; 64];
        let length = manager.recv(&mut word).unwrap_or_else(|error| panic!("{how}: {error}"));
        assert_eq!(&word[..length], b"READY=1\n", "{how}");
        assert_eq!(installation.run(&["user", "rename", "alice", "A."]).code, Some(0), "{how}");
        assert_eq!(installation.run(&["reload"]).code, Some(0), "{how}");
        assert_eq!(installation.run(&["stop"]).code, Some(0), "{how}");
        assert_eq!(process.wait().expect("its end").code(), Some(0), "{how}");
    }
}
