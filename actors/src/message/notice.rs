//! From one principal's session to another's, by way of the `Registry`.

use crate::port::store::AccountId;
use crate::rules::PresenceUpdate;
use actix::Message;
use msnp::{Cookie, ListVersion, Phone, PhoneNumber, SessionId};
use serde::{Deserialize, Serialize};

/// What one principal's session tells another's. It names accounts, has no address of an actor in
/// it, and can be serialised: this is where a cluster of nodes will be cut. It has no text but a
/// telephone number: that is for those only who were admitted at that moment, so that it cannot be
/// looked up later.
#[derive(Debug, Clone, PartialEq, Eq, Message, Serialize, Deserialize)]
#[rtype(result = "()")]
pub enum Notice {
    /// A contact is seen in another way than before.
    Presence {
        /// The contact.
        who: AccountId,
        /// How he is seen now.
        sight: PresenceUpdate,
    },
    /// Somebody put me on his forward list, or took me off it.
    Listed {
        /// Who did.
        who: AccountId,
        /// My list version now.
        version: ListVersion,
        /// Whether I was put on it.
        added: bool,
    },
    /// Somebody put me on his forward list, or took me off it, and [`Notice::Listed`] waits.
    Withheld {
        /// Who did.
        who: AccountId,
        /// My list version now.
        version: ListVersion,
    },
    /// What was withheld does not come: my reverse list is as it was before it.
    Undone {
        /// Whose forward list it is about.
        who: AccountId,
        /// My list version now.
        version: ListVersion,
        /// Whether I am on it again, or again not.
        added: bool,
        /// My list version with the first change that I was not told.
        since: ListVersion,
    },
    /// One of a contact's telephone numbers is news to me.
    Phone {
        /// The contact.
        who: AccountId,
        /// Which number.
        phone: Phone,
        /// The number, as far as I may know it. It is in a box: a notice is small.
        number: Option<Box<PhoneNumber>>,
        /// My list version now.
        version: ListVersion,
    },
    /// Somebody invites me to a conversation.
    Ring {
        /// Who does.
        caller: AccountId,
        /// The conversation.
        session: SessionId,
        /// What lets me in.
        cookie: Cookie,
    },
    /// The server goes down.
    GoingDown {
        /// In how many minutes.
        minutes: u32,
    },
    /// The account signed in on another connection.
    SignedInElsewhere,
    /// More was sent than was read: the session is cut off.
    Overrun,
}

#[cfg(test)]
mod tests {
    use super::*;

    /// An actor's address cannot be serialized. So a notice has none.
    #[test]
    fn a_notice_can_be_sent_to_another_process() {
        fn needs<T: Serialize + for<'a> Deserialize<'a>>(_: &T) {}
        let notice = Notice::GoingDown { minutes: 5 };
        needs(&notice);
        let text = serde_json::to_string(&notice).unwrap();
        assert_eq!(serde_json::from_str::<Notice>(&text).unwrap(), notice);
    }

    #[test]
    fn a_notice_has_no_room_for_a_telephone_number() {
        let ring = size_of::<(AccountId, SessionId, Cookie)>();
        assert!(size_of::<Notice>() <= ring + size_of::<usize>());
    }
}
