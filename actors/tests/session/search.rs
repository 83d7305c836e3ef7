//! The member directory: `FND`, and `SND` of a hit.

use crate::support::{Gate, Plan, World, settle};
use actors::edit::edit;
use actors::operator;
use actors::port::Store;
use actors::port::store::{AccountId, Change};
use msnp::command::{FndReply, Hit};
use msnp::{Country, Dialect, Event, MemberProfile, ProfileText};

/// How many bytes are on their way to a client that does not read.
const NARROW: usize = 256;

fn text(text: &str) -> ProfileText {
    ProfileText::new(text).unwrap()
}

fn profile(first: &str, last: &str) -> MemberProfile {
    let (first, last) = (text(first), text(last));
    MemberProfile { first, last, city: None, state: None, country: None }
}

/// What these have in the member directory, without telling anybody.
fn put(world: &World, accounts: impl IntoIterator<Item = AccountId>, profile: &MemberProfile) {
    let change = |account| (account, Change::SetProfile(Some(profile.clone())));
    let changes: Vec<_> = accounts.into_iter().map(change).collect();
    assert!(world.store.change(&changes).unwrap().iter().all(Result::is_ok));
}

#[test]
fn whoever_puts_himself_in_is_found_until_he_takes_himself_out() {
    World::run(|world| async move {
        let mut alice = world.online("alice").await;
        let mut bob = world.online_with("bob", Dialect::Msnp4).await;
        let set =
            |profile| edit(world.node.clone(), world.known("bob"), Change::SetProfile(profile));
        let versions = ["alice", "bob"].map(|who| world.version(who));
        set(Some(profile("Bob", "Smith"))).await.unwrap();
        for (probe, trid) in [(&mut alice, 10), (&mut bob, 11)] {
            probe.says(&format!("FND {trid} fname=bob lname=smith")).await;
            let hit = "1 1 fname=Bob lname=Smith city= state= country=";
            probe.hears(&format!("FND {trid} {hit}")).await;
        }
        set(None).await.unwrap();
        alice.says("FND 12 fname=Bob lname=Smith").await;
        alice.hears("FND 12 0 0").await;
        assert_eq!(["alice", "bob"].map(|who| world.version(who)), versions);
        alice.hears_nothing().await;
        bob.hears_nothing().await;
    });
}

#[test]
fn a_hit_is_invited_by_its_number_as_long_as_it_is_somebody() {
    World::run(|world| async move {
        put(&world, ["bob", "carol"].map(|who| world.account(who)), &profile("A", "B"));
        let mut alice = world.online("alice").await;
        let mut dave = world.online_with("dave", Dialect::Msnp4).await;
        alice.says("FND 10 fname=A lname=B").await;
        assert_eq!(alice.hears_all().await.len(), 2);
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
            alice.says(line).await;
            alice.hears(answer).await;
        }
        dave.says("SND 10 1").await;
        dave.hears("201 10").await;
    });
}

#[test]
fn a_search_that_fails_is_told_and_leaves_no_hits() {
    World::run(|world| async move {
        put(&world, [world.account("bob")], &profile("A", "B"));
        let mut alice = world.online("alice").await;
        for break_it in [Gate::fail, Gate::panic] {
            alice.says("FND 10 fname=A lname=B").await;
            alice.hears("FND 10 1 1 fname=A lname=B city= state= country=").await;
            let shut = break_it(&world.store);
            alice.says("FND 11 fname=A lname=B").await;
            alice.hears("501 11").await;
            drop(shut);
            alice.says("SND 12 1").await;
            alice.hears("201 12").await;
        }
    });
}

#[test]
fn a_request_behind_a_search_waits_for_its_hits() {
    World::run(|world| async move {
        put(&world, [world.account("bob")], &profile("A", "B"));
        let mut alice = world.online("alice").await;
        let shut = world.store.close();
        alice.says("FND 10 fname=A lname=B").await;
        alice.writes("SND 11 1\r\nPNG\r\n").await;
        // What could overtake the search would be said by the time that others are answered.
        let mut bob = world.notification();
        bob.says("VER 1 MSNP2").await;
        bob.hears("VER 1 MSNP2").await;
        drop(shut);
        alice.hears("FND 10 1 1 fname=A lname=B city= state= country=").await;
        alice.hears("SND 11 OK").await;
        alice.hears("QNG").await;
    });
}

/// How many hits are told at most.
const MOST: u32 = 50;

fn crowd(plan: &mut Plan) {
    for number in 0..=MOST {
        plan.account(&format!("member{number}"), "Member");
    }
}

#[test]
fn the_most_hits_reach_a_slow_reader_whole_and_one_more_is_301() {
    World::run_with(crowd, |world| async move {
        let longest = || text(&"x".repeat(ProfileText::MAX_ENCODED));
        let (first, last, city, state) = (longest(), longest(), Some(longest()), Some(longest()));
        let country = Some(Country::UNITED_STATES);
        let profile = MemberProfile { first, last, city, state, country };
        let members: Vec<_> =
            (0..=MOST).map(|number| world.account(&format!("member{number}"))).collect();
        let (last, most) = members.split_last().unwrap();
        put(&world, most.iter().copied(), &profile);
        let mut alice = world.narrow(NARROW);
        alice.signs_in("alice").await;
        alice.says("CHG 9 NLN").await;
        alice.hears("CHG 9 NLN").await;
        alice.hears_the_profile().await;
        let long = "x".repeat(ProfileText::MAX_ENCODED);
        let search = format!("fname={long} lname={long} city={long} state={long} country=US\r\n");
        alice.writes(&format!("FND 10 {search}PNG\r\n")).await;
        settle().await;
        for index in 1..=MOST {
            let hit = Some(Hit { index, count: MOST, profile: profile.clone() });
            let Event::Fnd(FndReply { hit: heard, .. }) = alice.hears_event().await else {
                panic!("hit {index} is missing")
            };
            assert_eq!(heard, hit);
        }
        alice.hears("QNG").await;
        put(&world, [*last], &profile);
        alice.writes(&format!("FND 11 {search}")).await;
        alice.hears("301 11").await;
        assert_eq!(world.node.buffers.lent(), (0, 0));
    });
}
