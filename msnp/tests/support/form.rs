//! A command as it is read after it was written in a dialect, without the fields that the dialect
//! lacks.

use msnp::command::*;
use msnp::{Dialect, FriendlyName, GroupId, GroupIds, List, State};

/// The first dialect with groups.
const GROUPS_SINCE: Dialect = Dialect::Msnp7;

/// The request as a server reads it, or `None` if it is refused.
pub(crate) fn request<'a>(request: &Request<'a>, dialect: Dialect) -> Option<Request<'a>> {
    let mut request = request.clone();
    match &mut request {
        Request::Add(add) => {
            add.group = group(add.group, add.list, dialect);
            if add.group.is_some() && add.name.is_none() {
                add.name = Some(FriendlyName::from_handle(&add.handle));
            }
        }
        Request::Rem(rem) => rem.group = group(rem.group, rem.list, dialect),
        // The form for a contact is written.
        Request::Rea(rea) => rea.name = rea.name.lossy_or_handle(&rea.handle).into(),
        Request::Chg(Chg { state: State::Offline, .. }) if dialect >= Dialect::Msnp5 => {
            return None;
        }
        _ => {}
    }
    Some(request)
}

/// The event as a client reads it, or `None` if the dialect lacks it.
pub(crate) fn event(event: &Event<'static>, dialect: Dialect) -> Option<Event<'static>> {
    let mut event = event.clone();
    let since = match &mut event {
        Event::Usr(UsrReply::Ok { verified, .. }) if dialect < Dialect::Msnp6 => {
            *verified = None;
            Dialect::Msnp2
        }
        Event::Xfr(XfrReply::Notification { sender, .. }) if dialect < Dialect::Msnp7 => {
            *sender = None;
            Dialect::Msnp2
        }
        Event::Add(add) => {
            add.group = group(add.group, add.list, dialect);
            Dialect::Msnp2
        }
        Event::Rem(rem) => {
            rem.group = group(rem.group, rem.list, dialect);
            Dialect::Msnp2
        }
        Event::Lst(LstReply::List(ListLine { list, entry: Some(entry), .. })) => {
            entry.groups = match entry.groups {
                _ if *list != List::Forward || dialect < GROUPS_SINCE => GroupIds::NONE,
                // No group is sent as group 0.
                GroupIds::NONE => GroupIds::from(GroupId::ZERO),
                groups => groups,
            };
            Dialect::Msnp2
        }
        // Later dialects have it.
        Event::Lst(LstReply::Contact(_)) => return None,
        Event::Snd(_) if dialect > Dialect::Msnp4 => return None,
        Event::Ims(_) => Dialect::Msnp3,
        Event::Prp(_) | Event::Bpr(_) | Event::Sdc(_) | Event::Not(_) => Dialect::Msnp5,
        Event::Chl(_) | Event::Qry(_) => Dialect::Msnp6,
        Event::Lsg(_) | Event::Adg(_) | Event::Reg(_) | Event::Rmg(_) => Dialect::Msnp7,
        _ => Dialect::Msnp2,
    };
    (since <= dialect).then_some(event)
}

fn group(group: Option<GroupId>, list: List, dialect: Dialect) -> Option<GroupId> {
    group.filter(|_| list == List::Forward && dialect >= GROUPS_SINCE)
}
