//! Limits on the number of connections, and what connections cost.

use crate::support::{Plan, Probe, World, pass, seconds, settle};
use actors::connection::{AdmissionError, start};
use actors::limit::Limits;
use actors::notification::Session;
use std::collections::VecDeque;

fn connect(world: &World) -> Result<Probe<Session>, AdmissionError> {
    world.connect(1024, "192.0.2.1", |link| start(Session::new(link)))
}

fn small(connections: usize, per_address: usize, half_open: usize) -> impl FnOnce(&mut Plan) {
    move |plan| {
        plan.settings.limits =
            Limits { connections, per_address, half_open, ..plan.settings.limits }
    }
}

fn from(world: &World, peer: &str) -> Result<Probe<Session>, AdmissionError> {
    world.connect_from(peer, 1024, "192.0.2.1", |link| start(Session::new(link)))
}

#[test]
fn a_new_connection_evicts_the_oldest_half_open_one() {
    World::run_with(small(9, 9, 2), |world| async move {
        let mut alice = world.signed_in("alice").await;
        let mut first = connect(&world).unwrap();
        let mut second = connect(&world).unwrap();
        let mut third = connect(&world).unwrap();
        assert_eq!(world.node.connections.half_open(), 2, "at once");
        first.expect_end().await;
        assert_eq!(world.node.connections.count(), 3);
        // The second one is the oldest now. It has sent a part of the handshake.
        second.request_challenge(6, "bob").await;
        let mut talk = world.switchboard();
        second.expect_cut_off().await;
        third.sign_in("bob").await;
        let _fifth = connect(&world).unwrap();
        talk.expect_nothing().await;
        alice.expect_nothing().await;
        assert_eq!(world.node.connections.count(), 4);
        assert_eq!(world.node.endings.counts()["evicted"], 2);
    });
}

#[test]
fn without_half_open_connections_a_new_one_is_refused() {
    World::run_with(small(2, 9, 9), |world| async move {
        let alice = world.signed_in("alice").await;
        let mut second = connect(&world).unwrap();
        let mut third = connect(&world).unwrap();
        second.expect_end().await;
        third.sign_in("bob").await;
        assert_eq!(connect(&world).err(), Some(AdmissionError::Crowded));
        assert_eq!(world.node.endings.counts()["turned_away_crowded"], 1);
        alice.hang_up();
        settle().await;
        connect(&world).unwrap();
    });
}

#[test]
fn a_flood_never_exceeds_the_limit() {
    World::run_with(small(9, 99, 3), |world| async move {
        let _alice = world.signed_in("alice").await;
        let mut flood = Vec::new();
        for _ in 0..50 {
            flood.push(connect(&world).unwrap());
            assert!(world.node.connections.half_open() <= 3);
        }
        settle().await;
        assert_eq!(world.node.connections.count(), 4);
        for mut gone in flood.drain(..47) {
            gone.expect_end().await;
        }
        for there in &mut flood {
            there.expect_nothing().await;
        }
    });
}

#[test]
fn a_lower_limit_takes_effect_with_the_next_connection() {
    World::run_with(small(9, 9, 4), |world| async move {
        let mut olds = [(); 4].map(|()| connect(&world).unwrap());
        let mut settings = (*world.node.settings()).clone();
        settings.limits.half_open = 2;
        world.node.change_settings(settings);
        for old in &mut olds {
            old.expect_nothing().await;
        }
        let _new = connect(&world).unwrap();
        settle().await;
        assert_eq!(world.node.connections.count(), 2);
        olds[3].expect_nothing().await;
    });
}

#[test]
fn a_refused_connection_evicts_none() {
    World::run_with(small(9, 9, 4), |world| async move {
        let _settled = [world.signed_in("alice").await, world.signed_in("bob").await];
        let mut halves = [(); 3].map(|()| connect(&world).unwrap());
        let mut settings = (*world.node.settings()).clone();
        settings.limits.connections = 2;
        world.node.change_settings(settings);
        assert_eq!(connect(&world).err(), Some(AdmissionError::Crowded));
        for half in &mut halves {
            half.expect_nothing().await;
        }
    });
}

