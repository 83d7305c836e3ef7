//! New passwords, disabled accounts and denied networks: what clients receive.

use crate::support::{PEER, Probe, World, end_lines, record_log};
use actors::connection::{AdmissionError, start};
use actors::message::{Backup, Import};
use actors::notification::Session;
use actors::operator::{self, DenyOutcome};
use actors::port::store::{NewAccount, Password, Principal, Store};
use actors::port::{DenyError, DisableReason, Disabled, ImportStep};
use actors::rules::parse_network;
use actors::{EndReason, stats};
use ipnet::IpNet;
use msnp::auth::Digest;
use msnp::{FriendlyName, Handle, ListVersion};
use std::io::Cursor;
use std::time::Duration;
use store::Memory;
use tokio::time::Instant;

fn network(text: &str) -> IpNet {
    parse_network(text).unwrap()
}

fn because(reason: &str) -> Disabled {
    Disabled { reason: DisableReason::new(reason).ok() }
}

fn from(world: &World, peer: &str) -> Result<Probe<Session>, AdmissionError> {
    world.connect_from(peer, 1024, "192.0.2.1", |link| start(Session::new(link)))
}

/// Tries to sign in. Returns what the client receives, and after how long.
async fn attempt(world: &World, peer: &str, who: &str, password: &str) -> (Vec<String>, Duration) {
    let mut client = from(world, peer).unwrap();
    let challenge = client.request_challenge(6, who).await;
    let before = Instant::now();
    let digest = Digest::of(&challenge, password.as_bytes()).text();
    client.write_raw(&format!("USR 7 MD5 S {digest}\r\n")).await;
    loop {
        let received = client.receive_all().await;
        if !received.is_empty() {
            return (received, before.elapsed());
        }
    }
}

fn password(text: &str) -> Password {
    Password::new(text).unwrap()
}

fn count(world: &World, word: &str) -> u64 {
    world.node.endings.counts().get(word).copied().unwrap_or_default()
}

#[test]
fn a_new_password_ends_the_sessions_of_the_account_and_says_how_many() {
    World::run_with(
        |plan| plan.friends(&["alice", "bob"]),
        |world| async move {
            let mut alice = world.online("alice").await;
            let mut bob = world.online("bob").await;
            alice.expect("NLN NLN bob@example.com Bob%20B.").await;
            let mut talk = world.conversation("alice", &mut alice).await;
            let (node, account) = (world.node.clone(), world.account("alice"));
            let set = operator::set_password(node.clone(), account, password("new"), false);
            assert_eq!(set.await.unwrap(), 2);
            for probe in [talk.receive_all().await, alice.receive_all().await] {
                assert_eq!(probe, ["OUT", "(end)"]);
            }
            bob.expect("FLN alice@example.com").await;
            bob.expect_nothing().await;
            assert_eq!(count(&world, "password_changed"), 2);
            assert_eq!(attempt(&world, PEER, "alice", "secret").await.0, ["911 7", "(end)"]);
            let (received, _) = attempt(&world, PEER, "alice", "new").await;
            assert!(received[0].starts_with("USR 7 OK alice@example.com"), "{received:?}");
        },
    );
}

#[test]
fn sessions_can_be_kept_when_a_password_changes() {
    World::run(|world| async move {
        let mut alice = world.online("alice").await;
        let (node, account) = (world.node.clone(), world.account("alice"));
        let set = operator::set_password(node, account, password("new"), true);
        assert_eq!(set.await.unwrap(), 0);
        alice.send("PNG").await;
        alice.expect("QNG").await;
        assert_eq!(attempt(&world, PEER, "alice", "secret").await.0, ["911 7", "(end)"]);
    });
}

/// If the store checks a proof of the old password while the new one is set, no session may remain
/// that was not ended. The threads of the store decide which comes first.
#[test]
fn a_sign_in_in_progress_fails_after_a_new_password_or_a_disable() {
    for round in 0..20 {
        World::run(|world| async move {
            let mut alice = world.notification();
            let challenge = alice.request_challenge(6, "alice").await;
            alice.answer_challenge(7, &challenge, "secret").await;
            let (node, account) = (world.node.clone(), world.account("alice"));
            if round % 2 == 0 {
                operator::set_password(node, account, password("new"), false).await.unwrap();
            } else {
                operator::disable(node, account, because("spam")).await.unwrap();
            }
            let received = alice.receive_all().await;
            assert_eq!(received.last().unwrap(), "(end)", "round {round}: {received:?}");
            assert_eq!(world.registry().await.online, [], "round {round}");
        });
    }
}

