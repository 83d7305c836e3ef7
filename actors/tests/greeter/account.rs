//! The greeter's account, and the accounts that get the greeter as a contact.

use super::{is_online, wanted, with_greeter, with_greeter_and};
use crate::support::{World, handle, name, settle};
use actors::message::Backup;
use actors::operator;
use actors::port::Store;
use actors::port::store::{Detail, Password, Principal};
use actors::rules::Creator;
use actors::stats;
use msnp::{ErrorCode, Event, List};
use std::io::{Cursor, Write};
use std::sync::{Arc, Mutex};

/// Creates an account as commands and web pages do.
async fn create(world: &World, local: &str) {
    let principal = Principal { handle: handle(local), name: name("Erin") };
    let password = Password::new("secret").unwrap();
    operator::create(world.node.clone(), principal, password, Creator::Operator).await.unwrap();
}

fn on(world: &World, local: &str, list: List) -> Vec<String> {
    let roster = world.store.roster(world.account(local), Detail::Lists).unwrap();
    let handle = |contact| world.node.directory.principal(contact).unwrap().handle.to_string();
    roster.list(list).iter().map(|entry| handle(entry.contact)).collect()
}

#[test]
fn a_new_account_has_the_greeter_as_an_online_contact() {
    with_greeter(|world| async move {
        create(&world, "erin").await;
        for list in [List::Forward, List::Allow] {
            assert_eq!(on(&world, "erin", list), ["greeter@example.com"]);
        }
        assert_eq!(on(&world, "greeter", List::Reverse), ["erin@example.com"]);
        // aMSN 0.61 paints a contact in magenta who is not on the reverse list.
        assert_eq!(on(&world, "erin", List::Reverse), ["greeter@example.com"]);
        assert_eq!(on(&world, "greeter", List::Forward), ["erin@example.com"]);
        let mut erin = world.signed_in("erin").await;
        erin.send("CHG 9 NLN").await;
        erin.expect("CHG 9 NLN").await;
        erin.expect("ILN 9 NLN greeter@example.com Greeter").await;
    });
}

#[test]
fn accounts_beyond_the_greeters_list_limit_still_get_it_as_a_contact() {
    use actors::port::store::Change;
    use actors::settings::MAX_LIST_ENTRIES;
    let many = |plan: &mut crate::support::Plan| {
        for number in 0..MAX_LIST_ENTRIES {
            plan.add_account(&format!("person{number}"), "Person");
        }
    };
    with_greeter_and(many, |world| async move {
        create(&world, "erin").await;
        let greeter = world.account("greeter");
        let add = |number: u16| {
            let contact = world.account(&format!("person{number}"));
            let (list, limit) = (List::Forward, MAX_LIST_ENTRIES);
            (greeter, Change::Add { list, contact, name: None, limit, group: None })
        };
        let all: Vec<_> = (1..MAX_LIST_ENTRIES).map(add).collect();
        assert!(world.store.change(&all).unwrap().iter().all(Result::is_ok));
        create(&world, "frank").await;
        for list in [List::Forward, List::Allow] {
            assert_eq!(on(&world, "frank", list), ["greeter@example.com"]);
        }
        assert!(on(&world, "frank", List::Reverse).is_empty());
        assert_eq!(on(&world, "greeter", List::Forward).len(), usize::from(MAX_LIST_ENTRIES));
    });
}

#[test]
fn the_greeter_is_not_counted_as_a_user() {
    with_greeter(|world| async move {
        let before = stats::collect(&world.node).await.unwrap();
        create(&world, "erin").await;
        let _erin = world.signed_in("erin").await;
        let after = stats::collect(&world.node).await.unwrap();
        assert_eq!(after.accounts, before.accounts + 1);
        assert_eq!(before.accounts + 1, world.node.directory.len() - 1);
        assert_eq!((before.connections.signed_in, after.connections.signed_in), (0, 1));
    });
}

#[test]
fn the_greeter_is_not_in_the_member_directory() {
    with_greeter(|world| async move {
        create(&world, "erin").await;
        let exported = world.store.export(false).unwrap();
        assert!(exported.iter().any(|it| it.principal.handle == handle("greeter")));
        assert!(exported.iter().all(|it| it.profile.is_none()));
        let mut alice = world.online("alice").await;
        alice.send("FND 10 fname=Greeter lname=Greeter").await;
        alice.expect("FND 10 0 0").await;
    });
}

