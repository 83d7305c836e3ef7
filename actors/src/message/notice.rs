//! Messages from one user's session to another's, sent through the `Registry`.

use crate::inbox::InboxItem;
use crate::port::store::AccountId;
use crate::rules::PresenceUpdate;
use crate::settings::Advertised;
use msnp::{Cookie, ListVersion, PhoneKind, PhoneNumber, SessionId};

/// What the registry sends to a session of its node: an event that another user caused, on any
/// node.
///
/// A notice names accounts. Its only text is a telephone number: who may see it is decided when the
/// notice is sent, so it cannot be looked up later.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Notice {
    /// A contact is visible in a new way.
    Presence {
        /// The contact.
        who: AccountId,
        /// How the contact is visible now.
        update: PresenceUpdate,
    },
    /// A user added the recipient to their forward list, or removed them from it.
    Listed {
        /// The user.
        who: AccountId,
        /// The recipient's new list version.
        version: ListVersion,
        /// Whether the recipient was added.
        added: bool,
    },
    /// The recipient's reverse list has changed, but the [`Notice::Listed`] about it is delayed.
    ListedDelayed {
        /// The user.
        who: AccountId,
        /// The recipient's new list version.
        version: ListVersion,
    },
    /// The delayed [`Notice::Listed`] will not come: the recipient's reverse list is as it was
    /// before.
    ListedCancelled {
        /// The owner of the forward list.
        who: AccountId,
        /// The recipient's new list version.
        version: ListVersion,
        /// Whether the recipient is on that list now.
        added: bool,
        /// The recipient's list version at the first change without a notice.
        since: ListVersion,
    },
    /// The recipient sees another telephone number of a contact than before, or none.
    Phone {
        /// The contact.
        who: AccountId,
        /// Which of the numbers.
        phone: PhoneKind,
        /// `None` if there is no number, or the recipient may not see it. Boxed, to keep notices
        /// small.
        number: Option<Box<PhoneNumber>>,
        /// The recipient's new list version.
        version: ListVersion,
    },
    /// A user invites the recipient to a conversation.
    Ring {
        /// The user.
        caller: AccountId,
        /// The conversation.
        session: SessionId,
        /// The cookie for joining it.
        cookie: Cookie,
        /// The conversation's switchboard. `None` if this node has none.
        switchboard: Option<Advertised>,
    },
    /// The server is going down.
    GoingDown {
        /// Minutes until then.
        minutes: u32,
    },
    /// The account signed in on another connection.
    SignedInElsewhere,
}

impl InboxItem for Notice {
    /// Of several presence changes of one contact only the last counts, and likewise if a user adds
    /// and removes the recipient repeatedly.
    fn replaces(&self, earlier: &Notice) -> bool {
        match (self, earlier) {
            (Notice::Presence { who, .. }, Notice::Presence { who: earlier, .. })
            | (Notice::Listed { who, .. }, Notice::Listed { who: earlier, .. })
            | (Notice::ListedDelayed { who, .. }, Notice::ListedDelayed { who: earlier, .. })
            | (Notice::ListedCancelled { who, .. }, Notice::ListedCancelled { who: earlier, .. }) => {
                who == earlier
            }
            (
                Notice::Phone { who, phone, .. },
                Notice::Phone { who: earlier, phone: earlier_phone, .. },
            ) => (who, phone) == (earlier, earlier_phone),
            _ => false,
        }
    }

    /// An account has one session: the old one ends at once.
    fn is_urgent(&self) -> bool {
        matches!(self, Notice::SignedInElsewhere)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_notice_is_too_small_to_hold_a_telephone_number_inline() {
        let ring = size_of::<(AccountId, SessionId, Cookie, Advertised)>();
        assert!(size_of::<Notice>() <= ring + size_of::<usize>());
    }
}