#[test]
fn a_disabled_account_is_signed_off_and_answered_like_a_wrong_password() {
    World::run_with(
        |plan| plan.friends(&["alice", "bob"]),
        |world| async move {
            let mut alice = world.online("alice").await;
            let mut bob = world.online("bob").await;
            alice.expect("NLN NLN bob@example.com Bob%20B.").await;
            let mut talk = world.conversation("bob", &mut bob).await;
            let (node, account) = (world.node.clone(), world.account("bob"));
            let disable = operator::disable(node.clone(), account, because("spam"));
            assert_eq!(disable.await.unwrap(), 2);
            for probe in [talk.receive_all().await, bob.receive_all().await] {
                assert_eq!(probe, ["OUT", "(end)"]);
            }
            alice.expect("FLN bob@example.com").await;
            assert_eq!(count(&world, "disabled"), 2);
            record_log();
            let disabled = attempt(&world, PEER, "bob", "secret").await;
            let wrong = attempt(&world, PEER, "carol", "wrong").await;
            assert_eq!(disabled.0, ["911 7", "(end)"]);
            assert_eq!(disabled.0, wrong.0);
            assert_eq!(attempt(&world, PEER, "bob", "wrong").await.0, wrong.0);
            // The log gives the reason.
            let ended =
                |who: &str, why: &str| format!(" (claims to be {who}@example.com) ended: {why}");
            let lines = end_lines();
            let shows = |words: String| lines.iter().any(|line| line.ends_with(&words));
            assert!(shows(ended("bob", "the account is disabled")), "{lines:?}");
            assert!(shows(ended("carol", "wrong password or unknown account")), "{lines:?}");
            let stats = stats::collect(&world.node).await.unwrap();
            assert_eq!(stats.disabled.len(), 1);
            assert_eq!(stats.disabled[0].handle, "bob@example.com");
            assert_eq!(stats.disabled[0].reason.as_deref(), Some("spam"));
            assert!(operator::enable(node.clone(), account).await.unwrap());
            assert!(!operator::enable(node, account).await.unwrap(), "once");
            let (received, _) = attempt(&world, "192.168.2.7", "bob", "secret").await;
            assert!(received[0].starts_with("USR 7 OK bob@example.com"), "{received:?}");
        },
    );
}

#[test]
fn attempts_at_a_disabled_account_wait_as_long_as_wrong_passwords() {
    let mut transcripts = Vec::new();
    for is_disabled in [true, false] {
        World::run(|world| {
            let transcripts = &mut transcripts;
            async move {
                let (node, account) = (world.node.clone(), world.account("bob"));
                if is_disabled {
                    operator::disable(node, account, Disabled::default()).await.unwrap();
                }
                // The right password, and a wrong one.
                let password = if is_disabled { "secret" } else { "wrong" };
                let mut transcript = Vec::new();
                for _ in 0..11 {
                    let (received, after) = attempt(&world, PEER, "bob", password).await;
                    transcript.push((received, after.as_secs()));
                }
                transcripts.push(transcript);
            }
        });
    }
    assert_eq!(transcripts[0], transcripts[1]);
    assert_eq!(transcripts[0][10].0, ["600 7", "(end)"]);
}

#[test]
fn a_denied_network_is_closed_at_once_and_stays_refused() {
    World::run(|world| async move {
        let mut alice = from(&world, "203.0.113.5");
        assert!(matches!(alice, Err(AdmissionError::Public)));
        alice = from(&world, "10.1.2.3");
        let mut alice = alice.unwrap();
        alice.come_online("alice").await;
        let mut bob = world.online("bob").await;
        let mut fresh = from(&world, "10.9.9.9").unwrap();
        let mut near = from(&world, "11.0.0.1").err();
        assert_eq!(near.take(), Some(AdmissionError::Public));
        let all = network("10.0.0.0/8");
        let denied = operator::deny(world.node.clone(), all).await.unwrap();
        assert_eq!(denied, DenyOutcome { is_new: true, ended: 2 });
        assert_eq!(alice.receive_all().await, ["OUT", "(end)"]);
        assert_eq!(fresh.receive_all().await, ["(end)"]);
        bob.send("PNG").await;
        bob.expect("QNG").await;
        assert_eq!(count(&world, "denied"), 2);
        record_log();
        assert!(matches!(from(&world, "10.200.0.1"), Err(AdmissionError::Denied)));
        assert!(world.node.denies("10.200.0.1".parse().unwrap()), "nor to the pages");
        assert!(!world.node.denies(PEER.parse().unwrap()));
        assert_eq!(count(&world, "turned_away_denied"), 2);
        let words = EndReason::TurnedAway(AdmissionError::Denied).description();
        assert_eq!(words, "turned away: its network is denied");
        let again = operator::deny(world.node.clone(), all).await.unwrap();
        assert_eq!(again, DenyOutcome { is_new: false, ended: 0 });
        let stats = stats::collect(&world.node).await.unwrap();
        assert_eq!(stats.denied, ["10.0.0.0/8"]);
        assert!(stats.refused.iter().any(|one| one.reason == words), "{:?}", stats.refused);
        assert!(operator::undeny(world.node.clone(), all).await.unwrap());
        assert!(!operator::undeny(world.node.clone(), all).await.unwrap());
        from(&world, "10.200.0.1").unwrap().sign_in("alice").await;
    });
}

