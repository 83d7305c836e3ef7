//! How many connections there may be, and what they cost.

use crate::support::{Probe, World, pass, seconds, settle};
use actix::Actor;
use actors::connection::{Crowd, Turned};
use actors::notification::Session;

fn connect(world: &World) -> Result<Probe<Session>, Turned> {
    world.connect(1024, "192.0.2.1", |link| Session::new(link).start())
}

#[test]
fn connections_that_have_not_signed_in_are_bounded() {
    let crowd = Crowd { connections: 3, half_open: 2 };
    World::run_with(
        |plan| plan.settings.crowd = crowd,
        |world| async move {
            let mut first = connect(&world).unwrap();
            let second = connect(&world).unwrap();
            assert_eq!(connect(&world).err(), Some(Turned::HalfOpen));
            first.signs_in("alice").await;
            let third = connect(&world).unwrap();
            assert_eq!(connect(&world).err(), Some(Turned::Crowded));
            second.hangs_up();
            settle().await;
            let _fourth = connect(&world).unwrap();
            third.hangs_up();
            settle().await;
            assert_eq!(world.node.connections.count(), 2);
        },
    );
}

#[test]
fn a_connection_at_rest_holds_no_buffer() {
    World::run(|world| async move {
        let alice = world.online("alice").await;
        assert_eq!(world.node.buffers.lent(), (0, 0));
        let mut half = world.notification();
        half.writes("USR 1 MD5 I al").await;
        settle().await;
        assert_eq!(world.node.buffers.lent(), (1, 0), "half a line is kept");
        half.writes("ice@example.com\r\n").await;
        half.hears_event().await;
        assert_eq!(world.node.buffers.lent(), (0, 0));
        drop((alice, half));
    });
}

#[test]
fn the_buffers_of_a_connection_that_ends_come_back() {
    World::run(|world| async move {
        let mut narrow = world.narrow(8);
        narrow.writes("USR 1 MD5 I").await;
        narrow.writes(" alice@example.com\r\nUSR ").await;
        settle().await;
        assert_eq!(world.node.buffers.lent(), (1, 1));
        narrow.hangs_up();
        settle().await;
        assert_eq!(world.node.buffers.lent(), (0, 0));
        assert_eq!(world.node.connections.count(), 0);
    });
}

#[test]
fn a_connection_without_a_buffer_is_closed_and_the_others_go_on() {
    World::run_with(
        |plan| plan.settings.buffers = 2,
        |world| async move {
            let mut halves = Vec::new();
            for _ in 0..2 {
                let mut half = world.notification();
                half.writes("USR ").await;
                halves.push(half);
            }
            settle().await;
            assert_eq!(world.node.buffers.lent(), (2, 0));
            let mut third = world.notification();
            third.writes("USR ").await;
            third.hears_end().await;
            for (trid, half) in (1..).zip(&mut halves) {
                half.writes(&format!("{trid} MD5 I alice@example.com\r\n")).await;
                half.hears_event().await;
            }
            world.online("alice").await;
        },
    );
}

#[test]
fn a_half_open_connection_is_closed_after_a_minute() {
    World::run(|world| async move {
        let mut referred = world.dispatch();
        let mut silent = world.notification();
        let mut challenged = world.notification();
        let mut participant = world.switchboard();
        referred.says("VER 1 MSNP2").await;
        referred.hears("VER 1 MSNP2").await;
        challenged.is_challenged(1, "alice").await;
        pass(seconds(59)).await;
        referred.hears_nothing().await;
        silent.hears_nothing().await;
        challenged.hears_nothing().await;
        participant.hears_nothing().await;
        pass(seconds(2)).await;
        referred.hears_end().await;
        silent.hears_end().await;
        challenged.hears_end().await;
        participant.hears_end().await;
        // They do not close their ends.
        pass(seconds(2)).await;
        assert_eq!(world.node.connections.count(), 0);
    });
}

#[test]
fn whoever_has_signed_in_may_stay() {
    World::run(|world| async move {
        let mut alice = world.notification();
        alice.is_challenged(1, "alice").await;
        pass(seconds(50)).await;
        alice.comes_online("alice").await;
        let mut participant = world.conversation("alice", &mut alice).await;
        pass(seconds(600)).await;
        alice.hears_nothing().await;
        participant.hears_nothing().await;
        alice.says("PNG").await;
        alice.hears("QNG").await;
    });
}
