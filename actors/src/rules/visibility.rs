//! Visibility of presence (the draft §7.5 to §7.7).
//!
//! B sees A if all of these hold: A is neither hidden nor offline; A is on B's forward list; A does not
//! block B; A's privacy setting allows all others, or B is on A's allow list.

use super::{Membership, NameChange, Presence, PresenceUpdate, update_between};
use crate::port::store::AccountId;
use msnp::{List, PresenceFields, Privacy, State};
use serde::{Deserialize, Serialize};

/// What a principal shows of themselves, and who may see it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PublishedPresence {
    pub presence: Presence,
    /// `BLP`
    pub privacy: Privacy,
    /// The accounts to which `privacy` does not apply, sorted: the block list with
    /// [`Privacy::AllowOthers`], the allow list with [`Privacy::BlockOthers`]. No account is on both.
    pub exceptions: Box<[AccountId]>,
}

impl PublishedPresence {
    /// Signed in, but invisible to all.
    pub fn offline() -> PublishedPresence {
        PublishedPresence {
            presence: State::Offline.into(),
            privacy: Privacy::default(),
            exceptions: Box::default(),
        }
    }

    /// Returns whether the privacy setting lets `viewer` see and call this principal. The principal
    /// can still be hidden or offline.
    pub fn admits(&self, viewer: AccountId) -> bool {
        let is_exception = self.exceptions.binary_search(&viewer).is_ok();
        match self.privacy {
            Privacy::AllowOthers => !is_exception,
            Privacy::BlockOthers => is_exception,
        }
    }

    /// Returns the presence that `viewer` sees, or `None` if the principal is invisible to `viewer`. The
    /// caller checks that the principal is on the forward list of `viewer`.
    pub fn seen_by(&self, viewer: AccountId) -> Option<&Presence> {
        (self.presence.state.is_visible() && self.admits(viewer)).then_some(&self.presence)
    }
}

/// Does the same as [`PublishedPresence::admits`] for an account with this `membership` on the lists of a
/// principal with this privacy setting. An admitted account may see the telephone numbers too.
pub fn admits(privacy: Privacy, membership: Membership) -> bool {
    match privacy {
        Privacy::AllowOthers => !membership.contains(List::Block),
        Privacy::BlockOthers => membership.contains(List::Allow),
    }
}

/// Returns the update for a watcher when a presence changes from `before` to `after`. `None` if the
/// watcher, whose client shows these fields, sees no difference.
pub fn update_for(
    before: &PublishedPresence,
    after: &PublishedPresence,
    name: NameChange,
    watcher: AccountId,
    fields: PresenceFields,
) -> Option<PresenceUpdate> {
    update_between(before.seen_by(watcher), after.seen_by(watcher), name, fields)
}

#[cfg(test)]
mod tests {
    use super::*;
    use NameChange::{Changed, Unchanged};

    const BOB: AccountId = AccountId(2);

    fn presence(state: State, privacy: Privacy, exceptions: &[u32]) -> PublishedPresence {
        let exceptions = exceptions.iter().copied().map(AccountId).collect();
        PublishedPresence { presence: state.into(), privacy, exceptions }
    }

    fn open(state: State) -> PublishedPresence {
        presence(state, Privacy::AllowOthers, &[])
    }

    fn update(
        before: &PublishedPresence,
        after: &PublishedPresence,
        name: NameChange,
    ) -> Option<PresenceUpdate> {
        update_for(before, after, name, BOB, PresenceFields::NONE)
    }

    fn shows(state: State) -> Option<PresenceUpdate> {
        Some(PresenceUpdate::Online(state.into()))
    }

    #[test]
    fn hidden_and_offline_principals_are_invisible() {
        assert_eq!(open(State::Hidden).seen_by(BOB), None);
        assert_eq!(open(State::Offline).seen_by(BOB), None);
        assert_eq!(open(State::Away).seen_by(BOB), Some(&State::Away.into()));
    }

    #[test]
    fn privacy_applies_to_all_but_the_exceptions() {
        let online = |privacy, exceptions: &[u32]| {
            presence(State::Online, privacy, exceptions).seen_by(BOB).is_some()
        };
        assert!(online(Privacy::AllowOthers, &[1, 3]));
        assert!(!online(Privacy::AllowOthers, &[1, 2, 3]));
        assert!(!online(Privacy::BlockOthers, &[1, 3]));
        assert!(online(Privacy::BlockOthers, &[1, 2]));
    }

    #[test]
    fn memberships_admit_like_exceptions() {
        let on = |lists: &[List]| lists.iter().fold(Membership::NONE, |on, list| on.with(*list));
        let allowed = on(&[List::Allow, List::Forward]);
        let blocked = on(&[List::Block, List::Reverse]);
        let neither = on(&[List::Forward, List::Reverse]);
        let whom = |privacy| [allowed, blocked, neither].map(|on| admits(privacy, on));
        assert_eq!(whom(Privacy::AllowOthers), [true, false, true]);
        assert_eq!(whom(Privacy::BlockOthers), [true, false, false]);
    }

    #[test]
    fn a_watcher_gets_only_visible_changes() {
        let online = open(State::Online);
        let busy = open(State::Busy);
        let hidden = open(State::Hidden);
        let blocking = presence(State::Online, Privacy::AllowOthers, &[2]);
        assert_eq!(update(&online, &busy, Unchanged), shows(State::Busy));
        assert_eq!(update(&online, &online, Unchanged), None);
        assert_eq!(update(&online, &online, Changed), shows(State::Online));
        assert_eq!(update(&online, &hidden, Unchanged), Some(PresenceUpdate::Offline));
        assert_eq!(update(&hidden, &busy, Unchanged), shows(State::Busy));
        assert_eq!(update(&hidden, &PublishedPresence::offline(), Changed), None);
        assert_eq!(update(&online, &blocking, Unchanged), Some(PresenceUpdate::Offline));
        assert_eq!(update(&blocking, &blocking, Changed), None);
    }
}
