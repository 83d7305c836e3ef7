//! Repeated wrong passwords.

use crate::support::{Probe, World, pass, seconds};
use actors::connection::start;
use actors::notification::Session;
use msnp::auth::Digest;
use std::time::Duration;
use tokio::time::Instant;

fn from(world: &World, peer: &str) -> Probe<Session> {
    world.connect_from(peer, 1024, "192.0.2.1", |link| start(Session::new(link))).unwrap()
}

/// Tries to sign in. Returns what arrives, and after how many seconds.
async fn attempt(world: &World, peer: &str, who: &str, password: &str) -> (String, u64) {
    let mut client = from(world, peer);
    let challenge = client.request_challenge(6, who).await;
    let before = Instant::now();
    let digest = Digest::of(&challenge, password.as_bytes()).text();
    client.write_raw(&format!("USR 7 MD5 S {digest}\r\n")).await;
    loop {
        let received = client.receive_all().await;
        if !received.is_empty() {
            return (received.join(", "), before.elapsed().as_secs());
        }
    }
}

/// Returns the results of this many attempts with wrong passwords.
async fn attempts(world: &World, peer: &str, who: &str, count: usize) -> Vec<(String, u64)> {
    let mut transcript = Vec::new();
    for _ in 0..count {
        transcript.push(attempt(world, peer, who, "wrong").await);
    }
    transcript
}

fn expected(lines: &[(&str, u64)]) -> Vec<(String, u64)> {
    lines.iter().map(|(line, after)| ((*line).to_owned(), *after)).collect()
}

const WRONG: &str = "911 7, (end)";
const REFUSED: &str = "600 7, (end)";
const ONE: &str = "192.168.2.1";
const OTHER: &str = "192.168.2.2";

#[test]
fn guesses_are_delayed_and_refused_whether_or_not_the_account_exists() {
    let mut transcripts = Vec::new();
    for who in ["alice", "ghost"] {
        World::run(|world| {
            let transcripts = &mut transcripts;
            async move {
                let transcript = attempts(&world, ONE, who, 11).await;
                assert_eq!(world.node.endings.counts()["wrong_password"], 9);
                assert_eq!(world.node.endings.counts()["throttled"], 2);
                transcripts.push(transcript);
            }
        });
    }
    let waits = [0, 0, 0, 1, 2, 4, 8, 8, 8].map(|wait| (WRONG, wait));
    let all = [waits.as_slice(), &[(REFUSED, 0), (REFUSED, 0)]].concat();
    assert_eq!(transcripts[0], expected(&all));
    assert_eq!(transcripts[0], transcripts[1]);
}

#[test]
fn the_right_password_is_refused_too_for_ten_minutes() {
    World::run(|world| async move {
        attempts(&world, ONE, "alice", 9).await;
        assert_eq!(attempt(&world, ONE, "alice", "secret").await, (REFUSED.into(), 0));
        pass(seconds(600 - 31 - 2)).await;
        assert_eq!(attempt(&world, ONE, "alice", "secret").await, (REFUSED.into(), 0));
        pass(seconds(3)).await;
        let welcome = "USR 7 OK alice@example.com Alice";
        let (received, wait) = attempt(&world, ONE, "alice", "secret").await;
        assert!(received.starts_with(welcome) && wait == 0, "{received} after {wait}");
    });
}

/// Signs in and hangs up. Returns after how many seconds.
async fn sign_in(world: &World, peer: &str, who: &str) -> u64 {
    let (received, wait) = attempt(world, peer, who, "secret").await;
    assert!(received.starts_with(&format!("USR 7 OK {who}@example.com ")), "{who}: {received}");
    wait
}

/// Tries so many wrong passwords from an address that the address is refused, and nothing else.
async fn guesses(world: &World, peer: &str) {
    for number in 0..9 {
        let guessed = attempts(world, peer, &format!("ghost{number}"), 3).await;
        assert!(guessed.iter().all(|(received, _)| received == WRONG), "{guessed:?}");
    }
}

#[test]
fn a_client_with_an_old_password_delays_others_at_its_address() {
    World::run(|world| async move {
        attempts(&world, ONE, "alice", 30).await;
        assert_eq!(attempt(&world, ONE, "alice", "secret").await, (REFUSED.into(), 0));
        assert_eq!(sign_in(&world, ONE, "bob").await, 8);
        assert_eq!(attempt(&world, ONE, "ghost", "wrong").await, (WRONG.into(), 8));
    });
}

#[test]
fn an_address_that_guesses_at_many_accounts_is_refused_too() {
    World::run(|world| async move {
        guesses(&world, ONE).await;
        assert_eq!(attempt(&world, ONE, "carol", "secret").await, (REFUSED.into(), 0));
        assert_eq!(attempt(&world, ONE, "ghost", "wrong").await, (REFUSED.into(), 0));
        assert_eq!(attempt(&world, OTHER, "dave", "wrong").await, (WRONG.into(), 0));
    });
}

#[test]
fn a_user_who_has_signed_in_from_an_address_is_delayed_but_not_refused_there() {
    World::run(|world| async move {
        let began = Instant::now();
        sign_in(&world, ONE, "alice").await;
        sign_in(&world, ONE, "bob").await;
        sign_in(&world, OTHER, "carol").await;
        pass(seconds(350)).await;
        guesses(&world, ONE).await;
        assert_eq!(attempt(&world, ONE, "carol", "secret").await, (REFUSED.into(), 0));
        assert_eq!(sign_in(&world, ONE, "alice").await, 8);
        // Ten minutes after the first sign-ins, Bob's no longer counts. Alice has signed in again.
        pass(seconds(602).saturating_sub(began.elapsed())).await;
        assert_eq!(attempt(&world, ONE, "bob", "secret").await, (REFUSED.into(), 0));
        let guessed = attempts(&world, ONE, "alice", 9).await;
        assert_eq!(guessed, vec![(WRONG.to_owned(), 8); 9]);
        assert_eq!(attempt(&world, ONE, "alice", "secret").await, (REFUSED.into(), 0));
    });
}

