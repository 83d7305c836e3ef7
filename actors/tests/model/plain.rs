//! The plain model: the rules in words and simple tables, without actors.
//!
//! * B sees A if A is signed in, neither hidden nor offline, and on B's forward list, and if A
//!   admits B: B is not on A's block list, and is on the allow list if A's privacy is `BL`.
//! * From B's first `CHG` on, which returns what B sees, B is sent each difference.
//! * Each change of an account makes a new list version. Adding a contact to the forward list or
//!   removing one changes two accounts.
//! * A user who has sent `SYN` or `CHG` is notified when others add them to a forward list or
//!   remove them from it.
//! * Changes by a blocked user are not sent. Until the next `SYN`, the client is sent the version
//!   before that change.
//! * No client is sent what its dialect lacks.

use super::account::{Account, LISTS, Numbers, list_index};
use super::steps::{Action, Cached, ILLEGAL, Name, Nodes, Setup, Who, handle};
use msnp::Dialect;
use std::collections::BTreeMap;
use std::time::Duration;

/// The end of a connection.
pub(crate) const END: &str = "(end)";

/// The profile message, without its content.
fn profile(dialect: Dialect) -> String {
    let length = if dialect < Dialect::Msnp3 { 95 } else { 312 };
    format!("MSG Hotmail Hotmail {length}")
}

/// A connection of a user who is signed in.
#[derive(Debug)]
struct Client {
    dialect: Dialect,
    state: &'static str,
    /// It has sent a `CHG` that is not `FLN`.
    came_online: bool,
    /// It has sent `SYN`.
    synchronised: bool,
    /// It was sent the profile.
    profiled: bool,
    /// The user takes part in conversations.
    invitable: bool,
    /// The version that the client is sent, because it was not sent a change.
    withheld: Option<u32>,
}

impl Client {
    fn new(dialect: Dialect) -> Client {
        let (came_online, synchronised, profiled, invitable) = (false, false, false, true);
        let withheld = None;
        Client { dialect, state: "FLN", came_online, synchronised, profiled, invitable, withheld }
    }
}

/// What a user sees of another: a state and a name.
pub(crate) type Presence = (String, String);

/// What each client receives in a step.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Outcome {
    /// Each user, on their connection.
    pub(crate) sessions: [Vec<String>; 4],
    /// On a connection that is not the user's, or no longer.
    pub(crate) aside: Vec<String>,
    /// On the switchboard: the caller, and the user who is called.
    pub(crate) talk: [Vec<String>; 2],
}

impl Outcome {
    /// Whether the profile is the last thing that this user receives.
    pub(crate) fn has_profile(&self, who: Who) -> bool {
        let last = self.sessions[who as usize].last();
        last.is_some_and(|line| line.starts_with("MSG Hotmail Hotmail "))
    }
}

/// The reply to a line that is no command of the dialect or cannot be read: a code, or the end.
fn unread(action: &Action, dialect: Dialect) -> Option<Option<u32>> {
    match action {
        Action::Out | Action::Add("RL", ..) | Action::Rem("RL", _) => Some(None),
        Action::Illegal(which) => Some(ILLEGAL[*which].1),
        action if dialect < action.since() => Some(Some(200)),
        // Only up to MSNP4 clients could send that the user is offline.
        Action::Chg("FLN") if dialect >= Dialect::Msnp5 => Some(Some(201)),
        // Only the server sends whether there are pagers.
        Action::Prp("MBE", _) => Some(Some(715)),
        _ => None,
    }
}

/// Replaces the list version in a line, if it has one.
fn set_version(line: &mut String, version: u32) {
    let mut words: Vec<String> = line.split(' ').map(str::to_owned).collect();
    let index = match words[0].as_str() {
        "ADD" | "REM" | "LST" => 3,
        "REA" | "GTC" | "BLP" | "PRP" | "LSG" | "ADG" | "REG" | "RMG" => 2,
        "BPR" => 1,
        _ => return,
    };
    words[index] = version.to_string();
    *line = words.join(" ");
}

/// The model of the whole server.
pub(crate) struct Plain {
    pub(crate) accounts: [Account; 4],
    clients: [Option<Client>; 4],
    /// The numbers of each contact that each client, one for each dialect, was sent last.
    pub(crate) known: [[BTreeMap<Who, Numbers>; Dialect::ALL.len()]; 4],
    /// When each user renamed themselves for the first time in the last minute, and how often
    /// since, on each node.
    renames: [[Option<(Duration, u32)>; 2]; 4],
    /// How many entries a list has at most.
    limit: usize,
    nodes: Nodes,
}

