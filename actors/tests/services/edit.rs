//! The effects of a change on other users: groups and telephone numbers.

use crate::support::{Plan, VERSION, World};
use actors::edit::{Edited, edit};
use actors::message::EditError;
use actors::port::store::{Change, Changed, Detail, ForwardChange};
use actors::port::{PhoneNumbers, Store};
use msnp::{ErrorCode, GroupId, GroupName, List, ListVersion, PhoneKind, PhoneNumber, State};

fn id(group: u8) -> GroupId {
    GroupId::new(group).unwrap()
}

fn version(changes: u32) -> ListVersion {
    ListVersion::new(VERSION + changes).unwrap()
}

fn number(text: &str) -> PhoneNumber {
    PhoneNumber::new(text).unwrap()
}

async fn make(world: &World, who: &str, change: Change) -> Result<Edited, EditError> {
    edit(world.node.clone(), world.account_ref(who), change).await
}

fn put(world: &World, contact: &str, group: u8) -> Change {
    let (list, contact, group) = (List::Forward, world.account(contact), Some(id(group)));
    Change::Add { list, contact, name: None, limit: 150, group }
}

/// Alice has a group 1.
async fn with_friends(world: &World) {
    let name = GroupName::new("Friends").unwrap();
    let made = make(world, "alice", Change::AddGroup(name)).await.unwrap();
    assert_eq!((made.changed.group, made.contact_presence), (Some(id(1)), None));
}

fn watchers(world: &World, who: &str, of: &actors::message::RegistryState) -> usize {
    let account = world.account(who);
    of.online.iter().find(|online| online.account == account).unwrap().watchers
}

#[test]
fn contacts_who_leave_the_forward_list_with_a_group_are_notified() {
    World::run(|world| async move {
        let mut bob = world.online("bob").await;
        let mut carol = world.online("carol").await;
        let mut dave = world.online("dave").await;
        with_friends(&world).await;
        for (who, probe) in [("bob", &mut bob), ("carol", &mut carol), ("dave", &mut dave)] {
            let added = make(&world, "alice", put(&world, who, 1)).await.unwrap();
            assert_eq!(added.contact_presence, Some(State::Online.into()));
            assert_eq!(added.changed.forward, ForwardChange::Added);
            probe.expect(&format!("ADD 0 RL {} alice@example.com Alice", VERSION + 1)).await;
        }
        // Carol is in another group too: she is not notified.
        let more = make(&world, "alice", put(&world, "carol", 0)).await.unwrap();
        assert_eq!((more.changed.forward, more.contact_presence), (ForwardChange::Unchanged, None));
        carol.expect_nothing().await;
        let removed = make(&world, "alice", Change::RemoveGroup(id(1))).await.unwrap();
        let contacts = ["bob", "dave"].map(|who| (world.account(who), version(2))).to_vec();
        let expected =
            Changed { forward: ForwardChange::Removed, contacts, ..Changed::own(version(6)) };
        assert_eq!(removed, Edited { changed: expected, contact_presence: None });
        for probe in [&mut bob, &mut dave] {
            probe.expect(&format!("REM 0 RL {} alice@example.com", VERSION + 2)).await;
            probe.expect_nothing().await;
        }
        carol.expect_nothing().await;
        let online = world.registry().await;
        let watched = ["bob", "carol", "dave"].map(|who| watchers(&world, who, &online));
        assert_eq!(watched, [0, 1, 0]);
    });
}

#[test]
fn a_refused_group_change_notifies_no_one() {
    World::run(|world| async move {
        let mut bob = world.online("bob").await;
        let refused = make(&world, "alice", put(&world, "bob", 1)).await.unwrap_err();
        assert_eq!(refused.code(), ErrorCode::InvalidGroup);
        bob.expect_nothing().await;
    });
}

#[test]
fn a_telephone_number_that_is_not_durable_notifies_no_one() {
    let contact = |plan: &mut Plan| plan.list("bob", List::Forward, "alice");
    World::run_with(contact, |world| async move {
        let mut bob = world.online("bob").await;
        let alice = world.account("alice");
        let numbers = || world.store.roster(alice, Detail::Numbers).unwrap().numbers;
        let set = |number| Change::SetPhone(PhoneKind::Home, number);
        let shut = world.store.fail();
        assert!(make(&world, "alice", set(Some(number("1")))).await.is_err());
        drop(shut);
        assert!(numbers().is_empty());
        let changed = make(&world, "alice", set(Some(number("555 123")))).await.unwrap().changed;
        assert_eq!(changed.forward, ForwardChange::Unchanged);
        assert_eq!(changed.contacts, [(world.account("bob"), version(2))]);
        assert_eq!(numbers().get(PhoneKind::Home), Some(&number("555 123")));
        // Bob's reverse list is unchanged.
        bob.expect_nothing().await;
        make(&world, "alice", set(None)).await.unwrap();
        assert_eq!(numbers(), PhoneNumbers::default());
    });
}
