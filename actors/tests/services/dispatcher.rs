//! The Dispatch Server: a client is referred to its Notification Server.

use crate::support::{World, handle, pass, seconds, settle};
use actix::Actor;
use actors::connection::start;
use actors::message::{Announce, NoteDialect, NotedDialect, Observe, Refer, SessionState};
use actors::referral::Referral;
use actors::{Advertised, dispatcher::Dispatcher};
use msnp::{Dialect, Endpoint};

#[test]
fn a_client_is_referred_to_the_address_that_it_dialled() {
    World::run(|world| async move {
        let mut client = world.dispatch();
        client.send("VER 1 MSNP2 CVR0").await;
        client.expect("VER 1 MSNP2 CVR0").await;
        client.send("INF 2").await;
        client.expect("INF 2 MD5").await;
        client.send("USR 3 MD5 I alice@example.com").await;
        client.expect("XFR 3 NS 192.0.2.1:1864 0").await;
    });
}

#[test]
fn the_server_closes_a_referred_connection_if_the_client_does_not() {
    World::run(|world| async move {
        let mut polite = world.dispatch();
        let mut lazy = world.dispatch();
        for client in [&mut polite, &mut lazy] {
            client.send("USR 3 MD5 I alice@example.com").await;
            client.expect("XFR 3 NS 192.0.2.1:1864 0").await;
            client.expect_nothing().await;
        }
        polite.hang_up();
        pass(seconds(4)).await;
        assert_eq!(world.node.connections.count(), 1);
        lazy.expect_nothing().await;
        pass(seconds(2)).await;
        lazy.expect_end().await;
        assert_eq!(world.node.connections.count(), 0);
    });
}

#[test]
fn a_client_over_mapped_ipv6_gets_dotted_ipv4() {
    World::run(|world| async move {
        let start = |link| start(Referral::new(link));
        let mut client = world.connect(1024, "::ffff:198.51.100.7", start).unwrap();
        client.send("USR 3 MD5 I alice@example.com").await;
        client.expect("XFR 3 NS 198.51.100.7:1864 0").await;
    });
}

#[test]
fn an_advertised_address_overrides_the_dialled_one() {
    let advertised = Advertised::At(Endpoint("203.0.113.5:2000".parse().unwrap()));
    World::run_with(
        |plan| plan.settings.notification = Some(advertised),
        |world| async move {
            for local in ["192.0.2.1", "2001:db8::1"] {
                let start = |link| start(Referral::new(link));
                let mut client = world.connect(1024, local, start).unwrap();
                client.send("USR 3 MD5 I alice@example.com").await;
                client.expect("XFR 3 NS 203.0.113.5:2000 0").await;
            }
        },
    );
}

#[test]
fn a_client_over_ipv6_needs_an_advertised_address() {
    World::run(|world| async move {
        let start = |link| start(Referral::new(link));
        let mut client = world.connect(1024, "2001:db8::1", start).unwrap();
        client.send("USR 3 MD5 I alice@example.com").await;
        client.expect("601 3").await;
        client.expect_end().await;
    });
}

#[test]
fn without_a_notification_server_the_answer_is_601() {
    World::run_with(
        |plan| plan.settings.notification = None,
        |world| async move {
            let mut client = world.dispatch();
            client.send("USR 3 MD5 I alice@example.com").await;
            client.expect("601 3").await;
            client.expect_end().await;
        },
    );
}

#[test]
fn the_dispatch_server_does_not_reveal_accounts() {
    World::run(|world| async move {
        let mut client = world.dispatch();
        client.send("USR 3 MD5 I ghost@example.com").await;
        client.expect("XFR 3 NS 192.0.2.1:1864 0").await;
    });
}

#[test]
fn the_dispatch_server_accepts_no_password() {
    World::run(|world| async move {
        let mut client = world.dispatch();
        client.send("USR 3 MD5 S 0dc38e0c96e5ef37eb9451a0b2d5aaf9").await;
        client.expect("911 3").await;
        client.expect_end().await;
    });
}

#[test]
fn a_handle_goes_to_the_same_server_every_time() {
    World::run(|world| async move {
        let dispatcher = Dispatcher::new(world.node.registry.clone()).start();
        for port in [1, 2, 3, 2] {
            dispatcher.send(Announce(Advertised::Here(port))).await.unwrap();
        }
        let mut used = Vec::new();
        for name in ["alice", "bob", "carol", "dave", "erin", "frank"] {
            let refer = || Refer { handle: handle(name), dialect: Dialect::Msnp2 };
            let first = dispatcher.send(refer()).await.unwrap().unwrap();
            assert_eq!(dispatcher.send(refer()).await.unwrap(), Some(first));
            used.push(first);
        }
        used.dedup();
        assert!(used.len() > 1, "all go to {used:?}");
        let state = dispatcher.send(Observe::default()).await.unwrap();
        assert_eq!(state.servers, [1, 2, 3].map(Advertised::Here));
        assert_eq!(state.referred, 12);
    });
}

#[test]
fn the_dialect_of_a_referral_is_noted_for_a_minute() {
    World::run(|world| async move {
        let noted =
            async |name| world.node.registry.send(NotedDialect(handle(name))).await.unwrap();
        let mut client = world.dispatch();
        client.send("VER 1 MSNP2").await;
        client.expect("VER 1 MSNP2").await;
        client.send("USR 3 MD5 I alice@example.com").await;
        client.expect("XFR 3 NS 192.0.2.1:1864 0").await;
        assert_eq!(noted("alice").await, Some(Dialect::Msnp2));
        assert_eq!(noted("bob").await, None);
        pass(seconds(59)).await;
        assert_eq!(noted("alice").await, Some(Dialect::Msnp2));
        pass(seconds(1)).await;
        assert_eq!(noted("alice").await, None);
        pass(seconds(60)).await;
        assert_eq!(world.registry().await.noted, 0, "no other dialect was noted");
    });
}

#[test]
fn the_last_noted_dialect_counts() {
    World::run(|world| async move {
        for dialect in [Dialect::Msnp2, Dialect::Msnp7] {
            let note = NoteDialect { handle: handle("alice"), dialect };
            world.node.registry.send(note).await.unwrap();
        }
        let noted = world.node.registry.send(NotedDialect(handle("alice"))).await.unwrap();
        assert_eq!(noted, Some(Dialect::Msnp7));
        assert_eq!(world.registry().await.noted, 1);
    });
}

#[test]
fn usr_before_ver_takes_the_noted_dialect() {
    World::run(|world| async move {
        let note = NoteDialect { handle: handle("alice"), dialect: Dialect::Msnp4 };
        world.node.registry.send(note).await.unwrap();
        for (name, dialect) in [("alice", Dialect::Msnp4), ("bob", Dialect::Msnp2)] {
            let mut client = world.notification();
            client.request_challenge(1, name).await;
            settle().await;
            let state: SessionState = client.addr.send(Observe::default()).await.unwrap();
            assert_eq!(state.dialect, dialect, "{name}");
        }
    });
}

#[test]
fn ver_overrides_the_noted_dialect() {
    World::run(|world| async move {
        let note = NoteDialect { handle: handle("alice"), dialect: Dialect::Msnp4 };
        world.node.registry.send(note).await.unwrap();
        let mut client = world.notification();
        client.send("VER 4 MSNP2").await;
        client.expect("VER 4 MSNP2").await;
        client.request_challenge(6, "alice").await;
        let state: SessionState = client.addr.send(Observe::default()).await.unwrap();
        assert_eq!(state.dialect, Dialect::Msnp2);
    });
}
