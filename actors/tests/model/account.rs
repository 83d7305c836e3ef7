//! An account in the plain model, and the effects of changes of its lists and groups.
//!
//! * A user who never made a group has one that is called `~`, number 0. The first group that they
//!   make gives group 0 a name of its own.
//! * A contact who is added to the forward list without a group is in group 0, and may be added to
//!   it once more.
//! * A contact without a group is off the list, whether they were removed from their last group or
//!   the group was removed.

use super::steps::Who;
use crate::support::VERSION;
use std::collections::{BTreeMap, BTreeSet};

pub(crate) const LISTS: [&str; 4] = ["FL", "AL", "BL", "RL"];

/// The index of a list in [`LISTS`].
pub(crate) fn list_index(list: &str) -> usize {
    LISTS.iter().position(|name| *name == list).unwrap()
}

/// Telephone numbers as they are on the wire: home, work, mobile.
pub(crate) type Numbers = [Option<&'static str>; 3];

/// How many groups an account has at most.
const GROUPS: u8 = 30;

/// An account.
#[derive(Debug)]
pub(crate) struct Account {
    pub(crate) name: String,
    pub(crate) version: u32,
    pub(crate) prompting: &'static str,
    pub(crate) privacy: &'static str,
    /// In the order of [`LISTS`].
    pub(crate) lists: [Vec<Who>; 4],
    /// The user's own names for entries of their lists, where they differ from the contacts' names.
    pub(crate) names: BTreeMap<Who, String>,
    pub(crate) numbers: Numbers,
    groups: BTreeMap<u8, &'static str>,
    /// The groups of each contact who is in any.
    members: BTreeMap<Who, BTreeSet<u8>>,
}

impl Account {
    pub(crate) fn new(name: &str) -> Account {
        let (lists, names, numbers, groups, members) = Default::default();
        Account {
            name: name.into(),
            version: VERSION,
            prompting: "A",
            privacy: "AL",
            lists,
            names,
            numbers,
            groups,
            members,
        }
    }

    pub(crate) fn has(&self, list: &str, who: Who) -> bool {
        self.lists[list_index(list)].contains(&who)
    }

    pub(crate) fn put(&mut self, list: &str, who: Who) {
        self.lists[list_index(list)].push(who);
        if list == "FL" {
            self.members.insert(who, [0].into());
        }
        self.version += 1;
    }

    pub(crate) fn take(&mut self, list: &str, who: Who) {
        self.lists[list_index(list)].retain(|other| *other != who);
        self.version += 1;
        if list == "FL" {
            self.members.remove(&who);
        }
        if !LISTS.iter().any(|list| self.has(list, who)) {
            self.names.remove(&who);
        }
    }

    pub(crate) fn admits(&self, other: Who) -> bool {
        !self.has("BL", other) && (self.privacy == "AL" || self.has("AL", other))
    }

    /// The groups as they are sent.
    pub(crate) fn shown_groups(&self) -> BTreeMap<u8, String> {
        let own = self.groups.iter().map(|(group, name)| (*group, (*name).to_owned()));
        let unnamed = Some((0, "~".to_owned())).filter(|_| self.groups.is_empty());
        own.chain(unnamed).collect()
    }

    /// The groups in which a contact on the forward list is shown.
    pub(crate) fn shown_in(&self, who: Who) -> BTreeSet<u8> {
        self.members.get(&who).cloned().unwrap_or_else(|| [0].into())
    }

    pub(crate) fn has_group(&self, group: u8) -> bool {
        group == 0 || self.groups.contains_key(&group)
    }

    /// Makes a group. The error is a code.
    pub(crate) fn add_group(&mut self, name: &'static str) -> Result<u8, u32> {
        let first = self.groups.is_empty();
        if self.groups.values().any(|other| *other == name) || (first && name == OTHERS) {
            return Err(228);
        }
        if first {
            self.groups.insert(0, OTHERS);
        }
        let group = (0..GROUPS).find(|group| !self.groups.contains_key(group)).ok_or(223_u32)?;
        self.groups.insert(group, name);
        self.version += 1;
        Ok(group)
    }

    pub(crate) fn rename_group(&mut self, group: u8, name: &'static str) -> Result<(), u32> {
        if !self.has_group(group) {
            return Err(224);
        }
        if self.groups.iter().any(|(other, known)| *other != group && *known == name) {
            return Err(228);
        }
        self.groups.insert(group, name);
        self.version += 1;
        Ok(())
    }

    /// Removes a group. Returns the contacts who were in no other one.
    pub(crate) fn remove_group(&mut self, group: u8) -> Result<Vec<Who>, u32> {
        if group == 0 {
            return Err(230);
        }
        self.groups.remove(&group).ok_or(224_u32)?;
        self.version += 1;
        let out = |(who, groups): (&Who, &mut BTreeSet<u8>)| {
            groups.remove(&group);
            groups.is_empty().then_some(*who)
        };
        let leave: Vec<Who> = self.members.iter_mut().filter_map(out).collect();
        for who in &leave {
            self.members.remove(who);
            self.lists[0].retain(|other| other != who);
            if !LISTS.iter().any(|list| self.has(list, *who)) {
                self.names.remove(who);
            }
        }
        Ok(leave)
    }

    /// Adds a contact to the forward list, in this group only.
    pub(crate) fn put_in(&mut self, who: Who, group: u8) {
        self.members.insert(who, [group].into());
    }

    /// Adds the contact to one more group.
    pub(crate) fn join(&mut self, who: Who, group: u8) -> Result<(), u32> {
        let groups = self.members.entry(who).or_default();
        let again = group == 0 && *groups == BTreeSet::from([0]);
        if !groups.insert(group) && !again {
            return Err(215);
        }
        self.version += 1;
        Ok(())
    }

    /// Removes a contact on the forward list from a group. Returns whether it was their last one.
    pub(crate) fn leave(&mut self, who: Who, group: u8) -> Result<bool, u32> {
        if !self.has_group(group) {
            return Err(224);
        }
        if !self.shown_in(who).contains(&group) {
            return Err(225);
        }
        let groups = self.members.entry(who).or_default();
        groups.remove(&group);
        if groups.is_empty() {
            self.take("FL", who);
            return Ok(true);
        }
        self.version += 1;
        Ok(false)
    }
}

/// The name of group 0 once there is another group.
const OTHERS: &str = "Other%20Contacts";
