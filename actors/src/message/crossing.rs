//! Everything that one node sends to another: an [`Envelope`], or a [`Question`] with its
//! [`Answer`].
//!
//! All of it can be serialised. It names accounts, nodes and sessions by ids that mean the same on
//! each node, and contains no address of an actor and no inbox. The node at which a user is signed
//! in, their *home*, decides who sees and reaches them.

use super::{Listed, Located, PhoneChanged};
use crate::end::EndReason;
use crate::port::fabric::{Epoch, NodeId, SessionRef};
use crate::port::store::AccountId;
use crate::rules::{Presence, PresenceUpdate};
use actix::Message;
use msnp::{Cookie, Endpoint, FriendlyName, SessionId};
use serde::{Deserialize, Serialize};

/// A message to another node that is not answered.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum Envelope {
    /// The presence of a user has changed for watchers who are signed in at the recipient. An
    /// update is dropped if the recipient has notified the watcher of a later sign-in of the user.
    Presence {
        /// The user.
        who: AccountId,
        /// The epoch of the user's sign-in.
        epoch: Epoch,
        /// What each of these watchers sees now.
        updates: Vec<(AccountId, PresenceUpdate)>,
    },
    /// Telephone numbers of a user are new to these watchers.
    PhoneChanged(PhoneChanged),
    /// A user has a new friendly name. Boxed, to keep envelopes small.
    Renamed(AccountId, Box<FriendlyName>),
    /// A session that the recipient has invited to conversations has ended.
    SessionEnded(SessionRef, SessionEnd),
}

/// A message to another node that is answered.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum Question {
    /// The account has signed in elsewhere: the recipient ends its older session of the account.
    /// The answer, [`Answer::Done`], comes when the watchers were notified of that session's end.
    Replace {
        /// The account.
        account: AccountId,
        /// The epoch of the new sign-in.
        epoch: Epoch,
    },
    /// Asks what a user sees of these users: [`Answer::Seen`].
    Look {
        /// The user who looks.
        by: AccountId,
        /// Users whose home is the recipient.
        of: Vec<AccountId>,
    },
    /// A user was added to a forward list, or removed from one. If added, [`Answer::Seen`] contains
    /// that user's presence.
    Listed(Listed),
    /// Asks for the session of a user whom the caller wants to invite: [`Answer::Located`].
    Locate {
        /// The user who is called.
        callee: AccountId,
        /// The user who calls.
        caller: AccountId,
    },
    /// Invites a user: [`Answer::Rung`].
    Ring {
        /// The user who is called.
        callee: AccountId,
        /// Their session, from [`Answer::Located`].
        session: SessionRef,
        /// The user who calls.
        caller: AccountId,
        /// The conversation.
        conversation: SessionId,
        /// The cookie for joining it.
        cookie: Cookie,
        /// The switchboard that the conversation is on.
        switchboard: Endpoint,
    },
    /// Notifies all users of the recipient that the servers go down: [`Answer::Notified`].
    GoingDown {
        /// Minutes until then.
        minutes: u32,
        /// An account that is left out.
        except: Option<AccountId>,
    },
}

/// The answer to a [`Question`].
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum Answer {
    /// It was done.
    Done,
    /// The presence of those of the users who are visible.
    Seen(Vec<(AccountId, Presence)>),
    /// The session of the callee, if the caller may reach it.
    Located(Option<Located>),
    /// Whether the callee was still there.
    Rung(bool),
    /// The number of users who were notified.
    Notified(u32),
}

/// How a session has ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum SessionEnd {
    /// Without a sign-off: its client may still be in conversations.
    Lost,
    /// The user signed off, and leaves the conversations.
    Left,
    /// The account signed in elsewhere, which ends the conversations.
    Replaced,
}

impl SessionEnd {
    /// Returns why the session's conversations end too, or `None` if they continue.
    pub(crate) fn conversations_end_reason(self) -> Option<EndReason> {
        match self {
            SessionEnd::Lost => None,
            SessionEnd::Left => Some(EndReason::Left),
            SessionEnd::Replaced => Some(EndReason::SignedInElsewhere),
        }
    }
}

/// An [`Envelope`] of another node, for the registry.
#[derive(Debug, Message)]
#[rtype(result = "()")]
pub struct Delivered {
    /// The sender.
    pub from: NodeId,
    /// What was sent.
    pub envelope: Envelope,
}

