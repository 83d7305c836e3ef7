//! What users show of themselves, and what is sent when it changes.

use msnp::{Capabilities, PresenceFields, State};
use serde::{Deserialize, Serialize};
use std::sync::Arc;

/// What a user shows of themselves to everyone who sees them.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Presence {
    pub state: State,
    pub capabilities: Capabilities,
    /// `None` without picture and personal message. The notices to all watchers share it: each of
    /// the two can have a kilobyte.
    #[serde(with = "shared")]
    pub shown: Option<Arc<Shown>>,
}

/// What a user shows beside their state and the capabilities of their client. The server relays
/// these texts byte for byte. The limits of a command's line and payload bound their size.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Shown {
    /// The object that describes the user's picture, with its escapes. Decoding and encoding it
    /// again could change the case of the letters in the escapes.
    pub object: Option<Box<[u8]>>,
    /// The payload with the personal message and the current song.
    pub personal_message: Option<Box<[u8]>>,
}

/// A state alone, without capabilities, picture and personal message.
impl From<State> for Presence {
    fn from(state: State) -> Presence {
        Presence { state, capabilities: Capabilities::NONE, shown: None }
    }
}

impl Presence {
    /// Returns whether a client that shows these fields shows the two presences differently.
    fn differs_from(&self, other: &Presence, fields: PresenceFields) -> bool {
        let PresenceFields { capabilities, object, personal_message } = fields;
        self.state != other.state
            || (capabilities && self.capabilities != other.capabilities)
            || (object && self.object() != other.object())
            || (personal_message && self.personal_message() != other.personal_message())
    }

    fn object(&self) -> Option<&[u8]> {
        self.shown.as_ref().and_then(|shown| shown.object.as_deref())
    }

    fn personal_message(&self) -> Option<&[u8]> {
        self.shown.as_ref().and_then(|shown| shown.personal_message.as_deref())
    }
}

/// What is sent to a watcher when a presence changes.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum PresenceUpdate {
    /// `NLN`: the principal is online, with this presence.
    Online(Presence),
    /// `FLN`: the principal is no longer visible.
    Offline,
}

/// Whether the principal's friendly name has changed as well.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum NameChange {
    Unchanged,
    /// All who see the principal get an update.
    Changed,
}

/// Returns the update for a watcher who sees the presence `before` and then `after`, or nothing
/// where they are `None`. The watcher's client shows `fields`. Returns `None` if the watcher sees
/// no difference.
pub fn update_between(
    before: Option<&Presence>,
    after: Option<&Presence>,
    name: NameChange,
    fields: PresenceFields,
) -> Option<PresenceUpdate> {
    match (before, after) {
        (None, None) => None,
        (Some(_), None) => Some(PresenceUpdate::Offline),
        (Some(before), Some(after))
            if name == NameChange::Unchanged && !after.differs_from(before, fields) =>
        {
            None
        }
        (_, Some(after)) => Some(PresenceUpdate::Online(after.clone())),
    }
}

/// Serialises an `Arc` as the value that it holds. Serde does so only with its feature `rc`.
mod shared {
    use super::Shown;
    use serde::{Deserialize, Deserializer, Serialize, Serializer};
    use std::sync::Arc;

    pub(super) fn serialize<S: Serializer>(
        shown: &Option<Arc<Shown>>,
        to: S,
    ) -> Result<S::Ok, S::Error> {
        shown.as_deref().serialize(to)
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(
        from: D,
    ) -> Result<Option<Arc<Shown>>, D::Error> {
        Ok(Option::<Shown>::deserialize(from)?.map(Arc::new))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use NameChange::{Changed, Unchanged};

    /// A family of dialects that shows one field.
    fn only(field: impl Fn(&mut PresenceFields)) -> PresenceFields {
        let mut fields = PresenceFields::NONE;
        field(&mut fields);
        fields
    }

    fn presence(capabilities: u32, object: Option<&str>, message: Option<&str>) -> Presence {
        let bytes = |text: &str| text.as_bytes().into();
        let (object, personal_message) = (object.map(bytes), message.map(bytes));
        let shown = Some(Arc::new(Shown { object, personal_message }));
        Presence { state: State::Online, capabilities: Capabilities::new(capabilities), shown }
    }

    #[test]
    fn a_watcher_gets_only_differences_that_their_dialect_shows() {
        let capabilities = only(|fields| fields.capabilities = true);
        let object = only(|fields| fields.object = true);
        let message = only(|fields| fields.personal_message = true);
        let families = [PresenceFields::NONE, capabilities, object, message, PresenceFields::ALL];
        let before = presence(4, Some("%3Cmsnobj%2F%3E"), Some("hello"));
        let alone = Presence { shown: None, ..before };
        for (after, expected) in [
            (before.clone(), [false; 5]),
            (Presence { state: State::Busy, ..before.clone() }, [true; 5]),
            (
                presence(36, Some("%3Cmsnobj%2F%3E"), Some("hello")),
                [false, true, false, false, true],
            ),
            (
                presence(4, Some("%3cmsnobj%2f%3e"), Some("hello")),
                [false, false, true, false, true],
            ),
            (presence(4, None, Some("hello")), [false, false, true, false, true]),
            (presence(4, Some("%3Cmsnobj%2F%3E"), Some("bye")), [false, false, false, true, true]),
            (alone, [false, false, true, true, true]),
        ] {
            let update = |name, fields| update_between(Some(&before), Some(&after), name, fields);
            let news = PresenceUpdate::Online(after.clone());
            for (fields, expected) in families.into_iter().zip(expected) {
                assert_eq!(update(Unchanged, fields), expected.then(|| news.clone()), "{fields:?}");
                assert_eq!(
                    update(Changed, fields),
                    Some(news.clone()),
                    "a new name is shown by all"
                );
            }
        }
    }

    #[test]
    fn an_empty_description_is_none() {
        let (empty, none) = (presence(0, None, None), Presence::from(State::Online));
        assert_eq!(update_between(Some(&empty), Some(&none), Unchanged, PresenceFields::ALL), None);
    }

    #[test]
    fn a_presence_can_be_sent_to_another_process() {
        for sent in [presence(4, Some("%3Cmsnobj%2F%3E"), None), Presence::from(State::Away)] {
            let text = serde_json::to_string(&sent).unwrap();
            assert_eq!(serde_json::from_str::<Presence>(&text).unwrap(), sent);
        }
    }
}
