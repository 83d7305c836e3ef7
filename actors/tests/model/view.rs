//! A client's view, built only from what it was sent.

use super::account::{Account, LISTS, Numbers, list_index};
use super::numbers::PHONES;
use super::plain::Presence;
use super::steps::{PHONE_NUMBERS, Who};
use msnp::Dialect;
use std::collections::{BTreeMap, BTreeSet};

/// What a client shows its user. The lists outlast the connection: that is the purpose of the list
/// version.
#[derive(Debug, Default)]
pub(crate) struct View {
    /// `SYN` was answered on this connection: the lists are those of the server. Before that,
    /// changes are not applied to them, since others may have been missed.
    pub(crate) synchronised: bool,
    lists: Lists,
    /// The numbers of contacts on the forward list.
    numbers: BTreeMap<String, [String; 3]>,
    /// The contacts who are visible.
    presences: BTreeMap<String, Presence>,
    /// The users who were blocked at some time since the last `SYN`.
    blocked: BTreeSet<String>,
}

/// The parts of an account that its list version covers.
#[derive(Debug, Default, Clone, PartialEq, Eq)]
struct Lists {
    version: u32,
    prompting: String,
    privacy: String,
    /// Handles, in the order of [`LISTS`].
    handles: [Vec<String>; 4],
    groups: BTreeMap<u8, String>,
    /// The groups of each contact on the forward list.
    members: BTreeMap<String, BTreeSet<u8>>,
    numbers: [String; 3],
}

/// What a client should know.
pub(crate) struct Truth<'a> {
    pub(crate) dialect: Dialect,
    pub(crate) account: &'a Account,
    pub(crate) presences: BTreeMap<String, Presence>,
    /// The numbers of contacts that it was sent.
    pub(crate) sent: &'a BTreeMap<Who, Numbers>,
}

fn texts(numbers: &Numbers) -> [String; 3] {
    numbers.map(|number| number.unwrap_or_default().to_owned())
}

impl View {
    /// Starts a new connection.
    pub(crate) fn reconnect(&mut self) {
        self.synchronised = false;
        self.presences.clear();
    }

    /// The version of the client's lists. 0 if it has none.
    pub(crate) fn version(&self) -> u32 {
        self.lists.version
    }

    /// The numbers of a contact that the client knows.
    pub(crate) fn numbers(&self, contact: &str) -> Option<Numbers> {
        let known = |text: &String| PHONE_NUMBERS.into_iter().find(|number| number == text);
        Some(self.numbers.get(contact)?.each_ref().map(known))
    }

    /// Applies a line of the server.
    pub(crate) fn apply(&mut self, line: &str) {
        let words: Vec<&str> = line.split(' ').collect();
        match words[..] {
            ["SYN", _, version] => {
                self.synchronised = true;
                self.lists.version = version.parse().unwrap();
                self.blocked.clear();
            }
            ["ILN", _, state, who, name] | ["NLN", state, who, name] => {
                self.presences.insert(who.into(), (state.into(), name.into()));
            }
            ["FLN", who] => {
                self.presences.remove(who);
            }
            // No longer a contact.
            ["REM", _, "FL", _, who] => {
                self.presences.remove(who);
            }
            _ => {}
        }
        if self.synchronised {
            self.lists.learn(&words);
            self.blocked.extend(self.lists.handles[list_index("BL")].iter().cloned());
            self.apply_number(&words);
            if words[0] == "RMG" || (words[0] == "REM" && words.len() == 6) {
                let contacts = &self.lists.handles[0];
                self.presences.retain(|who, _| contacts.contains(who));
            }
        }
    }

    fn apply_number(&mut self, words: &[&str]) {
        let ["BPR", _, who, phone, number @ ..] = words else { return };
        if let Some(index) = PHONES.iter().position(|known| known == phone) {
            let number = number.first().copied().unwrap_or_default();
            self.numbers.entry((*who).into()).or_default()[index] = number.into();
        }
    }

    /// How this view differs from the rules.
    pub(crate) fn difference(&self, truth: &Truth<'_>) -> Option<String> {
        let Truth { dialect, account, presences, sent } = truth;
        if self.presences != *presences {
            return Some(format!("sees {:?}\ninstead of {presences:?}", self.presences));
        }
        if !self.synchronised {
            return None;
        }
        let has_groups = *dialect >= Dialect::Msnp7;
        let has_numbers = *dialect >= Dialect::Msnp5;
        let forward = account.lists[0].iter();
        let shown_in = |who: &Who| (who.handle(), account.shown_in(*who));
        let handles = |list: &Vec<Who>| list.iter().map(|entry| entry.handle()).collect();
        let lists = Lists {
            // A client does not learn of every new version: changes of a contact's number are sent
            // to later dialects only, and an addition that was undone within a minute is not sent.
            version: self.version(),
            prompting: account.prompting.into(),
            privacy: account.privacy.into(),
            handles: [0, 1, 2, 3].map(|list| handles(&account.lists[list])),
            groups: if has_groups { account.shown_groups() } else { BTreeMap::new() },
            members: forward.clone().map(shown_in).collect(),
            numbers: if has_numbers { texts(&account.numbers) } else { Default::default() },
        };
        let known = |who: &Who| Some((who.handle(), texts(sent.get(who)?)));
        let numbers = forward.filter_map(known).collect::<BTreeMap<_, _>>();
        let mut own_numbers = self.numbers.clone();
        own_numbers.retain(|who, _| self.lists.handles[0].contains(who));
        let [mut own, mut lists] = [&self.lists, &lists].map(Lists::normalised);
        if self.version() < account.version {
            // Changes by a blocked user may not have been sent. The client finds them with the next
            // `SYN`.
            own.remove_from_reverse(&self.blocked);
            lists.remove_from_reverse(&self.blocked);
        }
        let same = self.version() <= account.version && own == lists && own_numbers == numbers;
        (!same).then(|| {
            let own = &self.lists;
            format!("has {own:?}\n{own_numbers:?}\ninstead of {lists:?}\n{numbers:?}")
        })
    }
}

