//! The entries of a list.

use super::escape::Text;
use super::value;
use actors::port::Contact;
use actors::settings::MAX_LIST_ENTRIES;
use msnp::{FriendlyName, GroupId, GroupIds, Handle};
use serde::de::value::MapAccessDeserializer;
use serde::de::{Error, MapAccess, SeqAccess, Visitor};
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use std::collections::BTreeSet;
use std::fmt;
use std::marker::PhantomData;

/// An entry of the forward list: a handle, or a pair of a handle and the name that the owner gave it; with
/// the groups, unless these are group 0 alone.
#[derive(Debug)]
pub(super) struct ForwardEntry(pub(super) Contact);

/// An entry of the allow or the block list: a handle, or a pair of a handle and the name that the owner gave
/// it.
#[derive(Debug)]
pub(super) struct Entry(pub(super) Contact);

/// An entry of the forward list with its groups, as it is read.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct ReadEntry {
    #[serde(deserialize_with = "value::handle")]
    handle: Handle,
    #[serde(default, deserialize_with = "value::optional_name")]
    name: Option<FriendlyName>,
    groups: BTreeSet<GroupId>,
}

/// An entry of the forward list with its groups, as it is written.
#[derive(Serialize)]
struct WrittenEntry<'a> {
    handle: Text<'a>,
    #[serde(skip_serializing_if = "Option::is_none")]
    name: Option<Text<'a>>,
    groups: BTreeSet<GroupId>,
}

impl Serialize for ForwardEntry {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        let ForwardEntry(contact) = self;
        if contact.groups() == GroupId::ZERO.into() {
            return write(contact, to);
        }
        let groups = contact.groups().iter().collect();
        let (handle, name) = (Text(contact.handle()), contact.name().map(Text));
        WrittenEntry { handle, name, groups }.serialize(to)
    }
}

impl Serialize for Entry {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        write(&self.0, to)
    }
}

/// Writes a contact without groups.
fn write<S: Serializer>(contact: &Contact, to: S) -> Result<S::Ok, S::Error> {
    match contact.name() {
        Some(name) => (Text(contact.handle()), Text(name)).serialize(to),
        None => Text(contact.handle()).serialize(to),
    }
}

impl<'de> Deserialize<'de> for ForwardEntry {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<ForwardEntry, D::Error> {
        from.deserialize_any(EntryVisitor { is_forward: true }).map(ForwardEntry)
    }
}

impl<'de> Deserialize<'de> for Entry {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Entry, D::Error> {
        from.deserialize_any(EntryVisitor { is_forward: false }).map(Entry)
    }
}

/// Reads an entry of the forward list or of another list.
struct EntryVisitor {
    is_forward: bool,
}

impl EntryVisitor {
    /// Returns a contact of an entry without groups: on the forward list, it is in group 0.
    fn plain(&self, handle: &Handle, name: Option<&FriendlyName>) -> Contact {
        let groups = if self.is_forward { GroupId::ZERO.into() } else { GroupIds::NONE };
        Contact::new(handle, name).in_groups(groups)
    }
}

impl<'de> Visitor<'de> for EntryVisitor {
    type Value = Contact;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a handle, or a pair of a handle and a name")?;
        if self.is_forward { f.write_str(", or (handle: …, groups: […])") } else { Ok(()) }
    }

    fn visit_str<E: Error>(self, text: &str) -> Result<Contact, E> {
        Ok(self.plain(&value::checked_handle(text)?, None))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Contact, A::Error> {
        let handle = seq.next_element::<String>()?;
        let handle = handle.ok_or_else(|| A::Error::invalid_length(0, &self))?;
        let handle = value::checked_handle(&handle)?;
        let name = seq.next_element::<String>()?;
        let name = name.ok_or_else(|| A::Error::invalid_length(1, &self))?;
        Ok(self.plain(&handle, Some(&value::checked_name(&name)?)))
    }

    fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<Contact, A::Error> {
        let ReadEntry { handle, name, groups } =
            ReadEntry::deserialize(MapAccessDeserializer::new(map))?;
        if !self.is_forward {
            let words = format!("{handle} has groups, which only the forward list may have");
            return Err(A::Error::custom(words));
        }
        let groups = groups.into_iter().fold(GroupIds::NONE, GroupIds::with);
        Ok(Contact::new(&handle, name.as_ref()).in_groups(groups))
    }
}

/// Reads a list, and stops at the maximum length.
pub(super) fn list<'de, T, D>(from: D) -> Result<Vec<T>, D::Error>
where
    T: Deserialize<'de>,
    D: Deserializer<'de>,
{
    struct ListVisitor<T>(PhantomData<T>);

    impl<'de, T: Deserialize<'de>> Visitor<'de> for ListVisitor<T> {
        type Value = Vec<T>;

        fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            write!(f, "a list of at most {MAX_LIST_ENTRIES} entries")
        }

        fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Vec<T>, A::Error> {
            let mut entries = Vec::new();
            while let Some(entry) = seq.next_element()? {
                if entries.len() >= usize::from(MAX_LIST_ENTRIES) {
                    return Err(A::Error::invalid_length(entries.len() + 1, &self));
                }
                entries.push(entry);
            }
            Ok(entries)
        }
    }

    from.deserialize_seq(ListVisitor(PhantomData))
}
