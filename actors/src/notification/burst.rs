//! Replies of many lines, produced line by line as output space frees: a full `SYN` is larger than
//! an output buffer.

use super::numbers;
use crate::directory::Directory;
use crate::port::store::{AccountId, ListEntry, Roster};
use crate::rules::Presence;
use msnp::command::{BlpReply, GtcReply, Iln, LsgReply, LstEntry, LstReply, PrpReply};
use msnp::{CommandName, Dialect, Event, FriendlyName, List, PhoneKind, Property, TrId, gate};

/// The rest of a reply of many lines.
pub(super) struct Burst {
    trid: TrId,
    kind: Kind,
}

enum Kind {
    /// Parts of an account.
    Account(Account),
    /// `ILN` for each visible contact.
    Presences(std::vec::IntoIter<(AccountId, Presence)>),
}

struct Account {
    roster: Roster,
    /// The parts still to be sent, the next one last.
    parts: heapless::Vec<Part, 8>,
    /// How many lines of the current part were sent. Of a list, how many entries.
    sent: usize,
    /// The contact whose numbers are being sent, and how many of their lines remain.
    numbers: Option<(ListEntry, usize)>,
    /// Whether the numbers of contacts are sent.
    with_numbers: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Part {
    AddNotice,
    Privacy,
    Properties,
    Groups,
    List(List),
}

/// All parts in the order of a `SYN`. The reverse list is last: Gaim signs on only after it.
const ALL: [Part; 8] = [
    Part::AddNotice,
    Part::Privacy,
    Part::Properties,
    Part::Groups,
    Part::List(List::Forward),
    Part::List(List::Allow),
    Part::List(List::Block),
    Part::List(List::Reverse),
];

impl Burst {
    /// The full reply to `SYN`, for a client with another list version: all parts that its dialect
    /// has.
    pub(super) fn synchronisation(
        trid: TrId,
        dialect: Dialect,
        roster: Roster,
        directory: &Directory,
    ) -> Burst {
        let in_dialect = |part: &Part| match part {
            Part::Properties => gate::has_event(CommandName::Prp, dialect),
            Part::Groups => gate::has_event(CommandName::Lsg, dialect),
            Part::AddNotice | Part::Privacy | Part::List(_) => true,
        };
        let parts = ALL.into_iter().rev().filter(in_dialect).collect();
        Burst::account(trid, roster, parts, gate::has_event(CommandName::Bpr, dialect), directory)
    }

    /// The reply to `LST`: one list.
    pub(super) fn list(trid: TrId, roster: Roster, list: List, directory: &Directory) -> Burst {
        let parts = std::iter::once(Part::List(list)).collect();
        Burst::account(trid, roster, parts, false, directory)
    }

    /// The reply to `LSG`: all groups.
    pub(super) fn groups(trid: TrId, roster: Roster, directory: &Directory) -> Burst {
        let parts = std::iter::once(Part::Groups).collect();
        Burst::account(trid, roster, parts, false, directory)
    }

    fn account(
        trid: TrId,
        mut roster: Roster,
        parts: heapless::Vec<Part, 8>,
        with_numbers: bool,
        directory: &Directory,
    ) -> Burst {
        // Each line contains the number of lines, so entries without a line are dropped first.
        for list in &mut roster.lists {
            list.retain(|entry| directory.contains(entry.contact));
        }
        let account = Account { roster, parts, sent: 0, numbers: None, with_numbers };
        Burst { trid, kind: Kind::Account(account) }
    }

    /// `ILN` for the contacts that are visible when a user comes online.
    pub(super) fn visible_contacts(trid: TrId, seen: Vec<(AccountId, Presence)>) -> Burst {
        Burst { trid, kind: Kind::Presences(seen.into_iter()) }
    }