#[test]
fn loopback_is_never_denied() {
    World::run(|world| async move {
        let mut alice = from(&world, "127.0.0.1").unwrap();
        alice.come_online("alice").await;
        for text in ["127.0.0.1", "127.0.0.0/8", "::1", "::ffff:127.0.0.1"] {
            let refused = operator::deny(world.node.clone(), network(text)).await;
            assert!(matches!(refused, Err(DenyError::Network(_))), "{text}: {refused:?}");
        }
        for text in ["0.0.0.0/0", "::/0"] {
            let denied = operator::deny(world.node.clone(), network(text)).await.unwrap();
            assert_eq!(denied, DenyOutcome { is_new: true, ended: 0 }, "{text}");
        }
        alice.send("PNG").await;
        alice.expect("QNG").await;
        assert!(from(&world, "::1").is_ok() && from(&world, "127.0.0.9").is_ok());
        assert!(matches!(from(&world, PEER), Err(AdmissionError::Denied)));
    });
}

/// A backup of a store in which Bob is disabled, and a network is denied.
fn backup() -> Vec<u8> {
    let other = Memory::new(|| 0).unwrap();
    for who in ["alice", "bob"] {
        let handle = Handle::new(&format!("{who}@example.com")).unwrap();
        let principal = Principal { name: FriendlyName::new(who).unwrap(), handle };
        let version = ListVersion::new(66_000_000).unwrap();
        let account =
            other.create(&NewAccount { principal, password: password("secret"), version }).unwrap();
        if who == "bob" {
            other.set_disabled(account, Some(&because("spam"))).unwrap();
        }
    }
    other.deny(network("10.0.0.0/8")).unwrap();
    let mut backup = Vec::new();
    other.backup(true, &mut backup).unwrap();
    backup
}

#[test]
fn a_restore_restores_disabled_accounts_and_denied_networks() {
    World::run(|world| async move {
        let account = world.account("alice");
        operator::disable(world.node.clone(), account, because("of before")).await.unwrap();
        operator::deny(world.node.clone(), network("192.168.2.0/24")).await.unwrap();
        operator::restore(world.node.clone(), Box::new(Cursor::new(backup()))).await.unwrap();
        assert!(matches!(from(&world, "10.1.2.3"), Err(AdmissionError::Denied)));
        let (received, _) = attempt(&world, PEER, "alice", "secret").await;
        assert!(received[0].starts_with("USR 7 OK alice@example.com"), "{received:?}");
        assert_eq!(attempt(&world, PEER, "bob", "secret").await.0, ["911 7", "(end)"]);
        let disabled = world.node.exclusions.disabled(world.account("bob"));
        assert_eq!(disabled, Some(because("spam")));
    });
}

#[test]
fn an_imported_account_can_be_disabled_and_a_removed_one_is_not() {
    World::run(|world| async move {
        let other = Memory::new(|| 0).unwrap();
        other.restore(&mut Cursor::new(backup())).unwrap();
        let mut accounts = other.export(true).unwrap();
        let bob = accounts.remove(1);
        operator::remove(world.node.clone(), world.account("bob")).await.unwrap();
        world
            .node
            .accounts
            .send(Import { accounts: vec![bob], step: ImportStep::Whole })
            .await
            .unwrap()
            .unwrap();
        assert_eq!(attempt(&world, PEER, "bob", "secret").await.0, ["911 7", "(end)"]);
        assert_eq!(world.node.exclusions.all_disabled().len(), 1);
        operator::remove(world.node.clone(), world.account("bob")).await.unwrap();
        assert_eq!(world.node.exclusions.all_disabled(), []);
        let to = Box::new(Vec::new());
        let backup = Backup { with_key: false, to };
        world.node.accounts.send(backup).await.unwrap().unwrap();
    });
}
