//! The program as a systemd service: its messages on the socket in `NOTIFY_SOCKET`.

use crate::support::server::{Installation, Server};
use std::os::unix::net::UnixDatagram;
use std::time::Duration;

/// Only a failing test waits this long.
const TIMEOUT: Duration = Duration::from_secs(20);

fn listen(installation: &Installation) -> (UnixDatagram, std::path::PathBuf) {
    let path = installation.directory.path().join("notify");
    let socket = UnixDatagram::bind(&path).expect("binding a socket");
    socket.set_read_timeout(Some(TIMEOUT)).expect("a limit of time");
    (socket, path)
}

fn heard(socket: &UnixDatagram) -> String {
    let mut buffer = [0; 256];
    let length = socket.recv(&mut buffer).expect("a word of the server");
    String::from_utf8_lossy(buffer.get(..length).unwrap_or_default()).trim_end().to_owned()
}

#[test]
fn systemd_is_notified_of_readiness_and_of_the_stop() {
    let installation = Installation::with_accounts(&[]);
    let (socket, path) = listen(&installation);
    let mut program = installation.program(&["run"]);
    program.env("NOTIFY_SOCKET", &path).env_remove("WATCHDOG_USEC");
    let server = Server::start(program);
    assert_eq!(heard(&socket), "READY=1");
    server.stop();
    assert_eq!(heard(&socket), "STOPPING=1");
    socket.set_nonblocking(true).expect("no waiting");
    assert!(socket.recv(&mut [0; 256]).is_err(), "watchdog messages were not requested");
}

#[test]
fn a_watched_server_notifies_the_watchdog() {
    let installation = Installation::with_accounts(&[]);
    let (socket, path) = listen(&installation);
    let mut program = installation.program(&["run"]);
    program.env("NOTIFY_SOCKET", &path).env("WATCHDOG_USEC", "20000").env_remove("WATCHDOG_PID");
    let server = Server::start(program);
    let first: Vec<String> = (0..6).map(|_| heard(&socket)).collect();
    assert_eq!(first.iter().filter(|word| *word == "READY=1").count(), 1, "{first:?}");
    assert_eq!(first.iter().filter(|word| *word == "WATCHDOG=1").count(), 5, "{first:?}");
    server.stop();
}

#[test]
fn without_a_service_manager_it_runs_too() {
    let installation = Installation::with_accounts(&[]);
    let mut program = installation.program(&["run"]);
    program.env("NOTIFY_SOCKET", installation.directory.path().join("nobody"));
    Server::start(program).stop();
}
