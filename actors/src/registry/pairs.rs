//! Limits how often a contact is notified that they were added to a forward list or removed from
//! it.
//!
//! A client that moves a contact removes them from one group and adds them to another
//! (`Quirk::MovesByRemThenAdd`): the contact should be notified of neither. And a user who adds and
//! removes a contact in a loop should not fill that contact's window. Only the notice is delayed:
//! the lists and their versions change at once.

use crate::directory::AccountRef;
use crate::port::store::AccountId;
use crate::rules::MINUTE;
use msnp::ListVersion;
use std::collections::{BTreeSet, HashMap};
use std::time::Duration;
use tokio::time::Instant;

/// How long the notice of a removal waits for the `ADD` of a client that moves the contact. Clients
/// send both at once, or the second one after the reply to the first.
const MOVE_WINDOW: Duration = Duration::from_secs(1);

/// How many notices of a pair are sent without delay in a minute. Further ones are merged
/// until that minute is over.
const MAX_SENT_PER_MINUTE: u8 = 4;

/// The maximum number of pairs that are kept, about 150 bytes each. Beyond that, the oldest is
/// dropped, and its waiting notice is sent at once.
const MAX_PAIRS: usize = 4096;

/// The owner of a forward list, and a contact who was added to that list or removed from it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) struct Pair {
    pub(super) owner: AccountId,
    pub(super) contact: AccountId,
}

/// A change of a forward list.
#[derive(Debug, Clone, Copy)]
pub(super) struct ListChange {
    pub(super) owner: AccountRef,
    pub(super) contact: AccountId,
    /// The contact's new list version.
    pub(super) version: ListVersion,
    pub(super) added: bool,
    /// Whether this is a removal that a client may follow with an `ADD` within [`MOVE_WINDOW`].
    pub(super) may_be_move: bool,
}

/// What to do about the notice of a change.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum NoticeAction {
    /// It is sent now.
    Send,
    /// It waits.
    Delay,
    /// Neither it nor the waiting notice is sent: what the contact was last sent is right again.
    /// The version is that of the first change without a notice.
    Cancel(ListVersion),
}

/// A notice that waits.
#[derive(Debug, Clone, Copy)]
pub(super) struct DelayedNotice {
    pub(super) change: ListChange,
    /// The version of the first change without a notice.
    since: ListVersion,
    due: Instant,
}

struct PairRecord {
    /// The start of the minute in which notices are counted.
    began: Instant,
    /// How many notices were sent in that minute.
    sent: u8,
    waiting: Option<DelayedNotice>,
}

impl PairRecord {
    fn count(&mut self, now: Instant) {
        if self.sent == 0 || now.duration_since(self.began) >= MINUTE {
            (self.began, self.sent) = (now, 0);
        }
        self.sent = self.sent.saturating_add(1);
    }
}

/// The pairs of the last minute.
#[derive(Default)]
pub(super) struct Pairs {
    records: HashMap<Pair, PairRecord>,
    /// The pairs whose notice waits, by the time at which it is sent.
    due: BTreeSet<(Instant, Pair)>,
}

impl Pairs {
    /// Decides whether a notice is sent, waits or cancels a waiting one.
    pub(super) fn decide(&mut self, change: ListChange, now: Instant) -> NoticeAction {
        let pair = Pair { owner: change.owner.account, contact: change.contact };
        let new = || PairRecord { began: now, sent: 0, waiting: None };
        let record = self.records.entry(pair).or_insert_with(new);
        if let Some(waiting) = record.waiting.take() {
            if waiting.change.added != change.added {
                self.due.remove(&(waiting.due, pair));
                return NoticeAction::Cancel(waiting.since);
            }
            // The same change once more: only the version is newer.
            record.waiting = Some(DelayedNotice { change, ..waiting });
            return NoticeAction::Delay;
        }
        let mut due = if change.may_be_move { now + MOVE_WINDOW } else { now };
        if record.sent >= MAX_SENT_PER_MINUTE {
            due = due.max(record.began + MINUTE);
        }
        if due <= now {
            record.count(now);
            return NoticeAction::Send;
        }
        record.waiting = Some(DelayedNotice { change, since: change.version, due });
        self.due.insert((due, pair));
        NoticeAction::Delay
    }

    /// Makes room for a pair. If another pair was dropped for that, returns the change whose notice
    /// was waiting.
    pub(super) fn make_room(&mut self, pair: Pair) -> Option<ListChange> {
        if self.records.len() < MAX_PAIRS || self.records.contains_key(&pair) {
            return None;
        }
        let oldest = self.records.iter().min_by_key(|(_, record)| record.began);
        let oldest = oldest.map(|(pair, _)| *pair)?;
        let waiting = self.records.remove(&oldest)?.waiting?;
        self.due.remove(&(waiting.due, oldest));
        Some(waiting.change)
    }

    /// Returns when the next notice is due.
    pub(super) fn next_due(&self) -> Option<Instant> {
        self.due.first().map(|(due, _)| *due)
    }

    /// Removes a notice that is due, and returns its change.
    pub(super) fn take_due(&mut self, now: Instant) -> Option<ListChange> {
        let (_, pair) = self.due.first().copied().filter(|(due, _)| *due <= now)?;
        self.due.pop_first();
        let record = self.records.get_mut(&pair)?;
        let waiting = record.waiting.take()?;
        record.count(now);
        Some(waiting.change)
    }