#[test]
fn a_flood_evicts_its_own_connections() {
    World::run_with(small(999, 8, 64), |world| async move {
        let mut flood = VecDeque::new();
        let mut comes = |number: u32| {
            let peer = format!("192.168.3.{}", number % 8);
            flood.push_back(from(&world, &peer).unwrap());
            if flood.len() > 64 {
                flood.pop_front();
            }
        };
        (0..64).for_each(&mut comes);
        let mut alice = from(&world, "192.168.2.1").unwrap();
        assert_eq!(world.node.connections.half_open(), 64);
        for number in 0..64 {
            settle().await;
            comes(number);
            assert_eq!(world.node.connections.half_open(), 64);
        }
        let challenge = alice.request_challenge(6, "alice").await;
        for number in 0..64 {
            settle().await;
            comes(number);
        }
        alice.answer_challenge(7, &challenge, "secret").await;
        alice.expect("USR 7 OK alice@example.com Alice").await;
    });
}

#[test]
fn the_connections_of_one_address_are_limited() {
    World::run_with(small(9, 2, 9), |world| async move {
        let mut alice = from(&world, "192.168.2.1").unwrap();
        alice.sign_in("alice").await;
        let _second = from(&world, "192.168.2.1").unwrap();
        assert_eq!(from(&world, "192.168.2.1").err(), Some(AdmissionError::PerAddress));
        assert_eq!(from(&world, "::ffff:192.168.2.1").err(), Some(AdmissionError::PerAddress));
        let _other = from(&world, "192.168.2.2").unwrap();
        alice.hang_up();
        settle().await;
        from(&world, "192.168.2.1").unwrap();
        // In IPv6 a machine has a whole network.
        let _six = ["fd00::1", "fd00::2"].map(|peer| from(&world, peer).unwrap());
        assert_eq!(from(&world, "fd00::3").err(), Some(AdmissionError::PerAddress));
        assert!(from(&world, "fd00:0:0:1::3").is_ok());
    });
}

#[test]
fn public_addresses_are_refused_unless_allowed() {
    World::run_with(
        |plan| plan.settings.allow = vec!["203.0.113.0/24".parse().unwrap()],
        |world| async move {
            for public in ["198.51.100.7", "203.0.114.1", "2001:db8::1", "::ffff:8.8.8.8"] {
                assert_eq!(from(&world, public).err(), Some(AdmissionError::Public), "{public}");
            }
            for served in ["203.0.113.9", "127.0.0.1", "10.1.1.1", "100.64.0.1", "fe80::1"] {
                from(&world, served).unwrap();
            }
            assert_eq!(world.node.endings.counts()["turned_away_public"], 4);
        },
    );
}

#[test]
fn an_idle_connection_holds_no_buffer() {
    World::run(|world| async move {
        let alice = world.online("alice").await;
        assert_eq!(world.node.buffers.in_use(), (0, 0));
        let mut half = world.notification();
        half.write_raw("USR 1 MD5 I al").await;
        settle().await;
        assert_eq!(world.node.buffers.in_use(), (1, 0), "half a line is kept");
        half.write_raw("ice@example.com\r\n").await;
        half.next_event().await;
        assert_eq!(world.node.buffers.in_use(), (0, 0));
        drop((alice, half));
    });
}

#[test]
fn the_buffers_of_a_closed_connection_are_returned() {
    World::run(|world| async move {
        let mut narrow = world.narrow(8);
        narrow.write_raw("USR 1 MD5 I").await;
        narrow.write_raw(" alice@example.com\r\nUSR ").await;
        settle().await;
        assert_eq!(world.node.buffers.in_use(), (1, 1));
        narrow.hang_up();
        settle().await;
        assert_eq!(world.node.buffers.in_use(), (0, 0));
        assert_eq!(world.node.connections.count(), 0);
    });
}

