//! What a client knows, from nothing but what it was sent.

use super::plain::{Account, LISTS, Sight, place};
use super::steps::Who;
use std::collections::BTreeMap;

/// What a client shows its principal. The lists outlast the connection: that is what the list
/// version is for.
#[derive(Debug, Default)]
pub(crate) struct View {
    /// `SYN` was answered on this connection: the lists are those of the server. Before it, changes
    /// are not written into them, since others may have been missed.
    synchronised: bool,
    lists: Lists,
    /// Who is there.
    sights: BTreeMap<String, Sight>,
}

/// What an account is, as far as its version covers it.
#[derive(Debug, Default, Clone, PartialEq, Eq)]
struct Lists {
    version: u32,
    prompting: String,
    privacy: String,
    /// Handles, in the order of [`LISTS`].
    handles: [Vec<String>; 4],
}

impl View {
    /// A new connection.
    pub(crate) fn begins(&mut self) {
        self.synchronised = false;
        self.sights.clear();
    }

    /// The version of the lists that the client has; 0 if it has none.
    pub(crate) fn version(&self) -> u32 {
        self.lists.version
    }

    /// Learns from a line of the server.
    pub(crate) fn hears(&mut self, line: &str) {
        let words: Vec<&str> = line.split(' ').collect();
        match words[..] {
            ["SYN", _, version] => {
                self.synchronised = true;
                self.lists.version = version.parse().unwrap();
            }
            ["ILN", _, state, who, name] | ["NLN", state, who, name] => {
                self.sights.insert(who.into(), (state.into(), name.into()));
            }
            ["FLN", who] => {
                self.sights.remove(who);
            }
            // He is no contact any more.
            ["REM", _, "FL", _, who] => {
                self.sights.remove(who);
            }
            _ => {}
        }
        if self.synchronised {
            self.lists.learn(&words);
        }
    }

    /// How this differs from what the rules say.
    pub(crate) fn differs(
        &self,
        account: &Account,
        sights: &BTreeMap<String, Sight>,
    ) -> Option<String> {
        if self.sights != *sights {
            return Some(format!("sees {:?}\ninstead of {sights:?}", self.sights));
        }
        let handles = |list: &Vec<Who>| list.iter().map(|entry| entry.handle()).collect();
        let lists = Lists {
            version: account.version,
            prompting: account.prompting.into(),
            privacy: account.privacy.into(),
            handles: [0, 1, 2, 3].map(|list| handles(&account.lists[list])),
        };
        let same = !self.synchronised || self.lists.without_order() == lists.without_order();
        (!same).then(|| format!("has {:?}\ninstead of {lists:?}", self.lists))
    }
}

impl Lists {
    /// News of the reverse list that waited may have overtaken other news: its order is nothing
    /// that a client shows.
    fn without_order(&self) -> Lists {
        let mut lists = self.clone();
        lists.handles[place("RL")].sort_unstable();
        lists
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
                let handles = &mut self.handles[place(list)];
                if ["0", "1"].contains(&index) {
                    handles.clear();
                }
                handles.extend(entry.first().map(|handle| (*handle).to_owned()));
                version
            }
            ["ADD", _, list, version, who, _] => {
                let handles = &mut self.handles[place(list)];
                handles.retain(|handle| handle != who);
                handles.push(who.into());
                version
            }
            ["REM", _, list, version, who] if LISTS.contains(&list) => {
                self.handles[place(list)].retain(|handle| handle != who);
                version
            }
            ["REA", _, version, _, _] => version,
            _ => return,
        };
        // News that waited for an answer has an older version than it.
        self.version = self.version.max(version.parse().unwrap());
    }
}
