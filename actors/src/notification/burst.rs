//! Output of many lines, made line by line as there is room: a full `SYN` is larger than an output
//! buffer.

use crate::directory::Directory;
use crate::port::store::{AccountId, Listed, Roster};
use msnp::command::{BlpReply, GtcReply, Iln, LstEntry, LstReply};
use msnp::{Event, FriendlyName, GroupIds, List, State, TrId};

/// What is still to be sent.
pub(super) struct Burst {
    trid: TrId,
    kind: Kind,
}

enum Kind {
    /// `GTC`, `BLP` and the lists of a `SYN`, the last one first, or one list.
    Lists { roster: Roster, settings: u8, lists: heapless::Vec<List, 4>, sent: usize },
    /// `ILN` for each contact that is seen.
    Sightings(std::vec::IntoIter<(AccountId, State)>),
}

impl Burst {
    /// Everything that a client with an old list version is sent.
    pub(super) fn synchronisation(trid: TrId, roster: Roster, directory: &Directory) -> Burst {
        Burst::lists(trid, roster, 2, List::ALL.into_iter().rev().collect(), directory)
    }

    /// One list.
    pub(super) fn list(trid: TrId, roster: Roster, list: List, directory: &Directory) -> Burst {
        Burst::lists(trid, roster, 0, std::iter::once(list).collect(), directory)
    }

    fn lists(
        trid: TrId,
        mut roster: Roster,
        settings: u8,
        lists: heapless::Vec<List, 4>,
        directory: &Directory,
    ) -> Burst {
        // Each line says how many there are, so it must be known beforehand who has a line.
        for list in &mut roster.lists {
            list.retain(|entry| directory.contains(entry.contact));
        }
        Burst { trid, kind: Kind::Lists { roster, settings, lists, sent: 0 } }
    }

    /// The contacts that a principal sees when he comes online.
    pub(super) fn sightings(trid: TrId, seen: Vec<(AccountId, State)>) -> Burst {
        Burst { trid, kind: Kind::Sightings(seen.into_iter()) }
    }

    /// The next line.
    pub(super) fn next(&mut self, directory: &Directory) -> Option<Event<'static>> {
        let trid = self.trid;
        match &mut self.kind {
            Kind::Sightings(seen) => seen.find_map(|(contact, state)| {
                let contact = directory.principal(contact)?;
                Some(Iln { trid, state, handle: contact.handle, name: contact.name }.into())
            }),
            Kind::Lists { roster, settings, lists, sent } => {
                let version = roster.version;
                if *settings > 0 {
                    *settings -= 1;
                    let (prompting, privacy) = (roster.prompting, roster.privacy);
                    return Some(match settings {
                        1 => GtcReply { trid, version, prompting }.into(),
                        _ => BlpReply { trid, version, privacy }.into(),
                    });
                }
                let list = *lists.last()?;
                let entries = roster.list(list);
                let entry = entries.get(*sent);
                *sent += 1;
                let count = u32::try_from(entries.len()).unwrap_or(u32::MAX);
                let index = u32::try_from(*sent).unwrap_or(u32::MAX);
                if *sent >= entries.len() {
                    lists.pop();
                    *sent = 0;
                }
                let entry = entry.and_then(|entry| line(entry, index, count, directory));
                Some(LstReply { trid, list, version, entry }.into())
            }
        }
    }
}

fn line(entry: &Listed, index: u32, count: u32, directory: &Directory) -> Option<LstEntry> {
    let contact = directory.principal(entry.contact)?;
    let given = entry.name.as_ref().and_then(|name| FriendlyName::new(name).ok());
    let name = given.unwrap_or(contact.name);
    let groups = GroupIds::NONE;
    Some(LstEntry { index, count, handle: contact.handle, name, groups })
}
