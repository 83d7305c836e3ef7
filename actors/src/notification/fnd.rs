use super::Session;
use super::burst::Burst;
use crate::connection::Served;
use crate::message::Find;
use crate::port::store::{AccountId, Found};
use actix::Context;
use msnp::command::{Fnd, FndReply};
use msnp::{Dialect, ErrorCode, TrId};

/// How many hits a search has at most; more are 301, so that nobody reads the whole directory by a
/// common name. They are told as there is room: all of the longest are larger than an output buffer.
pub(super) const MOST_HITS: usize = 50;

/// Who was found by the last search of a session, in the order in which he was told: at most
/// [`MOST_HITS`]. Most sessions search for nobody: that takes no memory.
#[derive(Default)]
pub(super) struct Hits(Option<Box<[AccountId]>>);

impl Hits {
    /// The hit of this number, from 1.
    pub(super) fn get(&self, index: u32) -> Option<AccountId> {
        let place = usize::try_from(index).ok()?.checked_sub(1)?;
        self.0.as_ref()?.get(place).copied()
    }
}

impl Session {
    /// `FND`: searches the member directory. Later clients are told that it is off, as the Microsoft
    /// servers did in 2003 (hypothetic.org).
    pub(super) fn fnd(&mut self, fnd: Fnd, ctx: &mut Context<Session>) {
        let Fnd { trid, search } = fnd;
        if self.link.dialect() >= Dialect::Msnp5 {
            return self.error(trid, ErrorCode::CommandDisabled);
        }
        self.hits = Hits::default();
        let found = self.link.node().accounts.send(Find { search, most: MOST_HITS });
        self.ask(ctx, found, move |session, found, _| match found {
            Ok(Ok(Some(found))) => session.show_hits(trid, found),
            Ok(Ok(None)) => session.error(trid, ErrorCode::TooManyHits),
            Ok(Err(_)) | Err(_) => session.error(trid, ErrorCode::DatabaseError),
        });
    }

    fn show_hits(&mut self, trid: TrId, mut found: Vec<Found>) {
        let directory = &self.link.node().directory;
        found.retain(|(account, _)| directory.contains(*account));
        if found.is_empty() {
            return self.emit(&FndReply { trid, hit: None }.into());
        }
        self.hits = Hits(Some(found.iter().map(|(account, _)| *account).collect()));
        self.burst = Some(Box::new(Burst::hits(trid, found)));
    }
}
