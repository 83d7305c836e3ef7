//! The log lines about ends of connections.

use crate::support::{PEER, Probe, World, end_lines, pass, record_log, seconds, settle};
use actors::EndReason;
use actors::connection::start;
use actors::limit::Limits;
use actors::notification::Session;

fn from(world: &World, peer: &str) -> Probe<Session> {
    world.connect_from(peer, 1024, "192.0.2.1", |link| start(Session::new(link))).unwrap()
}

#[test]
fn ordinary_ends_are_logged_for_signed_in_connections() {
    World::run(|world| async move {
        record_log();
        // 1 and 2 sign off, 3 and 4 hang up, 5 was referred.
        let mut alice = world.online("alice").await;
        let mut talk = world.conversation("alice", &mut alice).await;
        talk.send("OUT").await;
        talk.expect_end().await;
        alice.send("OUT").await;
        alice.expect_end().await;
        world.online("bob").await.hang_up();
        settle().await;
        let mut half = world.notification();
        half.request_challenge(6, "carol").await;
        half.hang_up();
        settle().await;
        let mut referred = world.dispatch();
        referred.send("USR 1 MD5 I alice@example.com").await;
        referred.next_event().await;
        assert_eq!(
            end_lines(),
            [
                "DEBUG switchboard connection 2 192.168.2.9 of alice@example.com ended: signed off",
                "INFO session 1 192.168.2.9 of alice@example.com ended: signed off",
                "INFO session 3 192.168.2.9 of bob@example.com ended: the client closed the \
                 connection",
                "DEBUG session 4 192.168.2.9 (claims to be carol@example.com) ended: the client \
                 closed the connection",
                "DEBUG dispatch connection 5 192.168.2.9 (claims to be alice@example.com) ended: \
                 referred to a Notification Server",
            ]
        );
    });
}

#[test]
fn other_ends_are_logged_for_all_connections() {
    World::run(|world| async move {
        let mut alice = world.online("alice").await;
        record_log();
        let mut dispatch = world.dispatch();
        dispatch.write_raw("USR 1 MD5 I al\u{e9}@example.com\r\n").await;
        dispatch.expect_cut_off().await;
        let mut fresh = world.notification();
        fresh.write_raw("GET / HTTP/1.1\r\n").await;
        fresh.expect_end().await;
        let mut wrong = world.notification();
        let challenge = wrong.request_challenge(6, "bob").await;
        wrong.answer_challenge(7, &challenge, "wrong").await;
        wrong.expect("911 7").await;
        wrong.expect_end().await;
        let mut stranger = world.switchboard();
        stranger.send("USR 1 bob@example.com 17262740.1050826919").await;
        stranger.expect("911 1").await;
        stranger.expect_end().await;
        let mut talk = world.conversation("alice", &mut alice).await;
        talk.write_raw("MSG 2 N two\r\n").await;
        talk.expect_end().await;
        alice.write_raw("CAL 2 bob@example.com\r\n").await;
        alice.expect_end().await;
        let _silent = world.switchboard();
        pass(seconds(62)).await;
        assert_eq!(
            end_lines(),
            [
                "INFO dispatch connection 2 192.168.2.9 ended: a command was refused: bad or \
                 missing parameter: handle",
                "INFO session 3 192.168.2.9 ended: a command was refused: unknown command",
                "INFO session 4 192.168.2.9 (claims to be bob@example.com) ended: wrong password \
                 or unknown account",
                "INFO switchboard connection 5 192.168.2.9 (claims to be bob@example.com) ended: \
                 wrong, used or expired cookie",
                "INFO switchboard connection 6 192.168.2.9 of alice@example.com ended: unreadable \
                 input: a payload length is not a number",
                "INFO session 1 192.168.2.9 of alice@example.com ended: a command was refused: \
                 command of another server",
                "INFO switchboard connection 7 192.168.2.9 ended: sign-in timed out",
            ]
        );
    });
}

/// What a client of later versions does after its `VER`, and the log line about it.
#[test]
fn the_log_names_the_offered_versions_of_later_clients() {
    // MSN Messenger 5.0, BitlBee and Windows Live Messenger. The last one does not wait for
    // replies.
    let version = "CVR 2 0x0409 win 4.10 i386 MSNMSGR 5.0.0540 MSMSGS alice@example.com";
    let sign_in = "USR 3 TWN I alice@example.com";
    let cases: [(&str, &[&str], &str); 7] = [
        ("VER 0 MSNP8 CVR0", &[version, sign_in], "MSNP8"),
        ("VER 0 MSNP8 CVR0", &[sign_in], "MSNP8"),
        ("VER 0 MSNP8 CVR0", &[], "MSNP8"),
        ("VER 0 MSNP8 CVR0", &["OUT"], "MSNP8"),
        ("VER 1 MSNP15 MSNP14 MSNP13 CVR0", &[version, "XYZ"], "MSNP15, MSNP14 and MSNP13"),
        (
            "VER 1 MSNP9 MSNP8 CVR0",
            &["CVQ 2 0x0409 win 4.10 i386 MSMSGS 6.0.0602"],
            "MSNP9 and MSNP8",
        ),
        ("VER 1 MSNP12", &[], "MSNP12"),
    ];
    for (offer, further, named) in cases {
        World::run(move |world| async move {
            record_log();
            let mut client = from(&world, "192.168.3.1");
            client.write_raw(&format!("{offer}\r\n")).await;
            for line in further {
                client.write_raw(&format!("{line}\r\n")).await;
            }
            if further.is_empty() {
                client.hang_up();
            }
            settle().await;
            let words = format!("no protocol version in common: offers {named} only");
            let line = format!("INFO session 1 192.168.3.1 ended: {words}");
            assert_eq!(end_lines(), [line], "{offer} {further:?}");
            let refused = world.node.connections.refused();
            let reasons: Vec<&str> = refused.iter().map(|one| one.reason.as_str()).collect();
            assert_eq!(reasons, [words], "{offer} {further:?}");
            assert_eq!(world.node.endings.counts().get("no_dialect"), Some(&1));
        });
    }
    // A client that names no version at all has only asked for the version: nothing was refused.
    World::run(|world| async move {
        record_log();
        let mut client = from(&world, "192.168.3.1");
        client.send("VER 1 CVR0").await;
        client.send("CVQ 2 0x0409 win 4.10 i386 MSMSGS 1.0.0863").await;
        settle().await;
        assert_eq!(
            end_lines(),
            ["DEBUG session 1 192.168.3.1 ended: it sent only a version query"]
        );
        assert!(world.node.connections.refused().is_empty());
    });
}