#[test]
fn addresses_of_a_private_network_are_counted_separately() {
    World::run(|world| async move {
        for network in ["fe80::", "fd00:1:2:3::"] {
            let (one, other) = (format!("{network}1"), format!("{network}2"));
            attempts(&world, &one, "alice", 9).await;
            assert_eq!(attempt(&world, &one, "alice", "secret").await, (REFUSED.into(), 0));
            assert_eq!(sign_in(&world, &other, "bob").await, 0);
            assert_eq!(sign_in(&world, &other, "alice").await, 8);
        }
    });
}

#[test]
fn no_one_can_lock_another_user_out() {
    World::run(|world| async move {
        for peer in ["192.168.2.3", "192.168.2.4"] {
            attempts(&world, peer, "alice", 9).await;
        }
        let (received, wait) = attempt(&world, OTHER, "alice", "secret").await;
        assert!(received.starts_with("USR 7 OK alice@example.com Alice"), "{received}");
        assert_eq!(wait, 8, "but she waits");
    });
}

#[test]
fn the_delay_does_not_count_towards_the_sign_in_deadline() {
    World::run_with(
        |plan| plan.settings.limits.sign_in_seconds = 1,
        |world| async move {
            let (mut transcript, mut wrong) = (Vec::new(), Vec::new());
            for _ in 0..9 {
                transcript.push(attempt(&world, ONE, "alice", "wrong").await);
                wrong.push(WRONG.to_owned());
            }
            assert_eq!(transcript.into_iter().map(|(line, _)| line).collect::<Vec<_>>(), wrong);
            let (received, wait) = attempt(&world, OTHER, "alice", "secret").await;
            assert!(received.starts_with("USR 7 OK alice@example.com Alice"), "{received}");
            assert_eq!(wait, 8);
        },
    );
}

#[test]
fn a_successful_sign_in_clears_its_failures() {
    World::run(|world| async move {
        attempts(&world, ONE, "alice", 3).await;
        let (received, wait) = attempt(&world, ONE, "alice", "secret").await;
        assert!(
            received.starts_with("USR 7 OK alice@example.com Alice") && wait == 1,
            "{received}"
        );
        // The address and the handle still have three failed attempts, not four.
        assert_eq!(attempt(&world, ONE, "bob", "wrong").await, (WRONG.into(), 1));
        assert_eq!(attempt(&world, OTHER, "bob", "wrong").await, (WRONG.into(), 0));
        assert_eq!(attempt(&world, OTHER, "alice", "wrong").await, (WRONG.into(), 1));
    });
}

#[test]
fn parallel_guesses_gain_nothing() {
    World::run(|world| async move {
        let mut clients = Vec::new();
        for _ in 0..20 {
            let mut client = from(&world, ONE);
            let challenge = client.request_challenge(6, "alice").await;
            clients.push((client, challenge));
        }
        for (client, challenge) in &mut clients {
            let digest = Digest::of(challenge, b"wrong").text();
            client.write_raw(&format!("USR 7 MD5 S {digest}\r\n")).await;
        }
        pass(seconds(30)).await;
        assert_eq!(world.node.endings.counts()["wrong_password"], 9);
        assert_eq!(world.node.endings.counts()["throttled"], 11);
    });
}

#[test]
fn many_users_at_one_address_can_all_sign_in_at_once() {
    World::run_with(
        |plan| {
            for number in 0..30 {
                plan.add_account(&format!("user{number}"), "User");
            }
        },
        |world| async move {
            let mut clients = Vec::new();
            for number in 0..30 {
                let mut client = from(&world, ONE);
                let challenge = client.request_challenge(6, &format!("user{number}")).await;
                clients.push((client, challenge));
            }
            let before = Instant::now();
            for (client, challenge) in &mut clients {
                let digest = Digest::of(challenge, b"secret").text();
                client.write_raw(&format!("USR 7 MD5 S {digest}\r\n")).await;
            }
            while world.node.connections.half_open() > 0 {
                pass(Duration::from_millis(100)).await;
            }
            assert!(before.elapsed() <= seconds(10), "{:?}", before.elapsed());
            assert_eq!(world.registry().await.online.len(), 30);
            assert!(world.node.throttle.is_empty());
        },
    );
}

#[test]
fn hanging_up_during_the_delay_counts_as_a_failure() {
    World::run(|world| async move {
        attempts(&world, ONE, "alice", 3).await;
        let mut client = from(&world, ONE);
        let challenge = client.request_challenge(6, "alice").await;
        let digest = Digest::of(&challenge, b"wrong").text();
        client.write_raw(&format!("USR 7 MD5 S {digest}\r\n")).await;
        client.hang_up();
        pass(seconds(3)).await;
        assert_eq!(world.node.connections.count(), 0);
        assert_eq!(attempt(&world, ONE, "alice", "wrong").await, (WRONG.into(), 2));
    });
}

#[test]
fn a_store_failure_does_not_count_as_a_failed_sign_in() {
    World::run(|world| async move {
        let shut = world.store.fail_to_check_proofs();
        for _ in 0..12 {
            let (received, wait) = attempt(&world, ONE, "alice", "secret").await;
            assert_eq!((received.as_str(), wait), ("500 7, (end)", 0));
        }
        drop(shut);
        assert!(world.node.throttle.is_empty());
    });
}