    /// Drops the notices that wait for a contact who signs off or signs in again: the client reads
    /// the changes with its lists at the next sign-in.
    pub(super) fn drop_for(&mut self, contact: AccountId) {
        let Pairs { records, due } = self;
        due.retain(|(_, pair)| {
            let stays = pair.contact != contact;
            if !stays && let Some(record) = records.get_mut(pair) {
                record.waiting = None;
            }
            stays
        });
    }

    /// Drops the pairs whose minute is over.
    pub(super) fn drop_expired(&mut self, now: Instant) {
        let is_recent = |record: &PairRecord| now.duration_since(record.began) < MINUTE;
        self.records.retain(|_, record| record.waiting.is_some() || is_recent(record));
        if self.records.is_empty() {
            self.records = HashMap::new();
        }
    }

    /// Returns how many notices wait.
    pub(super) fn delayed_count(&self) -> usize {
        self.due.len()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::directory::Directory;
    use NoticeAction::{Cancel, Delay, Send};

    fn version(number: u32) -> ListVersion {
        ListVersion::new(number).unwrap()
    }

    fn change(owner: u32, added: bool, number: u32) -> ListChange {
        let owner = Directory::default().account_ref(AccountId(owner));
        let version = version(number);
        ListChange { owner, contact: AccountId(0), version, added, may_be_move: false }
    }

    #[test]
    fn a_removal_that_may_be_a_move_waits_a_second() {
        let (mut pairs, start) = (Pairs::default(), Instant::now());
        let removal = |number| ListChange { may_be_move: true, ..change(1, false, number) };
        assert_eq!(pairs.decide(removal(7), start), Delay);
        assert_eq!(pairs.next_due(), Some(start + MOVE_WINDOW));
        assert!(pairs.take_due(start).is_none());
        // Added again in time, the removal leaves no trace.
        assert_eq!(pairs.decide(change(1, true, 8), start), Cancel(version(7)));
        assert_eq!((pairs.delayed_count(), pairs.next_due()), (0, None));
        assert_eq!(pairs.decide(removal(9), start), Delay);
        let sent = pairs.take_due(start + MOVE_WINDOW).unwrap();
        assert_eq!((sent.version, sent.added), (version(9), false));
        assert_eq!(pairs.decide(change(1, true, 10), start + MOVE_WINDOW), Send);
    }

    #[test]
    fn four_notices_a_minute_are_sent_at_once_and_the_rest_is_merged() {
        let (mut pairs, start) = (Pairs::default(), Instant::now());
        for number in 1..=4 {
            assert_eq!(pairs.decide(change(1, number % 2 == 1, number), start), Send);
        }
        let later = start + Duration::from_secs(59);
        for number in (5..100).step_by(2) {
            assert_eq!(pairs.decide(change(1, true, number), later), Delay);
            assert_eq!(pairs.decide(change(1, false, number + 1), later), Cancel(version(number)));
        }
        assert_eq!(pairs.decide(change(1, true, 101), later), Delay);
        assert!(pairs.take_due(later).is_none());
        let sent = pairs.take_due(start + MINUTE).unwrap();
        assert_eq!((sent.version, sent.added), (version(101), true));
        // That was the first notice of a new minute.
        for number in 102..=104 {
            assert_eq!(pairs.decide(change(1, number % 2 == 1, number), start + MINUTE), Send);
        }
        assert_eq!(pairs.decide(change(1, true, 105), start + MINUTE), Delay);
        assert_eq!(pairs.next_due(), Some(start + 2 * MINUTE));
    }

    #[test]
    fn each_pair_is_counted_separately_and_expires_after_a_minute() {
        let (mut pairs, start) = (Pairs::default(), Instant::now());
        for owner in 1..=9 {
            assert_eq!(pairs.decide(change(owner, true, 1), start), Send);
        }
        pairs.drop_expired(start + MINUTE / 2);
        assert_eq!(pairs.records.len(), 9);
        pairs.drop_expired(start + MINUTE);
        assert!(pairs.records.is_empty());
    }

    #[test]
    fn notices_for_a_contact_who_signs_off_are_dropped() {
        let (mut pairs, start) = (Pairs::default(), Instant::now());
        let removal = |owner| ListChange { may_be_move: true, ..change(owner, false, 1) };
        let other = ListChange { contact: AccountId(5), ..removal(1) };
        for change in [removal(1), removal(2), other] {
            assert_eq!(pairs.decide(change, start), Delay);
        }
        pairs.drop_for(AccountId(0));
        assert_eq!(pairs.delayed_count(), 1);
        assert_eq!(pairs.take_due(start + MOVE_WINDOW).unwrap().contact, AccountId(5));
    }

    #[test]
    fn the_oldest_pair_makes_room_and_its_notice_is_sent() {
        let (mut pairs, start) = (Pairs::default(), Instant::now());
        let full = u32::try_from(MAX_PAIRS).unwrap();
        let pair = |owner| Pair { owner: AccountId(owner), contact: AccountId(0) };
        for owner in 0..full {
            assert!(pairs.make_room(pair(owner)).is_none());
            let removal = ListChange { may_be_move: true, ..change(owner, false, 1) };
            assert_eq!(pairs.decide(removal, start + Duration::from_millis(owner.into())), Delay);
        }
        assert!(pairs.make_room(pair(7)).is_none(), "it is there");
        assert_eq!(pairs.make_room(pair(full)).unwrap().owner.account, AccountId(0));
        assert_eq!((pairs.records.len(), pairs.delayed_count()), (MAX_PAIRS - 1, MAX_PAIRS - 1));
        assert!(pairs.make_room(pair(full)).is_none());
    }
}
