//! Disabled accounts and denied networks.

use super::subject::{Subject, password, proof};
use actors::port::store::AccountId;
use actors::port::{DenyError, DisableReason, Disabled, ExclusionLists, StoreError};
use actors::rules::{MAX_DENIED, NetworkError};
use ipnet::IpNet;
use std::io::Cursor;
use std::net::{IpAddr, Ipv4Addr};

fn because(reason: &str) -> Disabled {
    Disabled { reason: DisableReason::new(reason).ok() }
}

fn network(text: &str) -> IpNet {
    text.parse().unwrap()
}

fn is_right(store: &Subject, who: AccountId, password: &str) -> bool {
    store.check_proof(Some(who), &proof("1013928519.693957190", password)).unwrap()
}

pub(crate) fn no_proof_succeeds_for_a_disabled_account(store: &mut Subject) {
    let [alice, bob, _] = store.three();
    store.set_disabled(bob, Some(&because("spam"))).unwrap();
    store.now_and_later(|store| {
        assert!(!is_right(store, bob, "secret") && !is_right(store, bob, "wrong"));
        assert!(is_right(store, alice, "secret"));
        let disabled = vec![(bob, because("spam"))];
        assert_eq!(store.exclusions().unwrap(), ExclusionLists { disabled, denied: Vec::new() });
    });
    // A new password does not enable the account.
    store.set_password(bob, &password("new")).unwrap();
    assert!(!is_right(store, bob, "new"));
    store.set_disabled(bob, None).unwrap();
    store.now_and_later(|store| {
        assert!(is_right(store, bob, "new"));
        assert_eq!(store.exclusions().unwrap(), ExclusionLists::default());
        assert_eq!(store.verify_integrity().unwrap().faults, [""; 0]);
    });
}

pub(crate) fn disabling_an_account_does_not_change_list_versions(store: &mut Subject) {
    let [alice, bob, _] = store.three();
    store.put(alice, msnp::List::Forward, bob).unwrap();
    let before = [alice, bob].map(|who| store.changes(who));
    for mark in [Some(because("")), Some(because("x")), None, None] {
        store.set_disabled(bob, mark.as_ref()).unwrap();
    }
    assert_eq!([alice, bob].map(|who| store.changes(who)), before);
    let missing = store.set_disabled(AccountId(99), Some(&because("x")));
    assert!(matches!(missing, Err(StoreError::NoSuchAccount)));
    assert_eq!(store.exclusions().unwrap(), ExclusionLists::default());
}

pub(crate) fn removing_an_account_removes_its_disabled_mark(store: &mut Subject) {
    let [alice, bob, _] = store.three();
    store.set_disabled(alice, Some(&because("x"))).unwrap();
    store.set_disabled(bob, Some(&because("y"))).unwrap();
    store.remove(alice).unwrap();
    let again = store.add("alice");
    store.now_and_later(|store| {
        assert_eq!(store.exclusions().unwrap().disabled, [(bob, because("y"))]);
        assert!(is_right(store, again, "secret"));
        assert_eq!(store.verify_integrity().unwrap().faults, [""; 0]);
    });
}

pub(crate) fn networks_are_denied_and_allowed_again(store: &mut Subject) {
    let all = ["10.0.0.0/8", "203.0.113.0/24", "2001:db8::/32"].map(network);
    for network in all.iter().rev() {
        assert!(store.deny(*network).unwrap());
        assert!(!store.deny(*network).unwrap(), "once");
    }
    store.now_and_later(|store| {
        assert_eq!(store.exclusions().unwrap().denied, all);
        assert_eq!(store.verify_integrity().unwrap().faults, [""; 0]);
    });
    assert!(store.undeny(all[1]).unwrap());
    assert!(!store.undeny(all[1]).unwrap());
    assert!(!store.undeny(network("10.0.0.0/9")).unwrap());
    store.now_and_later(|store| {
        assert_eq!(store.exclusions().unwrap().denied, [all[0], all[2]]);
    });
    let refused = store.deny(network("127.0.0.0/8"));
    assert!(matches!(refused, Err(DenyError::Network(NetworkError::Loopback(_)))), "{refused:?}");
    assert!(store.deny(network("10.1.2.3/8")).is_ok_and(|is_new| !is_new), "one form of each");
}

pub(crate) fn the_number_of_denied_networks_is_limited(store: &mut Subject) {
    let address = |number: usize| {
        let bits = 0x0a00_0000 + u32::try_from(number).unwrap();
        IpNet::from(IpAddr::V4(Ipv4Addr::from_bits(bits)))
    };
    // A store on disk would need a transaction for each.
    let full = Subject::memory();
    for number in 0..MAX_DENIED {
        assert!(full.deny(address(number)).unwrap());
    }
    let mut backup = Vec::new();
    full.backup(true, &mut backup).unwrap();
    store.restore(&mut Cursor::new(&backup)).unwrap();
    let refused = store.deny(network("203.0.113.0/24"));
    assert!(matches!(refused, Err(DenyError::TooMany)), "{refused:?}");
    assert!(store.deny(address(7)).is_ok_and(|is_new| !is_new), "one that is there stays");
    assert_eq!(store.exclusions().unwrap().denied.len(), MAX_DENIED);
    assert!(store.undeny(address(7)).unwrap());
    assert!(store.deny(network("203.0.113.0/24")).unwrap());
    assert_eq!(store.verify_integrity().unwrap().faults, [""; 0]);
}

pub(crate) fn backups_and_exports_contain_disabled_accounts_and_denied_networks(
    store: &mut Subject,
) {
    let [_, bob, _] = store.three();
    store.set_disabled(bob, Some(&because("spam"))).unwrap();
    store.deny(network("203.0.113.0/24")).unwrap();
    store.deny(network("2001:db8::/32")).unwrap();
    let here = store.exclusions().unwrap();
    let mut backup = Vec::new();
    store.backup(true, &mut backup).unwrap();
    let exported = store.export(true).unwrap();
    assert_eq!(exported[1].disabled, Some(because("spam")));
    assert_eq!(exported[0].disabled, None);
    for mut other in [Subject::memory(), Subject::file()] {
        let dave = other.add("dave");
        other.set_disabled(dave, Some(&because("of before"))).unwrap();
        other.deny(network("192.0.2.0/24")).unwrap();
        other.restore(&mut Cursor::new(&backup)).unwrap();
        other.now_and_later(|other| {
            assert_eq!(other.exclusions().unwrap(), here, "only the restored ones");
            assert!(!is_right(other, bob, "secret"));
            assert_eq!(other.export(true).unwrap(), exported);
            assert_eq!(other.verify_integrity().unwrap().faults, [""; 0]);
        });
    }
    for mut other in [Subject::memory(), Subject::file()] {
        other.add("dave");
        let imported = other.import(&exported).unwrap();
        let (bob, _) = imported.created[1];
        other.now_and_later(|other| {
            assert_eq!(other.exclusions().unwrap().disabled, [(bob, because("spam"))]);
            assert!(!is_right(other, bob, "secret"));
            assert_eq!(other.verify_integrity().unwrap().faults, [""; 0]);
        });
    }
}