    /// Returns the next line, or `None` at the end.
    pub(super) fn next(&mut self, directory: &Directory) -> Option<Event<'static>> {
        let trid = self.trid;
        match &mut self.kind {
            Kind::Presences(seen) => seen.find_map(|(contact, presence)| {
                let contact = directory.principal(contact)?;
                let state = presence.state;
                Some(Iln { trid, state, handle: contact.handle, name: contact.name }.into())
            }),
            Kind::Account(account) => account.next(trid, directory),
        }
    }
}

impl Account {
    fn next(&mut self, trid: TrId, directory: &Directory) -> Option<Event<'static>> {
        if let Some(line) = self.next_number(directory) {
            return Some(line);
        }
        let part = *self.parts.last()?;
        let version = self.roster.version;
        match part {
            Part::AddNotice => {
                self.finish_part();
                Some(GtcReply { trid, version, add_notice: self.roster.add_notice }.into())
            }
            Part::Privacy => {
                self.finish_part();
                Some(BlpReply { trid, version, privacy: self.roster.privacy }.into())
            }
            Part::Properties => Some(self.next_property(trid).into()),
            Part::Groups => self.next_group(trid).map(Event::from),
            Part::List(list) => Some(self.next_entry(trid, list, directory).into()),
        }
    }

    /// Moves on to the next part.
    fn finish_part(&mut self) {
        self.parts.pop();
        self.sent = 0;
    }

    /// Counts one more line of a part that has `count` lines. Of an empty part, one line is sent.
    /// Returns the line's number, from 1.
    fn advance(&mut self, count: usize) -> u32 {
        self.sent += 1;
        let index = u32::try_from(self.sent).unwrap_or(u32::MAX);
        if self.sent >= count {
            self.finish_part();
        }
        index
    }

    /// The user's own numbers, then the two flags that state that there are no pagers.
    fn next_property(&mut self, trid: TrId) -> PrpReply {
        let property = match (PhoneKind::ALL.get(self.sent), self.sent) {
            (Some(phone), _) => Property::Phone(*phone, self.roster.numbers.get(*phone).cloned()),
            (None, place) if place == PhoneKind::ALL.len() => Property::MayPage(false),
            (None, _) => Property::MobileEnabled(false),
        };
        self.advance(PhoneKind::ALL.len() + 2);
        PrpReply { trid, version: self.roster.version, property }
    }

    fn next_group(&mut self, trid: TrId) -> Option<LsgReply> {
        let Some((group, name)) = self.roster.groups.get(self.sent).cloned() else {
            self.finish_part();
            return None;
        };
        let count = self.roster.groups.len();
        let index = self.advance(count);
        let count = u32::try_from(count).unwrap_or(u32::MAX);
        Some(LsgReply { trid, version: self.roster.version, index, count, group, name })
    }

    fn next_entry(&mut self, trid: TrId, list: List, directory: &Directory) -> LstReply {
        let entries = self.roster.list(list);
        let (entry, count) = (entries.get(self.sent).cloned(), entries.len());
        let index = self.advance(count);
        let count = u32::try_from(count).unwrap_or(u32::MAX);
        let line = entry.as_ref().and_then(|entry| line(entry, index, count, directory));
        if self.with_numbers && list == List::Forward {
            self.numbers = entry.map(|entry| (entry, numbers::LINES));
        }
        LstReply { trid, list, version: self.roster.version, entry: line }
    }

    fn next_number(&mut self, directory: &Directory) -> Option<Event<'static>> {
        let version = self.roster.version;
        let (entry, left) = self.numbers.as_mut().filter(|(_, left)| *left > 0)?;
        let place = numbers::LINES - *left;
        *left -= 1;
        let line = numbers::line(directory, entry.contact, version, &entry.numbers, place);
        line.map(Event::from)
    }
}

fn line(entry: &ListEntry, index: u32, count: u32, directory: &Directory) -> Option<LstEntry> {
    let contact = directory.principal(entry.contact)?;
    let given = entry.name.as_ref().and_then(|name| FriendlyName::new(name).ok());
    let name = given.unwrap_or(contact.name);
    Some(LstEntry { index, count, handle: contact.handle, name, groups: entry.groups })
}
