//! The member directory: `FND`, and `SND` to a hit.

use crate::support::{Gate, Plan, World, handle, name, pass, seconds};
use actors::edit::edit;
use actors::message::{CheckProof, Edit, Find, Restore};
use actors::operator;
use actors::port::Store;
use actors::port::store::{AccountId, Change, Proof};
use msnp::auth::Digest;
use msnp::command::Search;
use msnp::{Country, Dialect, MemberProfile, ProfileText};
use std::io::Cursor;

/// How many unread bytes a connection holds.
const NARROW: usize = 256;

fn text(text: &str) -> ProfileText {
    ProfileText::new(text).unwrap()
}

fn profile(first: &str, last: &str) -> MemberProfile {
    let (first, last) = (text(first), text(last));
    MemberProfile { first, last, city: None, state: None, country: None }
}

/// Adds a profile to the member directory for these accounts, without a notice.
fn put(world: &World, accounts: impl IntoIterator<Item = AccountId>, profile: &MemberProfile) {
    let change = |account| (account, Change::SetProfile(Some(profile.clone())));
    let changes: Vec<_> = accounts.into_iter().map(change).collect();
    assert!(world.store.change(&changes).unwrap().iter().all(Result::is_ok));
}

#[test]
fn a_user_is_found_from_opting_in_until_opting_out() {
    World::run(|world| async move {
        let mut alice = world.online("alice").await;
        let mut bob = world.online_with("bob", Dialect::Msnp4).await;
        let set = |profile| {
            edit(world.node.clone(), world.account_ref("bob"), Change::SetProfile(profile))
        };
        let versions = ["alice", "bob"].map(|who| world.version(who));
        set(Some(profile("Bob", "Smith"))).await.unwrap();
        for (probe, trid) in [(&mut alice, 10), (&mut bob, 11)] {
            probe.send(&format!("FND {trid} fname=bob lname=smith")).await;
            let hit = "1 1 fname=Bob lname=Smith city= state= country=";
            probe.expect(&format!("FND {trid} {hit}")).await;
        }
        set(None).await.unwrap();
        alice.send("FND 12 fname=Bob lname=Smith").await;
        alice.expect("FND 12 0 0").await;
        assert_eq!(["alice", "bob"].map(|who| world.version(who)), versions);
        alice.expect_nothing().await;
        bob.expect_nothing().await;
    });
}

#[test]
fn a_hit_can_be_invited_by_number_while_its_account_exists() {
    World::run(|world| async move {
        put(&world, ["bob", "carol"].map(|who| world.account(who)), &profile("A", "B"));
        let mut alice = world.online("alice").await;
        let mut dave = world.online_with("dave", Dialect::Msnp4).await;
        alice.send("FND 10 fname=A lname=B").await;
        assert_eq!(alice.receive_all().await.len(), 2);
        operator::remove(world.node.clone(), world.account("bob")).await.unwrap();
        for (line, answer) in [
            ("SND 11 1", "201 11"),
            ("SND 12 2", "SND 12 OK"),
            ("SND 13 3", "201 13"),
            ("SND 14 4294967295", "201 14"),
            ("FND 15 fname=A lname=B", "FND 15 1 1 fname=A lname=B city= state= country="),
            ("SND 16 1", "SND 16 OK"),
            ("SND 17 2", "201 17"),
        ] {
            alice.send(line).await;
            alice.expect(answer).await;
        }
        dave.send("SND 10 1").await;
        dave.expect("201 10").await;
    });
}

#[test]
fn a_failed_search_returns_an_error_and_leaves_no_hits() {
    World::run(|world| async move {
        put(&world, [world.account("bob")], &profile("A", "B"));
        let mut alice = world.online("alice").await;
        for break_it in [Gate::fail, Gate::panic] {
            alice.send("FND 10 fname=A lname=B").await;
            alice.expect("FND 10 1 1 fname=A lname=B city= state= country=").await;
            let shut = break_it(&world.store);
            alice.send("FND 11 fname=A lname=B").await;
            alice.expect("501 11").await;
            drop(shut);
            alice.send("SND 12 1").await;
            alice.expect("201 12").await;
        }
    });
}

#[test]
fn a_request_after_a_search_waits_for_its_hits() {
    World::run(|world| async move {
        put(&world, [world.account("bob")], &profile("A", "B"));
        let mut alice = world.online("alice").await;
        let shut = world.store.close();
        alice.send("FND 10 fname=A lname=B").await;
        alice.write_raw("SND 11 1\r\nPNG\r\n").await;
        // By the time that Bob is answered, a command that overtook the search would be answered
        // too.
        let mut bob = world.notification();
        bob.send("VER 1 MSNP2").await;
        bob.expect("VER 1 MSNP2").await;
        drop(shut);
        alice.expect("FND 10 1 1 fname=A lname=B city= state= country=").await;
        alice.expect("SND 11 OK").await;
        alice.expect("QNG").await;
    });
}