#[test]
fn existing_accounts_are_not_changed() {
    with_greeter(|world| async move {
        assert!(on(&world, "alice", List::Forward).is_empty());
        assert!(on(&world, "greeter", List::Reverse).is_empty());
    });
}

#[test]
fn an_account_created_offline_gets_the_greeter_too() {
    World::run_with(wanted, |world| async move {
        create(&world, "erin").await;
        assert_eq!(on(&world, "erin", List::Forward), ["greeter@example.com"]);
        assert!(world.registry().await.online.is_empty());
        world.greeter();
        assert!(is_online(&world).await);
        let mut erin = world.signed_in("erin").await;
        erin.send("CHG 9 NLN").await;
        erin.expect("CHG 9 NLN").await;
        erin.expect("ILN 9 NLN greeter@example.com Greeter").await;
    });
}

#[test]
fn without_a_greeter_new_accounts_have_no_contacts() {
    World::run_with(
        |_| {},
        |world| async move {
            world.greeter();
            create(&world, "erin").await;
            assert!(!is_online(&world).await);
            assert!(on(&world, "erin", List::Forward).is_empty());
            assert_eq!(world.node.directory.len(), 5);
        },
    );
}

#[test]
fn the_greeter_never_takes_over_a_users_account() {
    let taken = |plan: &mut crate::support::Plan| plan.add_account("greeter", "Greta");
    with_greeter_and(taken, |world| async move {
        assert!(!is_online(&world).await);
        create(&world, "erin").await;
        assert!(on(&world, "erin", List::Forward).is_empty());
        // The owner of the account signs in as before.
        world.online("greeter").await;
    });
}

#[test]
fn no_client_can_sign_in_as_the_greeter() {
    with_greeter(|world| async move {
        for password in ["", "secret", "greeter"] {
            let mut stranger = world.notification();
            let challenge = stranger.request_challenge(6, "greeter").await;
            stranger.answer_challenge(7, &challenge, password).await;
            let Event::Error(refused) = stranger.next_event().await else { panic!("no error") };
            assert_eq!(refused.code, ErrorCode::AuthenticationFailed);
        }
        assert!(is_online(&world).await);
    });
}

#[test]
fn the_greeter_follows_the_settings() {
    with_greeter(|world| async move {
        create(&world, "erin").await;
        let mut erin = world.online("erin").await;
        let with = (*world.node.settings()).clone();
        let mut without = with.clone();
        without.greeter = None;
        world.node.change_settings(without);
        assert!(!is_online(&world).await);
        erin.expect("FLN greeter@example.com").await;
        let mut renamed = with.clone();
        renamed.greeter.as_mut().unwrap().name = name("Doorman");
        world.node.change_settings(renamed.clone());
        assert!(is_online(&world).await);
        erin.expect("NLN NLN greeter@example.com Doorman").await;
        // Unrelated settings change nothing.
        renamed.list_entries = 7;
        world.node.change_settings(renamed);
        assert!(is_online(&world).await);
        erin.expect_nothing().await;
    });
}

/// A file in memory.
#[derive(Clone, Default)]
struct Sheet(Arc<Mutex<Vec<u8>>>);

impl Write for Sheet {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0.lock().unwrap().extend_from_slice(bytes);
        Ok(bytes.len())
    }
    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

#[test]
fn after_a_restore_the_greeter_signs_in_again() {
    World::run_with(
        |_| {},
        |world| async move {
            let sheet = Sheet::default();
            let backup = Backup { with_key: true, to: Box::new(sheet.clone()) };
            world.node.accounts.send(backup).await.unwrap().unwrap();
            let mut settings = (*world.node.settings()).clone();
            settings.greeter = Some(Principal { handle: handle("greeter"), name: name("Greeter") });
            world.greeter();
            world.node.change_settings(settings);
            assert!(is_online(&world).await);
            // The backup was made before the greeter existed.
            let bytes = sheet.0.lock().unwrap().clone();
            operator::restore(world.node.clone(), Box::new(Cursor::new(bytes))).await.unwrap();
            settle().await;
            assert!(is_online(&world).await);
            assert_eq!(world.registry().await.online.len(), 1);
            let examined = world.store.verify_integrity().unwrap();
            assert_eq!(examined.faults, Vec::<String>::new());
            assert_eq!(examined.accounts, 5);
        },
    );
}
