//! The gate as a whole: what is legal on each server in each phase of MSNP2, and nothing else is.

use msnp::gate::{TABLE, admit};
use msnp::{Dialect, Phase, Server};

/// The commands that the gate lets through, in the order of the alphabet.
fn legal(server: Server, phase: Phase) -> String {
    let mut names: Vec<&str> = TABLE
        .iter()
        .map(|row| row.name)
        .filter(|name| admit(name.as_bytes(), server, phase, Dialect::Msnp2).is_ok())
        .collect();
    names.sort_unstable();
    names.dedup();
    names.join(" ")
}

#[test]
fn before_sign_in_a_dispatch_and_a_notification_server_take_the_same() {
    for server in [Server::Dispatch, Server::Notification] {
        // Gaim up to 0.43 begins with USR on the Notification Server; ayttm sends no INF.
        assert_eq!(legal(server, Phase::Fresh), "CVR INF OUT USR VER");
        assert_eq!(legal(server, Phase::Versioned), "CVR INF OUT USR");
        assert_eq!(legal(server, Phase::QueryOnly), "CVQ CVR OUT");
    }
}

#[test]
fn a_signed_in_user_has_lists_presence_and_services() {
    assert_eq!(
        legal(Server::Notification, Phase::SignedIn),
        "ADD BLP CHG CVR FND GTC LST OUT PNG REA REM SND SYN URL XFR"
    );
}

#[test]
fn nobody_is_signed_in_on_a_dispatch_server() {
    assert_eq!(legal(Server::Dispatch, Phase::SignedIn), "CVR OUT");
}

#[test]
fn a_switchboard_takes_an_introduction_and_then_a_conversation() {
    assert_eq!(legal(Server::Switchboard, Phase::Fresh), "ANS OUT USR");
    assert_eq!(legal(Server::Switchboard, Phase::SignedIn), "BYE CAL MSG OUT");
    for phase in [Phase::Versioned, Phase::QueryOnly] {
        assert_eq!(legal(Server::Switchboard, phase), "OUT");
    }
}
