use super::Dialect;

/// What clients of a dialect show of a contact beside the state and the friendly name.
///
/// A client is sent a contact's presence again only if one of its fields has changed.
///
/// ```
/// use msnp::{Dialect, PresenceFields};
///
/// assert_eq!(Dialect::Msnp7.presence_fields(), PresenceFields::NONE);
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct PresenceFields {
    /// The capabilities of the contact's client.
    pub capabilities: bool,
    /// The object that describes the contact's picture.
    pub object: bool,
    /// The contact's personal message.
    pub personal_message: bool,
}

impl PresenceFields {
    /// Neither of them.
    pub const NONE: PresenceFields =
        PresenceFields { capabilities: false, object: false, personal_message: false };

    /// All of them.
    pub const ALL: PresenceFields =
        PresenceFields { capabilities: true, object: true, personal_message: true };
}

impl Dialect {
    /// Returns what clients of this dialect show of a contact beside the state and the friendly name.
    pub const fn presence_fields(self) -> PresenceFields {
        match self {
            Dialect::Msnp2
            | Dialect::Msnp3
            | Dialect::Msnp4
            | Dialect::Msnp5
            | Dialect::Msnp6
            | Dialect::Msnp7 => PresenceFields::NONE,
        }
    }
}
