//! The groups of a forward list.

use super::escape::Text;
use super::value;
use actors::port::Contact;
use actors::rules::Group;
use msnp::{GroupId, GroupIds, GroupName};
use serde::de::{Error, MapAccess, Visitor};
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use std::collections::BTreeMap;
use std::fmt;

/// The names of groups, ordered by their numbers. A user who never had groups has none, not even group 0.
#[derive(Debug, Default)]
pub(super) struct Groups(pub(super) Vec<Group>);

impl Groups {
    pub(super) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Checks that the groups of all contacts exist. Group 0 always exists.
    ///
    /// # Errors
    /// The message names the contact and the group.
    pub(super) fn check<'a>(
        &self,
        mut members: impl Iterator<Item = &'a Contact>,
    ) -> Result<(), String> {
        let existing = self.0.iter().map(|(group, _)| *group);
        let existing = existing.fold(GroupIds::from(GroupId::ZERO), GroupIds::with);
        members.try_for_each(|contact| {
            let missing = contact.groups().iter().find(|group| !existing.contains(*group));
            missing.map_or(Ok(()), |group| {
                Err(format!("{} is in group {group}, which does not exist", contact.handle()))
            })
        })
    }
}

impl Serialize for Groups {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        to.collect_map(self.0.iter().map(|(group, name)| (group, Text(name.as_str()))))
    }
}

impl<'de> Deserialize<'de> for Groups {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Groups, D::Error> {
        struct GroupsVisitor;

        impl<'de> Visitor<'de> for GroupsVisitor {
            type Value = Groups;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("the names of groups by their numbers")
            }

            // Numbers are unique, so there are never more groups than possible.
            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Groups, A::Error> {
                let mut groups: BTreeMap<GroupId, GroupName> = BTreeMap::new();
                while let Some((group, text)) = map.next_entry::<GroupId, String>()? {
                    let name = value::checked_group_name(&text)?;
                    if groups.values().any(|other| *other == name) {
                        return Err(A::Error::custom(format!("two groups have the name {text:?}")));
                    }
                    if groups.insert(group, name).is_some() {
                        return Err(A::Error::custom(format!("group {group} is set twice")));
                    }
                }
                Ok(Groups(groups.into_iter().collect()))
            }
        }

        from.deserialize_map(GroupsVisitor)
    }
}
