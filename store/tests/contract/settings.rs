//! `GTC`, `BLP` and the list version.

use super::subject::{Subject, account, name, own};
use actors::port::store::{Change, Changed, NewAccount};
use msnp::{AddNotice, ErrorCode, ListVersion, Privacy};

fn changed(changes: u32) -> Result<Changed, ErrorCode> {
    Ok(own(changes))
}

pub(crate) fn setting_the_same_add_notice_again_is_refused(store: &mut Subject) {
    let [alice, bob, _] = store.three();
    let set =
        |store: &Subject, add_notice| store.change_one(alice, Change::SetAddNotice(add_notice));
    assert_eq!(set(store, AddNotice::Ask), Err(ErrorCode::AlreadyInMode));
    assert_eq!(set(store, AddNotice::Silent), changed(1));
    assert_eq!(set(store, AddNotice::Silent), Err(ErrorCode::AlreadyInMode));
    store.now_and_later(|store| {
        assert_eq!(store.roster(alice).unwrap().add_notice, AddNotice::Silent);
        assert_eq!(store.roster(bob).unwrap().add_notice, AddNotice::Ask);
        assert_eq!(store.changes(alice), 1);
    });
    assert_eq!(set(store, AddNotice::Ask), changed(2));
}

pub(crate) fn privacy_changes_and_repeating_it_is_refused_only_if_strict(store: &mut Subject) {
    let [alice, bob, _] = store.three();
    let set = |store: &Subject, privacy, strict| {
        store.change_one(alice, Change::SetPrivacy { privacy, strict })
    };
    assert_eq!(set(store, Privacy::AllowOthers, true), Err(ErrorCode::AlreadyInMode));
    // Gaim repeats it at every sign-in, and would show an error.
    assert_eq!(set(store, Privacy::AllowOthers, false), changed(0));
    assert_eq!(set(store, Privacy::BlockOthers, true), changed(1));
    assert_eq!(set(store, Privacy::BlockOthers, false), changed(1));
    store.now_and_later(|store| {
        assert_eq!(store.roster(alice).unwrap().privacy, Privacy::BlockOthers);
        assert_eq!(store.roster(bob).unwrap().privacy, Privacy::AllowOthers);
        assert_eq!(store.changes(alice), 1);
    });
    assert_eq!(set(store, Privacy::AllowOthers, false), changed(2));
}

pub(crate) fn list_versions_wrap_around_before_they_are_negative(store: &mut Subject) {
    let version = ListVersion::new(ListVersion::MAX).unwrap();
    let alice = store.create(&NewAccount { version, ..account("alice") }).unwrap();
    let changed = store.change_one(alice, Change::RenameSelf(name("Alice A."))).unwrap();
    assert_eq!(changed.version.value(), 1);
    store.now_and_later(|store| assert_eq!(store.roster(alice).unwrap().version.value(), 1));
}