impl Plain {
    /// Four accounts. Their lists are empty, or all others are on their forward lists.
    pub(crate) fn new(Setup { limit, friends, nodes }: Setup) -> Plain {
        let accounts = ["Alice", "Bob%20B.", "Carol", "Dave"].map(Account::new);
        let (clients, known, renames) = Default::default();
        let mut plain = Plain { accounts, clients, known, renames, limit: limit.into(), nodes };
        for owner in Who::ALL.into_iter().filter(|_| friends) {
            for contact in Who::ALL.into_iter().filter(|contact| *contact != owner) {
                plain.account(owner).put("FL", contact);
                plain.account(contact).put("RL", owner);
            }
        }
        plain
    }

    pub(crate) fn account(&mut self, who: Who) -> &mut Account {
        &mut self.accounts[who as usize]
    }

    pub(crate) fn is_signed_in(&self, who: Who) -> bool {
        self.clients[who as usize].is_some()
    }

    /// The dialect of a user's client.
    pub(crate) fn dialect(&self, who: Who) -> Dialect {
        self.clients[who as usize].as_ref().map_or(Dialect::Msnp2, |client| client.dialect)
    }

    /// The index of the node that a user's client uses.
    pub(super) fn node(&self, who: Who) -> usize {
        self.nodes.of(who, self.dialect(who))
    }

    /// Whether the user is sent the numbers of contacts.
    pub(super) fn is_synchronised(&self, who: Who) -> bool {
        self.clients[who as usize].as_ref().is_some_and(|client| client.synchronised)
    }

    fn gets_notices(&self, who: Who) -> bool {
        let client = self.clients[who as usize].as_ref();
        client.is_some_and(|client| client.came_online || client.synchronised)
    }

