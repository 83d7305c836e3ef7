//! Changes by an operator while users are signed in.

use crate::support::{
    Plan, VERSION, World, end_lines, handle, name, pass, record_log, seconds, settle,
};
use actors::edit::edit;
use actors::message::{Backup, Create, Edit, EditError, Load};
use actors::operator::{self, CreateAccountError};
use actors::port::store::{Change, Detail, NewAccount, Password, Principal, Store};
use actors::port::{AccountExport, ArchiveError, Contact, ImportStep, PhoneNumbers, StoreError};
use actors::rules::{Creator, NewAccountError, NewHandleError};
use msnp::{AddNotice, GroupId, Handle, List, ListVersion, PhoneKind, PhoneNumber, Privacy};
use std::io::{Cursor, Write};
use std::sync::{Arc, Mutex};

/// Lets every actor have some turns. Virtual time does not pass while the store works.
async fn some_turns() {
    for _ in 0..50 {
        tokio::task::yield_now().await;
    }
}

/// A file in memory that a thread writes.
#[derive(Clone, Default)]
struct Shared(Arc<Mutex<Vec<u8>>>);

impl Write for Shared {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0.lock().unwrap().extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

async fn backup(world: &World) -> Vec<u8> {
    let file = Shared::default();
    let to = Box::new(file.clone());
    world.node.accounts.send(Backup { with_key: false, to }).await.unwrap().unwrap();
    let bytes = file.0.lock().unwrap();
    bytes.clone()
}

#[test]
fn a_rename_notifies_everyone_who_sees_the_user() {
    World::run_with(
        |plan| plan.friends(&["alice", "bob", "carol"]),
        |world| async move {
            let mut bob = world.online("bob").await;
            let mut alice = world.online("alice").await;
            bob.expect("NLN NLN alice@example.com Alice").await;
            let mut carol = world.online("carol").await;
            bob.expect("NLN NLN carol@example.com Carol").await;
            alice.expect("NLN NLN carol@example.com Carol").await;
            carol.send("CHG 10 HDN").await;
            carol.expect("CHG 10 HDN").await;
            bob.expect("FLN carol@example.com").await;
            alice.expect("FLN carol@example.com").await;
            let account = world.account("alice");
            operator::rename(world.node.clone(), account, name("Alice A.")).await.unwrap();
            bob.expect("NLN NLN alice@example.com Alice%20A.").await;
            carol.expect("NLN NLN alice@example.com Alice%20A.").await;
            alice.expect_nothing().await;
            // No one sees her.
            let account = world.account("carol");
            operator::rename(world.node.clone(), account, name("C")).await.unwrap();
            for probe in [&mut alice, &mut bob, &mut carol] {
                probe.expect_nothing().await;
            }
        },
    );
}

#[test]
fn a_rename_that_fails_in_the_store_notifies_no_one() {
    World::run_with(
        |plan| plan.friends(&["alice", "bob"]),
        |world| async move {
            let mut bob = world.online("bob").await;
            let _alice = world.online("alice").await;
            bob.expect("NLN NLN alice@example.com Alice").await;
            let shut = world.store.fail();
            let account = world.account("alice");
            let refused = operator::rename(world.node.clone(), account, name("A")).await;
            assert!(matches!(refused, Err(EditError::Store(_))));
            drop(shut);
            bob.expect_nothing().await;
            assert_eq!(world.node.directory.principal(account).unwrap().name, name("Alice"));
        },
    );
}

#[test]
fn a_new_account_is_found_at_once() {
    World::run(|world| async move {
        let mut alice = world.online("alice").await;
        alice.send("ADD 11 FL erin@example.com").await;
        alice.expect("205 11").await;
        let principal = Principal { handle: handle("erin"), name: name("Erin") };
        let password = Password::new("secret").unwrap();
        let version = ListVersion::new(VERSION).unwrap();
        let new = Create(NewAccount { principal, password, version });
        world.node.accounts.send(new).await.unwrap().unwrap();
        alice.send("ADD 12 FL erin@example.com").await;
        alice.expect(&format!("ADD 12 FL {} erin@example.com erin@example.com", VERSION + 1)).await;
        let mut erin = world.signed_in("erin").await;
        erin.send("SYN 8 0").await;
        let lines = erin.receive_all().await;
        let reverse = format!("LST 8 RL {} 1 1 alice@example.com Alice", VERSION + 1);
        assert!(lines.contains(&reverse), "{lines:?}");
    });
}

#[test]
fn accounts_are_created_only_as_the_rules_allow() {
    let with_greeter = |plan: &mut Plan| {
        let principal = Principal { handle: handle("greeter"), name: name("Greeter") };
        plan.settings.greeter = Some(principal);
    };
    World::run_with(with_greeter, |world| async move {
        let create = |text: &str, creator| {
            let principal = Principal { handle: Handle::new(text).unwrap(), name: name("Erin") };
            let password = Password::new("secret").unwrap();
            operator::create(world.node.clone(), principal, password, creator)
        };
        for creator in [Creator::Operator, Creator::User] {
            for (text, why) in [
                ("msnpd-selftest-x@example.com", NewAccountError::ReservedForSelfTest),
                ("greeter@example.com", NewAccountError::Greeter),
                ("a..b@example.com", NewAccountError::Handle(NewHandleError::Dots)),
                ("erin@example.org", NewAccountError::Domain),
            ] {
                match create(text, creator).await {
                    Err(CreateAccountError::Refused(refused)) => assert_eq!(refused, why, "{text}"),
                    other => panic!("{text}: {other:?}"),
                }
            }
        }
        let reserved = create("admin@example.com", Creator::User).await;
        let why = NewAccountError::Reserved;
        assert!(matches!(reserved, Err(CreateAccountError::Refused(found)) if found == why));
        create("admin@example.com", Creator::Operator).await.unwrap();
        create("erin@example.com", Creator::User).await.unwrap();
    });
}

#[test]
fn a_recreated_account_has_a_list_version_that_no_client_has() {
    World::run(|world| async move {
        let make = || {
            let principal = Principal { handle: handle("erin"), name: name("Erin") };
            let password = Password::new("secret").unwrap();
            operator::create(world.node.clone(), principal, password, Creator::Operator)
        };
        let mut seen = Vec::new();
        for _ in 0..5 {
            let account = make().await.unwrap();
            let version = world.version("erin");
            assert!(!seen.contains(&version), "{version} of {seen:?}");
            seen.push(version);
            operator::remove(world.node.clone(), account).await.unwrap();
        }
    });
}

#[test]
fn changes_after_the_largest_list_version_are_newer() {
    World::run(|world| async move {
        let principal = Principal { handle: handle("erin"), name: name("Erin") };
        let password = Password::new("secret").unwrap();
        let version = ListVersion::new(ListVersion::MAX).unwrap();
        let new = Create(NewAccount { principal, password, version });
        world.node.accounts.send(new).await.unwrap().unwrap();
        let mut erin = world.online("erin").await;
        erin.send("SYN 8 0").await;
        let lines = erin.receive_all().await;
        assert_eq!(lines[0], format!("SYN 8 {}", ListVersion::MAX));
        let mut alice = world.online("alice").await;
        alice.send("ADD 11 FL erin@example.com").await;
        alice.receive_all().await;
        erin.expect("ADD 0 RL 1 alice@example.com Alice").await;
    });
}

#[test]
fn a_removed_account_is_signed_off_and_leaves_all_reverse_lists() {
    World::run_with(
        |plan| {
            plan.friends(&["alice", "bob"]);
            plan.list("carol", List::Block, "bob");
        },
        |world| async move {
            let mut alice = world.online("alice").await;
            let mut carol = world.online("carol").await;
            let mut bob = world.online("bob").await;
            alice.expect("NLN NLN bob@example.com Bob%20B.").await;
            let versions = [world.version("alice"), world.version("carol")];
            let account = world.account("bob");
            operator::remove(world.node.clone(), account).await.unwrap();
            bob.expect("OUT").await;
            bob.expect_end().await;
            let mut news = alice.receive_all().await;
            news.sort();
            let version = world.version("alice");
            assert!(version > versions[0] && world.version("carol") > versions[1]);
            assert_eq!(
                news,
                ["FLN bob@example.com".to_owned(), format!("REM 0 RL {version} bob@example.com")]
            );
            carol.expect_nothing().await;
            assert_eq!(world.node.directory.find(&handle("bob")), None);
            assert!(!world.node.directory.contains(account));
            assert_eq!(world.node.directory.len(), 3);
            assert_eq!(world.registry().await.online.len(), 2);
            // The handle is free again, for another account.
            let principal = Principal { handle: handle("bob"), name: name("Bobby") };
            let password = Password::new("secret").unwrap();
            let version = ListVersion::new(VERSION).unwrap();
            let new = Create(NewAccount { principal, password, version });
            let other = world.node.accounts.send(new).await.unwrap().unwrap();
            assert_ne!(other, account);
            let mut bobby = world.online("bob").await;
            bobby.send("LST 20 RL").await;
            assert!(
                bobby.receive_all().await[0].ends_with(" 0 0"),
                "the new account is on no list"
            );
            alice.expect_nothing().await;
        },
    );
}

fn portrait(local: &str, forward: &[&str]) -> AccountExport {
    let forward = forward.iter().map(|contact| Contact::new(&handle(contact), None)).collect();
    AccountExport {
        principal: Principal { handle: handle(local), name: name(local) },
        add_notice: AddNotice::default(),
        privacy: Privacy::default(),
        password: Password::new("secret"),
        groups: Vec::new(),
        numbers: PhoneNumbers::default(),
        profile: None,
        disabled: None,
        lists: [forward, Vec::new(), Vec::new()],
    }
}

#[test]
fn contacts_on_an_imported_forward_list_are_notified() {
    World::run(|world| async move {
        let mut alice = world.online("alice").await;
        let accounts = vec![portrait("erin", &["alice", "frank"]), portrait("frank", &["erin"])];
        let imported =
            operator::import(world.node.clone(), accounts, ImportStep::Whole).await.unwrap();
        assert_eq!(imported.created.len(), 2);
        alice.expect(&format!("ADD 0 RL {} erin@example.com erin", world.version("alice"))).await;
        let _erin = world.online("erin").await;
        alice.expect_nothing().await;
        alice.send("CHG 20 BSY").await;
        alice.expect("CHG 20 BSY").await;
        let mut frank = world.online("frank").await;
        frank.send("LST 20 RL").await;
        assert!(frank.receive_all().await[0].ends_with(" 1 1 erin@example.com erin"));
    });
}

#[test]
fn a_broadcast_reaches_every_signed_in_user() {
    World::run(|world| async move {
        let mut alice = world.online("alice").await;
        let mut bob = world.signed_in("bob").await;
        let half = world.notification();
        assert_eq!(operator::broadcast(&world.node, 5).await.unwrap(), 2);
        let payload = b"MIME-Version: 1.0\r\nContent-Type: application/x-msmsgssystemmessage\r\n\
            \r\nType: 1\r\nArg1: 5\r\n";
        alice.expect_message("Hotmail Hotmail", payload).await;
        bob.expect_message("Hotmail Hotmail", payload).await;
        drop(half);
    });
}

#[test]
fn after_a_restore_all_users_sign_in_again_and_no_older_state_remains() {
    World::run_with(
        |plan| plan.friends(&["alice", "bob"]),
        |world| async move {
            let file = backup(&world).await;
            let mut alice = world.online("alice").await;
            let mut bob = world.online("bob").await;
            alice.expect("NLN NLN bob@example.com Bob%20B.").await;
            alice.send("REM 11 FL bob@example.com").await;
            alice.expect(&format!("REM 11 FL {} bob@example.com", VERSION + 3)).await;
            bob.expect(&format!("REM 0 RL {} alice@example.com", VERSION + 3)).await;
            operator::remove(world.node.clone(), world.account("dave")).await.unwrap();

            // A change that is in progress is made before the restore, and is gone after it.
            let shut = world.store.close();
            alice.send("ADD 12 FL carol@example.com").await;
            some_turns().await;
            let restoring =
                actix_rt::spawn(operator::restore(world.node.clone(), Box::new(Cursor::new(file))));
            some_turns().await;
            bob.send("ADD 12 FL carol@example.com").await;
            bob.expect("501 12").await;
            bob.send("FND 13 fname=Bob lname=Smith").await;
            bob.expect("501 13").await;
            drop(shut);
            let restored = restoring.await.unwrap().unwrap();
            assert_eq!(restored.accounts, 4);
            for probe in [&mut alice, &mut bob] {
                let lines = probe.receive_all().await;
                assert!(lines.ends_with(&["OUT SSD".to_owned(), "(end)".to_owned()]), "{lines:?}");
            }
            assert_eq!(world.node.directory.len(), 4);
            let mut alice = world.online("alice").await;
            alice.send("LST 20 FL").await;
            let lines = alice.receive_all().await;
            assert!(lines[0].ends_with(" 1 1 bob@example.com Bob%20B."), "{lines:?}");
            alice.send("BLP 21 BL").await;
            assert!(alice.receive_all().await[0].starts_with("BLP 21 "), "changes are made again");
        },
    );
}

#[test]
fn imports_and_restores_include_telephone_numbers() {
    World::run(|world| async move {
        let directory = &world.node.directory;
        let numbers_of = |account| world.store.roster(account, Detail::Numbers).unwrap().numbers;
        let number = PhoneNumber::new("555 123").unwrap();
        let mut erin = portrait("erin", &["alice"]);
        erin.numbers.set(PhoneKind::Work, Some(number.clone()));
        let numbers = erin.numbers.clone();
        operator::import(world.node.clone(), vec![erin], ImportStep::Whole).await.unwrap();
        let erin = directory.find(&handle("erin")).unwrap();
        assert_eq!(numbers_of(erin), numbers);
        let file = backup(&world).await;
        let change = Change::SetPhone(PhoneKind::Work, None);
        let edit = Edit { owner: directory.account_ref(erin), change };
        world.node.accounts.send(edit).await.unwrap().unwrap();
        assert!(numbers_of(erin).is_empty());
        operator::restore(world.node.clone(), Box::new(Cursor::new(file))).await.unwrap();
        assert_eq!(numbers_of(erin).get(PhoneKind::Work), Some(&number));
        assert!(numbers_of(world.account("alice")).is_empty());
    });
}

#[test]
fn a_refused_backup_changes_nothing_and_ends_no_session() {
    World::run(|world| async move {
        let mut file = backup(&world).await;
        file.pop();
        let mut alice = world.online("alice").await;
        let before = world.store.export(true).unwrap();
        let refused = operator::restore(world.node.clone(), Box::new(Cursor::new(file))).await;
        assert!(matches!(refused, Err(ArchiveError::NotABackup(_))), "{refused:?}");
        alice.send("BLP 11 AL").await;
        alice.expect(&format!("BLP 11 {VERSION} AL")).await;
        let after = world.store.export(true).unwrap();
        assert_eq!(before, after);
    });
}

#[test]
fn older_changes_are_not_applied_to_restored_data() {
    const PRINCIPALS: usize = 20;
    World::run_with(
        |plan| {
            plan.settings.limits.lines_per_second = 1_000_000;
            for number in 0..PRINCIPALS {
                plan.add_account(&format!("user{number}"), "User");
            }
        },
        |world| async move {
            let file = backup(&world).await;
            let flood: String = (0..400)
                .map(|trid| {
                    format!(
                        "ADD {trid} BL carol@example.com\r\nREM {trid} BL carol@example.com\r\n"
                    )
                })
                .collect();
            for _ in 0..5 {
                let mut all = Vec::new();
                for number in 0..PRINCIPALS {
                    all.push(world.signed_in(&format!("user{number}")).await);
                }
                for probe in &mut all {
                    probe.write_raw(&flood).await;
                }
                some_turns().await;
                let from = Box::new(Cursor::new(file.clone()));
                operator::restore(world.node.clone(), from).await.unwrap();
                for probe in &mut all {
                    probe.expect_cut_off().await;
                }
                for number in 0..PRINCIPALS {
                    let account = world.account(&format!("user{number}"));
                    let roster = world.store.roster(account, Detail::Numbers).unwrap();
                    assert!(roster.list(List::Block).is_empty(), "user{number}");
                }
            }
        },
    );
}

#[test]
fn account_ids_from_before_a_restore_are_invalid_after_it() {
    World::run(|world| async move {
        let file = backup(&world).await;
        let account_ref = world.account_ref("alice");
        let change = Change::SetAddNotice(AddNotice::Silent);
        operator::restore(world.node.clone(), Box::new(Cursor::new(file))).await.unwrap();
        let load =
            world.node.accounts.send(Load { account_ref, detail: Detail::Numbers }).await.unwrap();
        assert!(matches!(load, Err(StoreError::Io(..))));
        let edit = Edit { owner: account_ref, change: change.clone() };
        assert!(world.node.accounts.send(edit).await.unwrap().is_err());
        let edit = Edit { owner: world.account_ref("alice"), change };
        assert!(world.node.accounts.send(edit).await.unwrap().is_ok());
    });
}

/// The log never names another account.
#[test]
fn sessions_that_a_restore_ends_are_logged_without_an_account() {
    World::run(|world| async move {
        let file = backup(&world).await;
        let _alice = world.online("alice").await;
        record_log();
        operator::restore(world.node.clone(), Box::new(Cursor::new(file))).await.unwrap();
        settle().await;
        assert_eq!(end_lines(), ["INFO session 1 192.168.2.9 ended: a backup was restored"]);
    });
}

#[test]
fn a_restore_with_an_unknown_outcome_signs_all_users_off() {
    World::run(|world| async move {
        let file = backup(&world).await;
        let mut alice = world.online("alice").await;
        let shut = world.store.fail();
        let failed = operator::restore(world.node.clone(), Box::new(Cursor::new(file))).await;
        assert!(matches!(failed, Err(ArchiveError::Store(_))), "{failed:?}");
        drop(shut);
        alice.expect("OUT SSD").await;
        alice.expect_end().await;
        let _alice = world.online("alice").await;
    });
}

#[test]
fn a_restore_also_removes_users_who_are_joining_a_conversation() {
    for turns in 0..14 {
        World::run(|world| async move {
            let mut alice = world.online("alice").await;
            let cookie = alice.request_switchboard().await;
            let mut talk = world.switchboard();
            talk.write_raw(&format!("USR 1 alice@example.com {}\r\n", cookie.as_str())).await;
            let removing =
                actix_rt::spawn(operator::remove(world.node.clone(), world.account("alice")));
            for _ in 0..turns {
                tokio::task::yield_now().await;
            }
            removing.await.unwrap().unwrap();
            alice.expect_cut_off().await;
            pass(seconds(5)).await;
            let settled = world.node.connections.states().into_iter().filter(|it| it.settled);
            assert_eq!(settled.count(), 0, "after {turns} turns");
        });
    }
}

/// Alice removes Carol from her only group: Carol is notified a second later.
async fn removes_by_group(world: &World) {
    let (list, group) = (List::Forward, Some(GroupId::ZERO));
    let change = Change::Remove { list, contact: world.account("carol"), group };
    edit(world.node.clone(), world.account_ref("alice"), change).await.unwrap();
    assert_eq!(world.registry().await.withheld, 1);
}

#[test]
fn a_delayed_removal_is_sent_even_if_its_author_is_removed() {
    World::run_with(
        |plan| plan.list("alice", List::Forward, "carol"),
        |world| async move {
            let mut carol = world.online("carol").await;
            let version = world.version("carol") + 1;
            removes_by_group(&world).await;
            operator::remove(world.node.clone(), world.account("alice")).await.unwrap();
            carol.expect_nothing().await;
            pass(seconds(1)).await;
            carol.expect(&format!("REM 0 RL {version} alice@example.com")).await;
        },
    );
}

#[test]
fn notices_that_wait_during_a_restore_are_dropped() {
    World::run_with(
        |plan| plan.list("alice", List::Forward, "carol"),
        |world| async move {
            let file = backup(&world).await;
            let mut carol = world.online("carol").await;
            removes_by_group(&world).await;
            operator::restore(world.node.clone(), Box::new(Cursor::new(file))).await.unwrap();
            assert_eq!(carol.receive_all().await.last().unwrap(), "(end)");
            assert_eq!(world.registry().await.withheld, 0);
            let mut carol = world.online("carol").await;
            pass(seconds(2)).await;
            carol.expect_nothing().await;
            carol.send("LST 8 RL").await;
            let lines = carol.receive_all().await;
            assert!(lines[0].contains(" 1 1 alice@example.com"), "{lines:?}");
        },
    );
}
