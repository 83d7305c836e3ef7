//! Telephone numbers in the plain model (MSNP5).
//!
//! * They are sent with the lists, with an `ADD` and when they change. A user whom the contact does
//!   not admit is sent that there are none.
//! * A change is sent to users who have the contact on the forward list and whom the contact
//!   admits. It makes a new list version for each of them, even if their client does not know
//!   numbers.
//! * A user who is admitted from now on is sent all numbers. One who is no longer admitted is sent
//!   that there are none.

use super::account::Numbers;
use super::plain::{Outcome, Plain};
use super::steps::Who;
use msnp::Dialect;
use std::collections::BTreeMap;

pub(crate) const PHONES: [&str; 3] = ["PHH", "PHW", "PHM"];

/// `PHH 1`, or `PHH` if there is none.
fn phone_words((phone, number): (&str, Option<&str>)) -> String {
    number.map_or_else(|| phone.to_owned(), |number| format!("{phone} {number}"))
}

fn words(numbers: Numbers) -> impl Iterator<Item = String> {
    PHONES.into_iter().zip(numbers).map(phone_words)
}

impl Plain {
    fn knows_numbers(&self, who: Who) -> bool {
        self.dialect(who) >= Dialect::Msnp5
    }

    /// The numbers of a contact that a user may see.
    fn shown_numbers(&self, contact: Who, to: Who) -> Numbers {
        let account = &self.accounts[contact as usize];
        if account.admits(to) { account.numbers } else { Numbers::default() }
    }

    fn record_number(&mut self, who: Who, contact: Who, numbers: Numbers) {
        let dialect = self.dialect(who) as usize;
        self.known[who as usize][dialect].insert(contact, numbers);
    }

    /// Records the numbers of contacts that the user's client was sent.
    pub(crate) fn record_numbers(&mut self, who: Who, numbers: BTreeMap<Who, Numbers>) {
        let dialect = self.dialect(who) as usize;
        self.known[who as usize][dialect] = numbers;
    }

    /// The user's own numbers, as `SYN` returns them.
    pub(super) fn property_lines(&self, who: Who, t: &str) -> Vec<String> {
        if !self.knows_numbers(who) {
            return Vec::new();
        }
        let account = &self.accounts[who as usize];
        let all = words(account.numbers).chain(["MOB N".into(), "MBE N".into()]);
        all.map(|words| format!("PRP {t} {} {words}", account.version)).collect()
    }

    /// The numbers of a contact who is new on the forward list, or on it.
    pub(super) fn number_lines(&mut self, who: Who, contact: Who) -> Vec<String> {
        if !self.knows_numbers(who) {
            return Vec::new();
        }
        let numbers = self.shown_numbers(contact, who);
        if self.is_synchronised(who) {
            self.record_number(who, contact, numbers);
        }
        let (version, handle) = (self.accounts[who as usize].version, contact.handle());
        let all = words(numbers).chain(["MOB N".into()]);
        all.map(|words| format!("BPR {version} {handle} {words}")).collect()
    }

    /// The forward list as `SYN` returns it.
    pub(super) fn forward_lines(&mut self, who: Who, t: &str) -> Vec<String> {
        let dialect = self.dialect(who) as usize;
        self.known[who as usize][dialect].clear();
        let mut lines = self.list_lines(who, t, "FL");
        let contacts = self.accounts[who as usize].lists[0].clone();
        for (index, contact) in contacts.into_iter().enumerate().rev() {
            let numbers = self.number_lines(who, contact);
            lines.splice(index + 1..index + 1, numbers);
        }
        lines
    }

    /// `PRP`: no one can be paged.
    pub(super) fn set_property(
        &mut self,
        who: Who,
        t: &str,
        property: &str,
        value: Option<&'static str>,
        outcome: &mut Outcome,
    ) -> Vec<String> {
        let Some(index) = PHONES.iter().position(|phone| *phone == property) else {
            return vec![format!("PRP {t} {} {property} N", self.accounts[who as usize].version)];
        };
        let account = self.account(who);
        let words = phone_words((property, value));
        if account.numbers[index] == value {
            return vec![format!("PRP {t} {} {words}", account.version)];
        }
        account.numbers[index] = value;
        account.version += 1;
        let answer = format!("PRP {t} {} {words}", account.version);
        for watcher in self.accounts[who as usize].lists[3].clone() {
            if !self.accounts[who as usize].admits(watcher) {
                continue;
            }
            self.account(watcher).version += 1;
            if self.knows_numbers(watcher) && self.is_synchronised(watcher) {
                let version = self.accounts[watcher as usize].version;
                let line = format!("BPR {version} {} {words}", who.handle());
                outcome.sessions[watcher as usize].push(line);
                let dialect = self.dialect(watcher) as usize;
                let known = &mut self.known[watcher as usize][dialect];
                known.entry(who).or_default()[index] = value;
            }
        }
        vec![answer]
    }

    /// The users on the reverse list, and whether each is admitted.
    pub(super) fn admitted(&self, who: Who) -> BTreeMap<Who, bool> {
        let account = &self.accounts[who as usize];
        account.lists[3].iter().map(|watcher| (*watcher, account.admits(*watcher))).collect()
    }

    /// Notifies the users who were admitted before or are now, but not both.
    pub(super) fn notify_admitted(
        &mut self,
        who: Who,
        before: &BTreeMap<Who, bool>,
        outcome: &mut Outcome,
    ) {
        if self.accounts[who as usize].numbers == Numbers::default() {
            return;
        }
        for (watcher, admits) in self.admitted(who) {
            if before.get(&watcher).is_none_or(|was| *was == admits) {
                continue;
            }
            self.account(watcher).version += 1;
            if self.knows_numbers(watcher) && self.is_synchronised(watcher) {
                let version = self.accounts[watcher as usize].version;
                let numbers = self.shown_numbers(who, watcher);
                let lines = words(numbers).map(|it| format!("BPR {version} {} {it}", who.handle()));
                outcome.sessions[watcher as usize].extend(lines);
                self.record_number(watcher, who, numbers);
            }
        }
    }
}