impl Lists {
    /// The lists with a sorted reverse list. A delayed notice may arrive after later ones, and
    /// clients do not show that order.
    fn normalised(&self) -> Lists {
        let mut lists = self.clone();
        lists.handles[list_index("RL")].sort_unstable();
        let contacts = lists.handles[0].iter().filter(|_| !lists.groups.is_empty());
        let shown_in =
            |who: &String| (who.clone(), self.members.get(who).cloned().unwrap_or_default());
        lists.members = contacts.map(shown_in).collect();
        lists
    }

    /// Removes all of these from the reverse list.
    fn remove_from_reverse(&mut self, all: &BTreeSet<String>) {
        self.handles[list_index("RL")].retain(|who| !all.contains(who));
    }

    /// Removes a user from a list.
    fn drop_from(&mut self, list: &str, who: &str) {
        self.handles[list_index(list)].retain(|handle| handle != who);
        if list == "FL" {
            self.members.remove(who);
        }
    }

    /// Applies the word of a line that lists the groups of a contact on the forward list.
    fn apply_members(&mut self, list: &str, who: &str, groups: Option<&&str>) {
        let groups = groups.filter(|_| list == "FL").into_iter().flat_map(|word| word.split(','));
        let members = groups.map(|group| group.parse::<u8>().unwrap());
        self.members.entry(who.into()).or_default().extend(members);
    }

    /// Applies a line about groups. Returns the version in it.
    fn apply_group<'l>(&mut self, words: &[&'l str]) -> Option<&'l str> {
        match *words {
            ["LSG", _, version, index, _, group, name, "0"] => {
                if index == "1" {
                    self.groups.clear();
                }
                self.groups.insert(group.parse().unwrap(), name.into());
                Some(version)
            }
            ["ADG", _, version, name, group, "0"] => {
                // Group 0 has a name once there is another group.
                if let Some(unnamed) = self.groups.get_mut(&0).filter(|name| *name == "~") {
                    *unnamed = "Other%20Contacts".into();
                }
                self.groups.insert(group.parse().unwrap(), name.into());
                Some(version)
            }
            ["REG", _, version, group, name, "0"] => {
                self.groups.insert(group.parse().unwrap(), name.into());
                Some(version)
            }
            ["RMG", _, version, group] => {
                let group = group.parse::<u8>().unwrap();
                self.groups.remove(&group);
                let leaves = |groups: &mut BTreeSet<u8>| groups.remove(&group) && groups.is_empty();
                let members = self.members.iter_mut();
                let left = members.filter_map(|(who, groups)| leaves(groups).then(|| who.clone()));
                for who in left.collect::<Vec<_>>() {
                    self.drop_from("FL", &who);
                }
                Some(version)
            }
            _ => None,
        }
    }

    fn learn(&mut self, words: &[&str]) {
        let version = match *words {
            ["GTC", _, version, prompting] => {
                self.prompting = prompting.into();
                version
            }
            ["BLP", _, version, privacy] => {
                self.privacy = privacy.into();
                version
            }
            ["LST", _, list, version, index, _, ref entry @ ..] => {
                if ["0", "1"].contains(&index) {
                    for who in std::mem::take(&mut self.handles[list_index(list)]) {
                        self.drop_from(list, &who);
                    }
                }
                if let [who, _, ref groups @ ..] = *entry {
                    self.handles[list_index(list)].push((*who).to_owned());
                    self.apply_members(list, who, groups.first());
                }
                version
            }
            ["ADD", _, list, version, who, _, ref group @ ..] => {
                // A contact on the forward list is added to one more group. A user who is allowed
                // or blocked stays so.
                let new = !self.handles[list_index(list)].iter().any(|handle| handle == who);
                if new {
                    self.handles[list_index(list)].push(who.into());
                }
                // Without a group the contact is in group 0.
                let group = group.first().or(new.then_some(&"0"));
                self.apply_members(list, who, group);
                version
            }
            ["REM", _, list, version, who] if LISTS.contains(&list) => {
                self.drop_from(list, who);
                version
            }
            ["REM", _, "FL", version, who, group] => {
                // Removed from their last group, the contact is off the list.
                let groups = self.members.get_mut(who);
                if groups.is_some_and(|groups| {
                    groups.remove(&group.parse().unwrap()) && groups.is_empty()
                }) {
                    self.drop_from("FL", who);
                }
                version
            }
            ["REA", _, version, _, _] | ["BPR", version, ..] => version,
            ["PRP", _, version, phone, ref number @ ..] => {
                if let Some(index) = PHONES.iter().position(|known| *known == phone) {
                    self.numbers[index] = number.first().copied().unwrap_or_default().into();
                }
                version
            }
            _ => match self.apply_group(words) {
                Some(version) => version,
                None => return,
            },
        };
        // A notice that waited for a reply has an older version than the reply.
        self.version = self.version.max(version.parse().unwrap());
    }
}
