//! The users who were online in the last day, in slots of five minutes.

use crate::site::Site;
use actors::message::{Observe, RegistryState};
use actors::port::store::AccountId;
use actors::{AccountRef, Directory};
use msnp::Handle;
use std::collections::VecDeque;
use std::time::Duration;

/// The time between two checks of who is online, and the number of checks in a slot.
const LOOK: Duration = Duration::from_secs(60);
const LOOKS: u32 = 5;

/// The number of slots that are kept: one day.
pub(crate) const PIECES: usize = 288;

/// The maximum number of users in the chart. Each takes less than 1 KB. A new user replaces the one
/// who has been offline longest; if all are online, the new one is left out.
pub(crate) const ROWS: usize = 24;

/// One user, and in which slots they were online, the latest last. Users are identified by handle:
/// after a restore, an account number may belong to another account.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Row {
    pub(crate) handle: Handle,
    pub(crate) pieces: VecDeque<bool>,
}

#[derive(Debug, Default)]
pub(crate) struct History {
    rows: Vec<Row>,
    /// Any account id of the directory at the last check. It shows whether a backup was restored
    /// since.
    last: Option<AccountRef>,
}

impl History {
    /// Starts a new slot.
    pub(crate) fn advance(&mut self) {
        for row in &mut self.rows {
            row.pieces.push_back(false);
            if row.pieces.len() > PIECES {
                row.pieces.pop_front();
            }
        }
        self.rows.retain(|row| row.pieces.contains(&true));
    }

    /// Marks these users as online in the current slot.
    pub(crate) fn see(&mut self, online: &[Handle]) {
        for handle in online {
            if let Some(row) = self.rows.iter_mut().find(|row| row.handle == *handle) {
                if let Some(latest) = row.pieces.back_mut() {
                    *latest = true;
                }
                continue;
            }
            if self.rows.len() >= ROWS && !self.forget_one() {
                return;
            }
            self.rows.push(Row { handle: handle.clone(), pieces: VecDeque::from([true]) });
        }
    }

    /// Removes the user who has been offline longest. Returns `false` if all users are online.
    fn forget_one(&mut self) -> bool {
        let away = |row: &Row| row.pieces.iter().rev().take_while(|online| !**online).count();
        let longest = self.rows.iter().enumerate().max_by_key(|(_, row)| away(row));
        match longest.filter(|(_, row)| away(row) > 0).map(|(place, _)| place) {
            Some(place) => {
                self.rows.remove(place);
                true
            }
            None => false,
        }
    }

    /// Whether the accounts are the same as at the last check. Just after a restore, the users of
    /// the old accounts are still being signed off. They must not be recorded under the new
    /// accounts.
    fn is_of(&mut self, directory: &Directory) -> bool {
        let is_same = self.last.is_none_or(|known| directory.is_current(known));
        self.last = Some(directory.account_ref(AccountId(0)));
        is_same
    }

    pub(crate) fn rows(&self) -> &[Row] {
        &self.rows
    }
}

/// Records who is online, forever.
pub(crate) async fn keep(site: &Site) {
    let mut looks = tokio::time::interval(LOOK);
    for look in 0_u32.. {
        looks.tick().await;
        if look % LOOKS == 0 {
            site.history.borrow_mut().advance();
        }
        see(site).await;
    }
}

/// Records who is online now.
pub(crate) async fn see(site: &Site) {
    let state: Result<RegistryState, _> = site.node.registry.send(Observe::default()).await;
    // The program ends without a registry, so the default does not matter.
    let online = state.map(|state| state.online).unwrap_or_default();
    let directory = &site.node.directory;
    let mut history = site.history.borrow_mut();
    if history.is_of(directory) {
        let who = online.iter().filter_map(|online| directory.principal(online.account));
        history.see(&who.map(|principal| principal.handle).collect::<Vec<_>>());
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn note(history: &mut History, online: &[u32]) {
        let handle = |number| Handle::new(&format!("{number}@example.com")).unwrap();
        history.advance();
        history.see(&online.iter().map(handle).collect::<Vec<_>>());
    }

    fn number(row: &Row) -> u32 {
        row.handle.local().parse().unwrap()
    }

    fn shown(history: &History) -> Vec<(u32, String)> {
        let row = |row: &Row| {
            let pieces = row.pieces.iter().map(|online| if *online { '#' } else { '.' });
            (number(row), pieces.collect())
        };
        history.rows().iter().map(row).collect()
    }

    #[test]
    fn each_has_the_pieces_since_he_was_first_there() {
        let mut history = History::default();
        note(&mut history, &[]);
        note(&mut history, &[1]);
        note(&mut history, &[2, 1]);
        note(&mut history, &[2]);
        assert_eq!(shown(&history), [(1, "##.".to_owned()), (2, "##".to_owned())]);
    }

    #[test]
    fn after_a_day_somebody_is_forgotten() {
        let mut history = History::default();
        note(&mut history, &[1]);
        for _ in 1..PIECES {
            note(&mut history, &[]);
        }
        assert_eq!(history.rows().len(), 1);
        note(&mut history, &[]);
        assert_eq!(history.rows(), []);
    }

    #[test]
    fn whoever_has_been_away_for_the_longest_makes_room() {
        let mut history = History::default();
        let some = |range: std::ops::Range<u32>| range.collect::<Vec<_>>();
        let rows = u32::try_from(ROWS).unwrap();
        note(&mut history, &[1000]);
        note(&mut history, &some(0..rows - 1));
        note(&mut history, &some(0..rows + 9));
        let shown: Vec<u32> = history.rows().iter().map(number).collect();
        assert_eq!(shown, (0..rows).collect::<Vec<_>>());
    }
}