#[test]
fn a_connection_without_a_buffer_is_closed_and_the_others_continue() {
    World::run_with(
        |plan| plan.settings.limits.buffers = 2,
        |world| async move {
            let mut halves = [world.signed_in("alice").await, world.signed_in("bob").await];
            for half in &mut halves {
                half.write_raw("PN").await;
            }
            settle().await;
            assert_eq!(world.node.buffers.in_use(), (2, 0));
            let mut third = world.notification();
            third.write_raw("USR ").await;
            third.expect_end().await;
            assert_eq!(world.node.endings.counts()["overloaded"], 1);
            for half in &mut halves {
                half.write_raw("G\r\n").await;
                half.expect("QNG").await;
            }
            world.online("carol").await;
        },
    );
}

#[test]
fn a_missing_buffer_is_taken_from_the_oldest_half_open_connection() {
    World::run_with(
        |plan| plan.settings.limits.buffers = 3,
        |world| async move {
            let mut alice = world.signed_in("alice").await;
            let mut idle = world.notification();
            let mut halves = [(); 3].map(|()| world.notification());
            for half in &mut halves {
                half.write_raw("USR ").await;
                settle().await;
            }
            assert_eq!(world.node.buffers.in_use(), (3, 0));
            alice.write_raw("PNG\r\n").await;
            alice.expect("QNG").await;
            let [first, second, third] = &mut halves;
            first.expect_end().await;
            // One was left after her input was read.
            assert_eq!(world.node.buffers.in_use(), (2, 0));
            let mut new = world.notification();
            new.write_raw("USR ").await;
            settle().await;
            assert_eq!(world.node.buffers.in_use(), (3, 0));
            let mut newer = world.notification();
            newer.write_raw("USR ").await;
            second.expect_end().await;
            assert_eq!(world.node.buffers.in_use(), (3, 0));
            for still in [&mut idle, third] {
                still.expect_nothing().await;
            }
            assert_eq!(world.node.endings.counts()["evicted"], 2);
        },
    );
}

#[test]
fn output_buffers_have_their_own_pool_with_the_same_rule() {
    World::run_with(
        |plan| plan.settings.limits.buffers = 2,
        |world| async move {
            let mut alice = world.signed_in("alice").await;
            let mut narrow = [(); 2].map(|()| world.narrow(8));
            for half in &mut narrow {
                half.send("VER 1 MSNP2").await;
                settle().await;
            }
            assert_eq!(world.node.buffers.in_use().1, 2, "their replies are not read");
            alice.send("PNG").await;
            alice.expect("QNG").await;
            assert_eq!(world.node.buffers.in_use().1, 1);
            assert_eq!(world.node.endings.counts()["evicted"], 1);
        },
    );
}

#[test]
fn a_half_open_connection_is_closed_after_a_minute() {
    World::run(|world| async move {
        let mut referred = world.dispatch();
        let mut waits_for_peer_close = world.notification();
        let mut challenged = world.notification();
        let mut participant = world.switchboard();
        referred.send("VER 1 MSNP2").await;
        referred.expect("VER 1 MSNP2").await;
        challenged.request_challenge(1, "alice").await;
        pass(seconds(59)).await;
        referred.expect_nothing().await;
        waits_for_peer_close.expect_nothing().await;
        challenged.expect_nothing().await;
        participant.expect_nothing().await;
        pass(seconds(2)).await;
        referred.expect_end().await;
        waits_for_peer_close.expect_end().await;
        challenged.expect_end().await;
        participant.expect_end().await;
        // The clients do not close their ends.
        pass(seconds(2)).await;
        assert_eq!(world.node.connections.count(), 0);
    });
}

#[test]
fn a_signed_in_connection_may_stay() {
    World::run(|world| async move {
        let mut alice = world.notification();
        alice.request_challenge(1, "alice").await;
        pass(seconds(50)).await;
        alice.come_online("alice").await;
        let mut participant = world.conversation("alice", &mut alice).await;
        pass(seconds(600)).await;
        alice.expect_nothing().await;
        participant.expect_nothing().await;
        alice.send("PNG").await;
        alice.expect("QNG").await;
    });
}
