//! The `Accounts` actor: the store, by messages.

use crate::support::{Gate, World, name};
use actors::message::{AccountsState, Deny, Edit, EditError, Load, Observe, SetDisabled};
use actors::port::store::{Change, Detail, ForwardChange};
use actors::port::{DenyError, Disabled, Store};
use actors::{AccountRef, Node, rules};
use msnp::{AddNotice, ErrorCode, List};

async fn state(node: &Node) -> AccountsState {
    node.accounts.send(Observe::default()).await.unwrap()
}

fn add(owner: AccountRef, contact: AccountRef) -> Edit {
    let contact = contact.account;
    let list = List::Forward;
    Edit { owner, change: Change::Add { list, contact, name: None, limit: 150, group: None } }
}

fn remove(contact: AccountRef) -> Change {
    Change::Remove { list: List::Forward, contact: contact.account, group: None }
}

#[test]
fn changes_during_a_transaction_share_the_next_one() {
    World::run(|world| async move {
        let accounts = &world.node.accounts;
        let [alice, bob, carol] = ["alice", "bob", "carol"].map(|name| world.account_ref(name));
        let shut = world.store.close();
        let first = accounts.send(add(alice, bob));
        let second = accounts.send(add(bob, carol));
        let refused = accounts.send(add(carol, carol));
        let third = accounts.send(add(carol, alice));
        let before = state(&world.node).await;
        assert_eq!((before.queued, before.commits), (3, 0));
        drop(shut);
        for answer in [first, second, third] {
            let changed = answer.await.unwrap().unwrap();
            assert_eq!((changed.forward, changed.contacts.len()), (ForwardChange::Added, 1));
        }
        let refused = refused.await.unwrap();
        assert!(matches!(refused, Err(EditError::Refused(ErrorCode::InvalidParameter))));
        let after = state(&world.node).await;
        assert_eq!((after.queued, after.commits, after.changes), (0, 2, 3));
        assert_eq!(after.accounts, 4);
    });
}

#[test]
fn changes_of_one_account_are_made_in_order() {
    World::run(|world| async move {
        let accounts = &world.node.accounts;
        let [alice, bob] = ["alice", "bob"].map(|name| world.account_ref(name));
        let shut = world.store.close();
        let add = accounts.send(add(alice, bob));
        let remove = accounts.send(Edit { owner: alice, change: remove(bob) });
        drop(shut);
        let added = add.await.unwrap().unwrap();
        let removed = remove.await.unwrap().unwrap();
        assert_eq!(removed.version, added.version.next());
        let roster = accounts
            .send(Load { account_ref: alice, detail: Detail::Numbers })
            .await
            .unwrap()
            .unwrap();
        assert_eq!((roster.version, roster.list(List::Forward).len()), (removed.version, 0));
    });
}

#[test]
fn reads_include_earlier_changes() {
    World::run(|world| async move {
        let accounts = &world.node.accounts;
        let [alice, bob] = ["alice", "bob"].map(|name| world.account_ref(name));
        let before = accounts
            .send(Load { account_ref: alice, detail: Detail::Numbers })
            .await
            .unwrap()
            .unwrap();
        for change in [add(alice, bob).change, remove(bob)] {
            let shut = world.store.close();
            let running = accounts.send(Edit { owner: bob, change: Change::RenameSelf(name("B")) });
            let queued = accounts.send(Edit { owner: alice, change });
            let read = accounts.send(Load { account_ref: alice, detail: Detail::Numbers });
            drop(shut);
            let roster = read.await.unwrap().unwrap();
            let changed = queued.await.unwrap().unwrap();
            assert!(roster.version == changed.version && roster.version.is_after(before.version));
            running.await.unwrap().unwrap();
        }
    });
}

#[test]
fn a_new_name_is_shown_when_it_is_durable() {
    World::run(|world| async move {
        let alice = world.account_ref("alice");
        let called = || world.node.directory.principal(alice.account).unwrap().name;
        let shut = world.store.close();
        let change = Change::RenameSelf(name("Alice in W."));
        let renamed = world.node.accounts.send(Edit { owner: alice, change });
        state(&world.node).await;
        assert_eq!(called(), name("Alice"));
        drop(shut);
        renamed.await.unwrap().unwrap();
        assert_eq!(called(), name("Alice in W."));
    });
}

#[test]
fn a_failed_transaction_fails_all_its_changes() {
    World::run(|world| async move {
        let accounts = &world.node.accounts;
        let [alice, bob] = ["alice", "bob"].map(|name| world.account_ref(name));
        for break_it in [Gate::fail, Gate::panic] {
            let shut = break_it(&world.store);
            let edits = [add(alice, bob), add(bob, alice)].map(|edit| accounts.send(edit));
            for edit in edits {
                let failed = edit.await.unwrap().unwrap_err();
                assert_eq!(failed.code(), ErrorCode::DatabaseError);
            }
            assert!(
                accounts
                    .send(Load { account_ref: alice, detail: Detail::Numbers })
                    .await
                    .unwrap()
                    .is_err()
            );
            assert_eq!(state(&world.node).await.commits, 0);
            drop(shut);
        }
        accounts.send(add(alice, bob)).await.unwrap().unwrap();
        assert_eq!(state(&world.node).await.commits, 1);
    });
}