    pub(super) fn state(&self, who: Who) -> &'static str {
        self.clients[who as usize].as_ref().map_or("FLN", |client| client.state)
    }

    pub(super) fn is_invitable(&self, who: Who) -> bool {
        self.clients[who as usize].as_ref().is_some_and(|client| client.invitable)
    }

    /// Whether a user is visible to another, contact or not. If so, the other may call them.
    pub(super) fn is_shown(&self, who: Who, to: Who) -> bool {
        !["FLN", "HDN"].contains(&self.state(who)) && self.accounts[who as usize].admits(to)
    }

    /// What a user sees now.
    pub(crate) fn presences(&self, watcher: Who) -> BTreeMap<String, Presence> {
        if !self.clients[watcher as usize].as_ref().is_some_and(|client| client.came_online) {
            return BTreeMap::new();
        }
        let contacts = self.accounts[watcher as usize].lists[0].iter();
        contacts.filter_map(|who| Some((who.handle(), self.presence(*who, watcher)?))).collect()
    }

    fn presence(&self, who: Who, watcher: Who) -> Option<Presence> {
        let client = self.clients[who as usize].as_ref()?;
        let name = self.accounts[who as usize].name.clone();
        self.is_shown(who, watcher).then(|| (client.state.to_owned(), name))
    }

    /// A list, as it is sent.
    pub(super) fn list_lines(&self, who: Who, trid: &str, list: &str) -> Vec<String> {
        let account = &self.accounts[who as usize];
        let (entries, version) = (&account.lists[list_index(list)], account.version);
        let head = format!("LST {trid} {list} {version}");
        if entries.is_empty() {
            return vec![format!("{head} 0 0")];
        }
        let line = |(index, entry): (usize, &Who)| {
            let own = &self.accounts[*entry as usize].name;
            let name = account.names.get(entry).unwrap_or(own);
            let groups = account.shown_in(*entry).iter().map(u8::to_string).collect::<Vec<_>>();
            let has_groups = list == "FL" && self.dialect(who) >= Dialect::Msnp7;
            let groups = if has_groups { format!(" {}", groups.join(",")) } else { String::new() };
            let number = index + 1;
            format!("{head} {number} {} {} {name}{groups}", entries.len(), entry.handle())
        };
        entries.iter().enumerate().map(line).collect()
    }

    /// Returns what all clients receive if a user does this at this time.
    pub(crate) fn act(
        &mut self,
        who: Who,
        trid: &str,
        action: &Action,
        cached: u32,
        now: Duration,
    ) -> Outcome {
        let before = Who::ALL.map(|watcher| self.presences(watcher));
        let mut outcome = Outcome::default();
        let there = self.is_signed_in(who);
        match action {
            Action::SignIn(dialect) => {
                if there {
                    outcome.aside = vec!["OUT OTH".into(), END.into()];
                }
                self.clients[who as usize] = Some(Client::new(*dialect));
                let name = &self.accounts[who as usize].name;
                let verified = if *dialect < Dialect::Msnp6 { "" } else { " 1" };
                let welcome = format!("USR 7 OK {} {name}{verified}", who.handle());
                outcome.sessions[who as usize] = vec![welcome];
            }
            Action::WrongPassword => outcome.aside = vec!["911 7".into(), END.into()],
            _ if !there => {}
            Action::HangUp => self.clients[who as usize] = None,
            action => match unread(action, self.dialect(who)) {
                Some(Some(code)) => outcome.sessions[who as usize] = vec![format!("{code} {trid}")],
                Some(None) => {
                    self.clients[who as usize] = None;
                    outcome.sessions[who as usize] = vec![END.into()];
                }
                None => {
                    let answer = self.answer(who, trid, action, cached, now, &mut outcome);
                    outcome.sessions[who as usize] = answer;
                    self.send_profile(who, &mut outcome);
                }
            },
        }
        let renamed = matches!(action, Action::Rea(Some(whom), _) if *whom == who)
            && outcome.sessions[who as usize].first().is_some_and(|line| line.starts_with("REA"));
        self.notify_others(who, &before, renamed, &mut outcome);
        for (client, lines) in self.clients.iter().zip(&mut outcome.sessions) {
            if let Some(version) = client.as_ref().and_then(|client| client.withheld) {
                lines.iter_mut().for_each(|line| set_version(line, version));
            }
        }
        outcome
    }

    /// The first reply after the sign-in is followed by the profile. A line that cannot be read is
    /// no command yet.
    fn send_profile(&mut self, who: Who, outcome: &mut Outcome) {
        let Some(client) = &mut self.clients[who as usize] else { return };
        if !client.profiled {
            client.profiled = true;
            outcome.sessions[who as usize].push(profile(client.dialect));
        }
    }

    /// Sends all others what they see differently now. A new name is sent even if it is the old
    /// one.
    fn notify_others(
        &self,
        who: Who,
        before: &[BTreeMap<String, Presence>; 4],
        renamed: bool,
        outcome: &mut Outcome,
    ) {
        let handle = who.handle();
        for watcher in Who::ALL.into_iter().filter(|watcher| *watcher != who) {
            let now = self.presences(watcher);
            let line = match (before[watcher as usize].get(&handle), now.get(&handle)) {
                (was, Some((state, name))) if renamed || was != now.get(&handle) => {
                    format!("NLN {state} {handle} {name}")
                }
                (Some(_), None) => format!("FLN {handle}"),
                _ => continue,
            };
            outcome.sessions[watcher as usize].push(line);
        }
    }

    /// The reply to a line of a user who is signed in. What others receive apart from presence is
    /// added to the outcome.
    fn answer(
        &mut self,
        who: Who,
        t: &str,
        action: &Action,
        cached: u32,
        now: Duration,
        outcome: &mut Outcome,
    ) -> Vec<String> {
        match action {
            Action::Png => vec!["QNG".into()],
            Action::Syn(version) => self.synchronise(who, t, *version, cached),
            Action::Chg(state) => self.change_state(who, t, state),
            Action::Lst(list) => self.list_lines(who, t, list),
            Action::Add(list, whom, name) => {
                let before = self.admitted(who);
                let lines = self.add(who, t, list, *whom, *name, outcome);
                self.notify_admitted(who, &before, outcome);
                lines
            }
            Action::Rem(list, whom) => {
                let before = self.admitted(who);
                let lines = self.remove(who, t, list, *whom, outcome);
                self.notify_admitted(who, &before, outcome);
                lines
            }
            // Without groups it has one word too many.
            Action::AddTo(whom, name, _) if self.dialect(who) < Dialect::Msnp7 => {
                self.add(who, t, "FL", *whom, *name, outcome)
            }
            Action::RemFrom(whom, _) if self.dialect(who) < Dialect::Msnp7 => {
                self.remove(who, t, "FL", *whom, outcome)
            }
            Action::AddTo(whom, name, group) => {
                self.add_to_group(who, t, *whom, *name, *group, outcome)
            }
            Action::RemFrom(whom, group) => self.remove_from_group(who, t, *whom, *group, outcome),
            Action::Lsg => self.group_lines(who, t),
            Action::Adg(name) => self.add_group(who, t, name),
            Action::Reg(group, name) => self.rename_group(who, t, *group, name),
            Action::Rmg(group) => self.remove_group(who, t, *group, outcome),
            Action::Prp(property, value) => self.set_property(who, t, property, *value, outcome),
            Action::Ims(on) => {
                if let Some(client) = &mut self.clients[who as usize] {
                    client.invitable = *on == "ON";
                }
                vec![format!("IMS {t} 0 {on}")]
            }
            Action::Rea(whom, name) => self.rename(who, t, *whom, *name, now),
            Action::Blp(privacy) => {
                let before = self.admitted(who);
                let account = self.account(who);
                account.version += u32::from(account.privacy != *privacy);
                account.privacy = privacy;
                let line = format!("BLP {t} {} {privacy}", account.version);
                self.notify_admitted(who, &before, outcome);
                vec![line]
            }
            Action::Gtc(prompting) => {
                let account = self.account(who);
                if account.prompting == *prompting {
                    return vec![format!("218 {t}")];
                }
                account.version += 1;
                account.prompting = prompting;
                vec![format!("GTC {t} {} {prompting}", account.version)]
            }
            Action::Call(whom) => self.call(who, t, *whom, outcome),
            // `act` handles these.
            Action::SignIn(_)
            | Action::WrongPassword
            | Action::HangUp
            | Action::Out
            | Action::Illegal(_) => Vec::new(),
        }
    }

    fn synchronise(&mut self, who: Who, t: &str, version: Cached, cached: u32) -> Vec<String> {
        if let Some(client) = &mut self.clients[who as usize] {
            client.synchronised = true;
            client.withheld = None;
        }
        let account = &self.accounts[who as usize];
        let (current, prompting, privacy) = (account.version, account.prompting, account.privacy);
        let mut lines = vec![format!("SYN {t} {current}")];
        if version != Cached::Known || cached != current {
            lines.push(format!("GTC {t} {current} {prompting}"));
            lines.push(format!("BLP {t} {current} {privacy}"));
            lines.extend(self.property_lines(who, t));
            if self.dialect(who) >= Dialect::Msnp7 {
                lines.extend(self.group_lines(who, t));
            }
            lines.extend(self.forward_lines(who, t));
            let others = LISTS[1..].iter();
            lines.extend(others.flat_map(|list| self.list_lines(who, t, list)));
        }
        lines
    }

    /// The first state returns all visible contacts. Offline is no first state.
    fn change_state(&mut self, who: Who, t: &str, state: &'static str) -> Vec<String> {
        let mut first = false;
        if let Some(client) = &mut self.clients[who as usize] {
            client.state = state;
            first = !client.came_online && state != "FLN";
            client.came_online |= first;
        }
        let mut lines = vec![format!("CHG {t} {state}")];
        if first {
            let contacts = self.accounts[who as usize].lists[0].iter();
            lines.extend(contacts.filter_map(|contact| self.iln(who, t, *contact)));
        }
        lines
    }

    fn iln(&self, who: Who, t: &str, contact: Who) -> Option<String> {
        let (state, name) = self.presence(contact, who)?;
        Some(format!("ILN {t} {state} {} {name}", contact.handle()))
    }

    pub(super) fn add(
        &mut self,
        who: Who,
        t: &str,
        list: &'static str,
        whom: Option<Who>,
        name: Name,
        outcome: &mut Outcome,
    ) -> Vec<String> {
        let Some(contact) = whom else { return vec![format!("205 {t}")] };
        let (limit, account) = (self.limit, self.account(who));
        let opposite = match list {
            "AL" => account.has("BL", contact),
            "BL" => account.has("AL", contact),
            _ => false,
        };
        let refusal = match () {
            () if list == "FL" && contact == who => Some(201),
            () if list == "FL" && account.has(list, contact) => Some(215),
            () if account.has(list, contact) => None,
            () if opposite => Some(219),
            () if account.lists[list_index(list)].len() >= limit => Some(210),
            () => None,
        };
        if let Some(code) = refusal {
            return vec![format!("{code} {t}")];
        }
        let given = name.of(whom);
        let shown = given.clone().unwrap_or_else(|| contact.handle());
        if account.has(list, contact) {
            // Allowed or blocked again: nothing changes.
            let version = account.version;
            return vec![format!("ADD {t} {list} {version} {} {shown}", contact.handle())];
        }
        account.put(list, contact);
        let version = account.version;
        // A user who is allowed or blocked keeps the name that they were given.
        let keeps = list != "FL" && account.names.contains_key(&contact);
        if let Some(given) = given.filter(|_| !keeps) {
            self.give_name(who, contact, given);
        }
        let mut lines = vec![format!("ADD {t} {list} {version} {} {shown}", contact.handle())];
        if list == "FL" {
            let name = self.accounts[who as usize].name.clone();
            self.account(contact).put("RL", who);
            let theirs = self.account(contact).version;
            self.notify_reverse(
                who,
                contact,
                format!("ADD 0 RL {theirs} {} {name}", who.handle()),
                outcome,
            );
            lines.extend(self.number_lines(who, contact));
            let came_online =
                self.clients[who as usize].as_ref().is_some_and(|client| client.came_online);
            lines.extend(self.iln(who, t, contact).filter(|_| came_online));
        }
        lines
    }

    fn remove(
        &mut self,
        who: Who,
        t: &str,
        list: &'static str,
        whom: Option<Who>,
        outcome: &mut Outcome,
    ) -> Vec<String> {
        let account = self.account(who);
        let Some(contact) = whom.filter(|contact| account.has(list, *contact)) else {
            return vec![format!("216 {t}")];
        };
        account.take(list, contact);
        let line = format!("REM {t} {list} {} {}", account.version, contact.handle());
        if list == "FL" {
            self.has_left(who, contact, outcome);
        }
        vec![line]
    }

    /// A contact left the forward list: changes the contact's reverse list too.
    pub(super) fn has_left(&mut self, who: Who, contact: Who, outcome: &mut Outcome) {
        self.account(contact).take("RL", who);
        let theirs = self.account(contact).version;
        self.notify_reverse(who, contact, format!("REM 0 RL {theirs} {}", who.handle()), outcome);
        for known in &mut self.known[who as usize] {
            known.remove(&contact);
        }
    }

    /// Notifies a user of a change of their reverse list.
    fn notify_reverse(&mut self, who: Who, whom: Who, line: String, outcome: &mut Outcome) {
        if !self.gets_notices(whom) {
            return;
        }
        let Account { version, .. } = self.accounts[whom as usize];
        let blocks = self.accounts[whom as usize].has("BL", who);
        match &mut self.clients[whom as usize] {
            Some(client) if blocks => {
                client.withheld.get_or_insert(version - 1);
            }
            _ => outcome.sessions[whom as usize].push(line),
        }
    }

    /// A name that is the contact's own, or the handle, is not stored.
    fn give_name(&mut self, owner: Who, contact: Who, name: String) {
        let own = name == self.account(contact).name || name == contact.handle();
        let names = &mut self.account(owner).names;
        if own {
            names.remove(&contact);
        } else {
            names.insert(contact, name);
        }
    }

    fn rename(
        &mut self,
        who: Who,
        t: &str,
        whom: Option<Who>,
        name: Name,
        now: Duration,
    ) -> Vec<String> {
        let Some(name) = name.of(whom) else { return vec![format!("209 {t}")] };
        let listed = |contact: &Who| {
            *contact == who
                || LISTS.iter().any(|list| self.accounts[who as usize].has(list, *contact))
        };
        let Some(whom) = whom.filter(listed) else { return vec![format!("216 {t}")] };
        if whom != who {
            self.give_name(who, whom, name.clone());
        } else if self.is_too_rapid(who, now) {
            return vec![format!("800 {t}")];
        } else {
            self.account(who).name = name.clone();
        }
        self.account(who).version += 1;
        vec![format!("REA {t} {} {} {name}", self.account(who).version, whom.handle())]
    }

    /// Five times a minute, on any number of connections to a node.
    fn is_too_rapid(&mut self, who: Who, now: Duration) -> bool {
        let node = self.node(who);
        let renames = &mut self.renames[who as usize][node];
        let minute = Duration::from_secs(60);
        let current = renames.filter(|(first, _)| now < *first + minute);
        let (first, count) = current.unwrap_or((now, 0));
        *renames = Some((first, count + 1));
        count >= 5
    }

    /// A reverse list has the order in which others were added, which is unknown if they were added
    /// at the same time. Returns `false` if it has other entries than these.
    pub(crate) fn settle_order(&mut self, who: Who, handles: &[String]) -> bool {
        let reverse = &mut self.account(who).lists[list_index("RL")];
        reverse.sort_by_key(|entry| handles.iter().position(|handle| *handle == entry.handle()));
        reverse.iter().map(|entry| handle(Some(*entry))).eq(handles.iter().cloned())
    }
}