#[test]
fn searches_run_one_at_a_time_and_block_nothing_else() {
    World::run(|world| async move {
        put(&world, [world.account("bob")], &profile("A", "B"));
        let accounts = &world.node.accounts;
        let (alice, bob) = (world.account_ref("alice"), world.account_ref("bob"));
        let shut = world.store.hold_searches();
        let searches: Vec<_> = (0..8)
            .map(|_| {
                let search = Search::named(text("A"), text("B"));
                accounts.send(Find { account_ref: alice, search, max: 1 })
            })
            .collect();
        let challenge = world.node.entropy.challenge(world.node.clock.now()).unwrap();
        let digest = Digest::of(&challenge, b"secret");
        let proof = Proof::Md5 { challenge, digest };
        let right = accounts.send(CheckProof { handle: handle("bob"), proof }).await;
        assert!(right.unwrap().unwrap().is_right);
        let change = Change::RenameSelf(name("Queen"));
        accounts.send(Edit { owner: alice, change }).await.unwrap().unwrap();
        drop(shut);
        let found = vec![(bob.account, profile("A", "B"))];
        for search in searches {
            assert_eq!(search.await.unwrap().unwrap().as_ref(), Some(&found));
        }
        assert_eq!(world.store.most_searches(), 1);
    });
}

#[test]
fn a_user_may_search_20_times_a_minute() {
    World::run(|world| async move {
        let mut alice = world.online("alice").await;
        let mut bob = world.online("bob").await;
        for trid in 10..30 {
            alice.send(&format!("FND {trid} fname=A lname=B")).await;
            alice.expect(&format!("FND {trid} 0 0")).await;
        }
        alice.send("FND 30 fname=A lname=B").await;
        alice.expect("800 30").await;
        bob.send("FND 10 fname=A lname=B").await;
        bob.expect("FND 10 0 0").await;
        pass(seconds(60)).await;
        alice.send("FND 31 fname=A lname=B").await;
        alice.expect("FND 31 0 0").await;
    });
}

#[test]
fn hits_from_before_a_restore_are_invalid() {
    World::run(|world| async move {
        put(&world, [world.account("bob")], &profile("A", "B"));
        let mut backup = Vec::new();
        world.store.backup(true, &mut backup).unwrap();
        let restore = || {
            let from = Box::new(Cursor::new(backup.clone()));
            world.node.accounts.send(Restore { from })
        };
        let mut alice = world.online("alice").await;
        let mut bob = world.online("bob").await;
        alice.send("FND 10 fname=A lname=B").await;
        alice.expect("FND 10 1 1 fname=A lname=B city= state= country=").await;
        let shut = world.store.hold_searches();
        bob.send("FND 10 fname=A lname=B").await;
        restore().await.unwrap().unwrap();
        drop(shut);
        bob.expect("501 10").await;
        for probe in [&mut bob, &mut alice] {
            probe.send("SND 11 1").await;
            probe.expect("201 11").await;
            probe.send("FND 12 fname=A lname=B").await;
            probe.expect("501 12").await;
        }
    });
}

fn connection_limits(plan: &mut Plan) {
    for number in 0..4 {
        plan.add_account(&format!("member{number}"), "Member");
    }
}

#[test]
fn hits_that_exceed_one_packet_answer_301() {
    World::run_with(connection_limits, |world| async move {
        let long = "x".repeat(ProfileText::MAX_ENCODED);
        let longest = || text(&long);
        let (first, last, city, state) = (longest(), longest(), Some(longest()), Some(longest()));
        let country = Some(Country::UNITED_STATES);
        let profile = MemberProfile { first, last, city, state, country };
        let members = [0, 1, 2, 3].map(|number| world.account(&format!("member{number}")));
        put(&world, members.into_iter().take(3), &profile);
        let mut alice = world.narrow(NARROW);
        alice.sign_in("alice").await;
        alice.send("CHG 9 NLN").await;
        alice.expect("CHG 9 NLN").await;
        alice.expect_profile().await;
        let hit = format!("fname={long} lname={long} city={long} state={long} country=US");
        alice.write_raw(&format!("FND 10 {hit}\r\nPNG\r\n")).await;
        for index in 1..=3 {
            alice.expect(&format!("FND 10 {index} 3 {hit}")).await;
        }
        alice.expect("QNG").await;
        put(&world, [members[3]], &profile);
        alice.send(&format!("FND 11 {hit}")).await;
        alice.expect("301 11").await;
        alice.send("SND 12 1").await;
        alice.expect("201 12").await;
        assert_eq!(world.node.buffers.in_use(), (0, 0));
    });
}