#[test]
fn after_a_store_failure_the_client_gets_501_and_stays() {
    World::run(|world| async move {
        let mut alice = world.online("alice").await;
        let before = world.version("alice");
        let shut = world.store.fail();
        let refused = [
            ("ADD 11 FL bob@example.com bob@example.com", "501 11"),
            ("GTC 12 N", "501 12"),
            ("BLP 13 BL", "501 13"),
            ("REA 14 alice@example.com Queen", "501 14"),
            ("SYN 15 0", "501 15"),
            ("LST 16 FL", "501 16"),
        ];
        for (line, answer) in refused {
            alice.send(line).await;
            alice.expect(answer).await;
        }
        drop(shut);
        assert_eq!(world.version("alice"), before);
        alice.send("GTC 17 N").await;
        alice.expect(&format!("GTC 17 {} N", before + 1)).await;
    });
}

#[test]
fn an_account_that_cannot_be_read_cannot_sign_in() {
    World::run(|world| async move {
        let mut alice = world.notification();
        let challenge = alice.request_challenge(6, "alice").await;
        let shut = world.store.fail();
        alice.answer_challenge(7, &challenge, "secret").await;
        alice.expect("500 7").await;
        alice.expect_end().await;
        drop(shut);
        assert_eq!(world.registry().await.online, []);
    });
}

#[test]
fn prompting_is_stored() {
    World::run(|world| async move {
        let alice = world.account_ref("alice");
        let edit = |add_notice| Edit { owner: alice, change: Change::SetAddNotice(add_notice) };
        let accounts = &world.node.accounts;
        accounts.send(edit(AddNotice::Silent)).await.unwrap().unwrap();
        let roster = accounts
            .send(Load { account_ref: alice, detail: Detail::Numbers })
            .await
            .unwrap()
            .unwrap();
        assert_eq!(roster.add_notice, AddNotice::Silent);
        let same = accounts.send(edit(AddNotice::Silent)).await.unwrap().unwrap_err();
        assert_eq!(same.code(), ErrorCode::AlreadyInMode);
    });
}

#[test]
fn a_store_that_cannot_be_written_is_reported_until_it_can_be() {
    World::run(|world| async move {
        let accounts = &world.node.accounts;
        let [alice, bob] = ["alice", "bob"].map(|name| world.account_ref(name));
        assert_eq!(state(&world.node).await.unwritable, None);
        let shut = world.store.fail_to_change();
        assert!(matches!(accounts.send(add(alice, bob)).await.unwrap(), Err(EditError::Store(_))));
        let unwritable = state(&world.node).await.unwritable.unwrap();
        assert_eq!(unwritable.why, "it fails");
        let stats = actors::stats::collect_without_clients(&world.node).await.unwrap();
        assert_eq!(stats.store.unwritable.unwrap().why, "it fails");
        // Existing accounts can still sign in.
        let mut carol = world.online("carol").await;
        // Nothing is shut out that the store did not record.
        let network = rules::parse_network("203.0.113.0/24").unwrap();
        assert!(matches!(accounts.send(Deny(network)).await.unwrap(), Err(DenyError::Store(_))));
        let disabled = Some(Disabled { reason: None });
        let disable = SetDisabled { account: bob.account, disabled };
        assert!(accounts.send(disable).await.unwrap().is_err());
        assert_eq!(world.node.exclusions.denied(), []);
        assert_eq!(world.node.exclusions.disabled(bob.account), None);
        drop(shut);
        assert!(accounts.send(add(alice, bob)).await.unwrap().is_ok());
        assert_eq!(state(&world.node).await.unwritable, None);
        carol.expect_nothing().await;
        // The state is checked without a change, too.
        let shut = world.store.fail_to_change();
        assert!(accounts.send(add(bob, alice)).await.unwrap().is_err());
        assert!(state(&world.node).await.unwritable.is_some());
        drop(shut);
        let begin = tokio::time::Instant::now();
        while state(&world.node).await.unwritable.is_some() {
            assert!(
                begin.elapsed() < std::time::Duration::from_secs(30),
                "the store is not checked again"
            );
            tokio::time::sleep(std::time::Duration::from_secs(1)).await;
        }
    });
}

#[test]
fn after_another_program_changes_the_store_all_users_sign_in_again() {
    World::run(|world| async move {
        let mut alice = world.online("alice").await;
        let account_ref = world.account_ref("alice");
        let disabled = Disabled { reason: None };
        world.store.change_externally(|store| {
            store.remove(account_ref.account).unwrap();
            store.set_disabled(world.account_ref("dave").account, Some(&disabled)).unwrap();
        });
        let shut = world.store.fail();
        let [bob, carol] = ["bob", "carol"].map(|name| world.account_ref(name));
        assert!(world.node.accounts.send(add(bob, carol)).await.unwrap().is_err());
        drop(shut);
        let lines = alice.receive_all().await;
        assert!(lines.ends_with(&["OUT SSD".to_owned(), "(end)".to_owned()]), "{lines:?}");
        assert!(!world.node.directory.contains(account_ref.account));
        assert!(!world.node.directory.is_current(bob));
        let dave = world.account_ref("dave").account;
        assert_eq!(world.node.exclusions.disabled(dave), Some(Disabled { reason: None }));
        let bob = world.account_ref("bob");
        assert!(
            world.node.accounts.send(add(bob, world.account_ref("carol"))).await.unwrap().is_ok()
        );
    });
}
