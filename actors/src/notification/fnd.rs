use super::Session;
use crate::connection::ConnectionActor;
use crate::connection::Context;
use crate::limit::rate_limiter::LimitedAction;
use crate::message::Find;
use crate::port::store::{AccountId, Found};
use msnp::command::{Fnd, FndReply, Hit};
use msnp::{Dialect, ErrorCode, Event, SinkFullError, TrId};

/// The maximum number of searches of a user in a minute. Further ones get error 800.
const SEARCHES_PER_MINUTE: u16 = 20;

/// The largest reply to a search, in bytes. Searches with a larger reply get error 301, so that a
/// common name does not reveal the whole directory. Hits "can not span across multiple packets"
/// (the wiki): this many bytes fit into one Ethernet packet with any headers.
const PACKET: usize = 1400;

/// The maximum number of hits that fit into a packet: the shortest line has 49 bytes.
const MAX_HITS: usize = PACKET / 49;

/// The hits of the session's last search, in the order in which they were sent. Most sessions never
/// search, and then this takes no memory.
#[derive(Default)]
pub(super) struct Hits(Option<Box<heapless::Vec<AccountId, MAX_HITS>>>);

impl Hits {
    /// Returns the hit with this number, from 1.
    pub(super) fn get(&self, index: u32) -> Option<AccountId> {
        let position = usize::try_from(index).ok()?.checked_sub(1)?;
        self.0.as_ref()?.get(position).copied()
    }
}

impl Session {
    /// `FND`: searches the member directory. Clients of MSNP5 and later get the error that the
    /// command is disabled. In 2003 the Microsoft servers sent this error to all clients
    /// (hypothetic.org). That it starts with MSNP5 here is our choice.
    pub(super) fn fnd(&mut self, fnd: Fnd, ctx: &mut Context<Session>) {
        let Fnd { trid, search } = fnd;
        if self.link.dialect() >= Dialect::Msnp5 {
            return self.error(trid, ErrorCode::CommandDisabled);
        }
        let Some(account_ref) = self.account_ref() else { return };
        let node = self.link.node();
        if !node.rate_limiter.admit(
            account_ref.account,
            LimitedAction::Searches,
            SEARCHES_PER_MINUTE,
        ) {
            return self.error(trid, ErrorCode::TooRapid);
        }
        let found = node.accounts.send(Find { account_ref, search, max: MAX_HITS });
        self.hits = Hits::default();
        self.ask(ctx, found, move |session, found, _| match session.ok_or_reply(trid, found) {
            Some(Some(found)) => session.send_hits(trid, found),
            Some(None) => session.error(trid, ErrorCode::TooManyHits),
            None => {}
        });
    }

    fn send_hits(&mut self, trid: TrId, mut found: Vec<Found>) {
        // Accounts may have been removed since the search.
        let directory = &self.link.node().directory;
        found.retain(|(account, _)| directory.contains(*account));
        if found.is_empty() {
            return self.emit(&FndReply { trid, hit: None }.into());
        }
        // No more than `MAX_HITS` were requested.
        let hits = found.iter().map(|(account, _)| *account).take(MAX_HITS).collect();
        let hits = Hits(Some(Box::new(hits)));
        match encode_packet(trid, found, self.link.dialect()) {
            Ok(packet) => {
                self.hits = hits;
                self.link.emit_encoded(&packet);
            }
            Err(SinkFullError) => self.error(trid, ErrorCode::TooManyHits),
        }
    }
}

/// Encodes the hits. Fails if they do not fit into one packet.
fn encode_packet(
    trid: TrId,
    found: Vec<Found>,
    dialect: Dialect,
) -> Result<heapless::Vec<u8, PACKET>, SinkFullError> {
    let count = u32::try_from(found.len()).map_err(|_| SinkFullError)?;
    let mut packet = heapless::Vec::new();
    for (index, (_, profile)) in (1..).zip(found) {
        let hit = Some(Hit { index, count, profile });
        Event::from(FndReply { trid, hit }).encode(dialect, &mut packet)?;
    }
    Ok(packet)
}

#[cfg(test)]
mod tests {
    use super::*;
    use msnp::{Country, MemberProfile, ProfileText};

    fn found(count: usize, long: bool) -> Vec<Found> {
        let text = |long| match long {
            true => ProfileText::new(&"a".repeat(ProfileText::MAX_ENCODED)).unwrap(),
            false => ProfileText::new("a").unwrap(),
        };
        let (city, country) = (long.then(|| text(true)), long.then_some(Country::UNITED_STATES));
        let state = city.clone();
        let profile = MemberProfile { first: text(long), last: text(long), city, state, country };
        vec![(AccountId(1), profile); count]
    }

    fn length(trid: &[u8], found: Vec<Found>) -> Option<usize> {
        let packet = encode_packet(TrId::parse(trid).unwrap(), found, Dialect::Msnp2);
        packet.ok().map(|packet| packet.len())
    }

    #[test]
    fn no_more_than_the_maximum_of_the_shortest_hits_fit() {
        assert_eq!(length(b"1", found(1, false)), Some(49));
        assert_eq!(length(b"1", found(MAX_HITS + 1, false)), None);
    }

    #[test]
    fn three_of_the_longest_hits_fit() {
        assert_eq!(length(b"0000000000", found(3, true)), Some(3 * 442));
        assert_eq!(length(b"0000000000", found(4, true)), None);
    }
}