#[test]
fn ends_by_the_operator_are_logged() {
    World::run(|world| async move {
        let mut alice = world.online("alice").await;
        let mut talk = world.conversation("alice", &mut alice).await;
        record_log();
        let account = world.account("alice");
        assert_eq!(world.node.connections.end(account, EndReason::Kicked), 2);
        alice.expect("OUT").await;
        talk.expect("OUT").await;
        let mut lines = end_lines();
        lines.sort_unstable();
        assert_eq!(
            lines,
            [
                format!(
                    "INFO session 1 {PEER} of alice@example.com ended: disconnected by the operator"
                ),
                format!(
                    "INFO switchboard connection 2 {PEER} of alice@example.com ended: disconnected \
                     by the operator"
                ),
            ]
        );
    });
}

/// The period in which ends are counted begins with the first one. A flood is summed up after it.
#[test]
fn a_flood_of_ends_is_summed_up_in_the_log() {
    World::run(|world| async move {
        record_log();
        for _ in 0..100 {
            let mut bad = world.notification();
            bad.write_raw("GET / HTTP/1.1\r\n").await;
            bad.expect_end().await;
        }
        let lines = end_lines();
        let logged = |level: &str| lines.iter().filter(|line| line.starts_with(level)).count();
        assert_eq!((logged("INFO "), logged("DEBUG "), lines.len()), (16, 84, 100));
        // Other reasons are still logged, and so are ends of signed-in sessions.
        let mut alice = world.online("alice").await;
        alice.write_raw("GET / HTTP/1.1\r\nCAL 1 x\r\n").await;
        alice.expect_end().await;
        let [line] = end_lines().try_into().unwrap();
        assert!(line.starts_with("INFO session 101 "), "{line}");
        pass(seconds(62)).await;
        assert_eq!(end_lines(), ["WARN … and 84 more connections ended: a command was refused"]);
    });
}

#[test]
fn evictions_and_throttling_are_logged_once_a_minute() {
    World::run_with(
        |plan| {
            let limits = plan.settings.limits;
            plan.settings.limits =
                Limits { connections: 9, per_address: 9, half_open: 2, ..limits };
        },
        |world| async move {
            record_log();
            let mut first = from(&world, "192.168.3.1");
            first.request_challenge(6, "alice").await;
            let mut others = Vec::new();
            for _ in 0..5 {
                others.push(from(&world, "192.168.3.2"));
                settle().await;
            }
            let lines = end_lines();
            assert_eq!(
                lines[0],
                "WARN session 1 192.168.3.1 (claims to be alice@example.com) ended: evicted \
                 to make room: it had not signed in"
            );
            assert_eq!(lines.len(), 4);
            assert!(lines[1..].iter().all(|line| line.starts_with("DEBUG ")), "{lines:#?}");
            drop(others);
            settle().await;
            for _ in 0..11 {
                let mut guess = from(&world, "192.168.3.3");
                let challenge = guess.request_challenge(6, "bob").await;
                guess.answer_challenge(7, &challenge, "wrong").await;
                while guess.receive_all().await.is_empty() {}
            }
            let lines = end_lines();
            let logged: Vec<&String> = lines.iter().filter(|l| l.contains("too many")).collect();
            assert_eq!(logged.len(), 2, "{lines:#?}");
            assert!(logged[0].starts_with("WARN session ") && logged[1].starts_with("DEBUG "));
            assert!(
                logged[0].ends_with(
                    " 192.168.3.3 (claims to be bob@example.com) ended: refused: too many failed \
                     sign-ins"
                ),
                "{logged:?}"
            );
        },
    );
}

#[test]
fn refused_connections_are_logged_with_their_address() {
    World::run(|world| async move {
        record_log();
        for _ in 0..3 {
            let public = world
                .connect_from("203.0.113.5", 1024, "192.0.2.1", |link| start(Session::new(link)));
            assert!(public.is_err());
        }
        let words = "203.0.113.5 turned away: its address is public, and `allow` in the \
                     configuration does not name it";
        let [warn, debug] = ["WARN", "DEBUG"].map(|level| format!("{level} {words}"));
        assert_eq!(end_lines(), [warn, debug.clone(), debug]);
    });
}