/// A [`Question`] of another node, for the registry.
#[derive(Debug, Message)]
#[rtype(result = "Answer")]
pub struct Asked {
    /// The sender.
    pub from: NodeId,
    /// What was asked.
    pub question: Question,
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::connection::ConnectionId;
    use crate::rules::Shown;
    use msnp::{Capabilities, Dialect, ListVersion, PhoneKind, PhoneNumber, State};
    use serde::de::DeserializeOwned;
    use std::collections::BTreeSet;
    use std::fmt::Debug;
    use std::sync::Arc;

    const WHO: AccountId = AccountId(7);

    /// Each variant has a number. A new variant without a number does not compile, and `crosses`
    /// panics if a number has no example.
    trait Variant {
        const COUNT: usize;
        fn number(&self) -> usize;
    }

    macro_rules! variants {
        ($type:ident: $($number:literal $pattern:pat),+) => {
            impl Variant for $type {
                const COUNT: usize = [$($number),+].len();
                fn number(&self) -> usize {
                    use $type::*;
                    match self { $($pattern => $number),+ }
                }
            }
        };
    }
    variants!(Envelope: 0 Presence { .. }, 1 PhoneChanged(_), 2 Renamed(..), 3 SessionEnded(..));
    variants!(Question: 0 Replace { .. }, 1 Look { .. }, 2 Listed(_), 3 Locate { .. },
        4 Ring { .. }, 5 GoingDown { .. });
    variants!(Answer: 0 Done, 1 Seen(_), 2 Located(_), 3 Rung(_), 4 Notified(_));

    fn crosses<T>(examples: &[T])
    where
        T: Variant + Serialize + DeserializeOwned + PartialEq + Debug,
    {
        for example in examples {
            let bytes = postcard::to_stdvec(example).unwrap();
            assert_eq!(postcard::from_bytes::<T>(&bytes).unwrap(), *example);
        }
        let numbers: BTreeSet<usize> = examples.iter().map(Variant::number).collect();
        assert_eq!(numbers, (0..T::COUNT).collect());
    }

    fn version() -> ListVersion {
        ListVersion::new(66_000_000).unwrap()
    }

    fn session() -> SessionRef {
        SessionRef { node: NodeId(u64::MAX), number: ConnectionId(3) }
    }

    #[test]
    fn all_that_crosses_between_nodes_can_be_serialised() {
        let shown = Shown { object: Some([1, 2].into()), personal_message: Some([].into()) };
        let capabilities = Capabilities::new(36);
        let shown = Presence { state: State::Busy, capabilities, shown: Some(Arc::new(shown)) };
        let updates = [PresenceUpdate::Online(shown.clone()), PresenceUpdate::Offline];
        let updates = updates.map(|update| (WHO, update)).to_vec();
        let numbers = vec![
            (PhoneKind::Home, Some(PhoneNumber::new("+49 30 1").unwrap())),
            (PhoneKind::Mobile, None),
        ];
        let watchers = vec![(AccountId(8), version())];
        let name = FriendlyName::new("\u{4e2d} 100% <A>").unwrap();
        crosses(&[
            Envelope::Presence { who: WHO, epoch: Epoch(9), updates },
            Envelope::PhoneChanged(PhoneChanged { account: WHO, numbers, watchers }),
            Envelope::Renamed(WHO, Box::new(name)),
            Envelope::SessionEnded(session(), SessionEnd::Lost),
            Envelope::SessionEnded(session(), SessionEnd::Left),
            Envelope::SessionEnded(session(), SessionEnd::Replaced),
        ]);
        let (owner, contact, version) = (WHO, AccountId(8), version());
        crosses(&[
            Question::Replace { account: WHO, epoch: Epoch(u64::MAX) },
            Question::Look { by: WHO, of: vec![AccountId(8), AccountId(9)] },
            Question::Listed(Listed { owner, contact, version, added: true, may_be_move: false }),
            Question::Locate { callee: contact, caller: WHO },
            Question::Ring {
                callee: contact,
                session: session(),
                caller: WHO,
                conversation: SessionId::new(SessionId::MIN).unwrap(),
                cookie: Cookie::from_entropy(u128::MAX),
                switchboard: Endpoint("192.0.2.1:1865".parse().unwrap()),
            },
            Question::GoingDown { minutes: 5, except: Some(WHO) },
        ]);
        let located = |dialect| Answer::Located(Some(Located { session: session(), dialect }));
        crosses(&[
            Answer::Done,
            Answer::Seen(vec![(WHO, shown), (WHO, State::Away.into())]),
            located(None),
            located(Some(Dialect::Msnp7)),
            Answer::Located(None),
            Answer::Rung(true),
            Answer::Notified(3),
        ]);
    }
}
