//! The users who were online in the last day, in slots of five minutes.

use crate::site::Site;
use actors::message::{Observe, RegistryState};
use actors::port::store::AccountId;
use actors::{AccountRef, Directory};
use msnp::Handle;
use std::collections::VecDeque;
use std::time::Duration;

/// The time between two checks of who is online.
const CHECK_INTERVAL: Duration = Duration::from_secs(60);

/// The number of checks in a slot.
const CHECKS_PER_SLOT: u32 = 5;

/// The number of slots that are kept: one day.
pub(crate) const SLOTS: usize = 288;

/// The maximum number of users in the chart. Each takes less than 1 KB. A new user replaces the one
/// who has been offline longest; if all are online, the new one is left out.
pub(crate) const MAX_ROWS: usize = 24;

/// One user, identified by handle: after a restore, an account number may belong to another
/// account.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Row {
    pub(crate) handle: Handle,
    /// Whether the user was online in each slot, the latest last.
    pub(crate) slots: VecDeque<bool>,
}

/// Who was online when.
#[derive(Debug, Default)]
pub(crate) struct History {
    rows: Vec<Row>,
    /// A reference to an arbitrary account, made at the last check. If it is no longer current, a
    /// backup was restored since.
    account_ref_at_last_check: Option<AccountRef>,
}

impl History {
    /// Starts a new slot, and removes the users who were not online in any slot.
    pub(crate) fn advance(&mut self) {
        for row in &mut self.rows {
            row.slots.push_back(false);
            if row.slots.len() > SLOTS {
                row.slots.pop_front();
            }
        }
        self.rows.retain(|row| row.slots.contains(&true));
    }

    /// Marks these users as online in the current slot.
    pub(crate) fn mark_online(&mut self, online: &[Handle]) {
        for handle in online {
            if let Some(row) = self.rows.iter_mut().find(|row| row.handle == *handle) {
                if let Some(latest) = row.slots.back_mut() {
                    *latest = true;
                }
                continue;
            }
            if self.rows.len() >= MAX_ROWS && !self.remove_longest_offline() {
                return;
            }
            self.rows.push(Row { handle: handle.clone(), slots: VecDeque::from([true]) });
        }
    }

    /// Removes the user who has been offline longest. Returns `false` if all users are online.
    fn remove_longest_offline(&mut self) -> bool {
        let slots_since_online =
            |row: &Row| row.slots.iter().rev().take_while(|online| !**online).count();
        let longest = self.rows.iter().enumerate().max_by_key(|(_, row)| slots_since_online(row));
        match longest {
            Some((index, row)) if slots_since_online(row) > 0 => {
                self.rows.remove(index);
                true
            }
            _ => false,
        }
    }

    /// Returns whether no backup was restored since the last call. Just after a restore, the users
    /// of the old accounts are still being signed off: they must not be recorded under the handles
    /// of the new accounts.
    fn has_same_accounts(&mut self, directory: &Directory) -> bool {
        let last = self.account_ref_at_last_check.replace(directory.account_ref(AccountId(0)));
        last.is_none_or(|account_ref| directory.is_current(account_ref))
    }

    pub(crate) fn rows(&self) -> &[Row] {
        &self.rows
    }
}

/// Records who is online, forever.
pub(crate) async fn record_forever(site: &Site) {
    let mut checks = tokio::time::interval(CHECK_INTERVAL);
    for check in 0_u32.. {
        checks.tick().await;
        if check % CHECKS_PER_SLOT == 0 {
            site.history.borrow_mut().advance();
        }
        record_now(site).await;
    }
}

/// Records who is online now.
pub(crate) async fn record_now(site: &Site) {
    let observed: Result<RegistryState, _> = site.node.registry.send(Observe::default()).await;
    // If the registry has stopped, the program ends, so the default does not matter.
    let online = observed.map(|registry| registry.online).unwrap_or_default();
    let directory = &site.node.directory;
    let mut history = site.history.borrow_mut();
    if history.has_same_accounts(directory) {
        let principals = online.iter().filter_map(|user| directory.principal(user.account));
        let handles: Vec<Handle> = principals.map(|principal| principal.handle).collect();
        history.mark_online(&handles);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn record(history: &mut History, online: &[u32]) {
        let handle = |number| Handle::new(&format!("{number}@example.com")).unwrap();
        history.advance();
        history.mark_online(&online.iter().map(handle).collect::<Vec<_>>());
    }

    fn number(row: &Row) -> u32 {
        row.handle.local().parse().unwrap()
    }

    fn shown(history: &History) -> Vec<(u32, String)> {
        let row = |row: &Row| {
            let slots = row.slots.iter().map(|online| if *online { '#' } else { '.' });
            (number(row), slots.collect())
        };
        history.rows().iter().map(row).collect()
    }

    #[test]
    fn a_row_starts_with_the_first_slot_online() {
        let mut history = History::default();
        record(&mut history, &[]);
        record(&mut history, &[1]);
        record(&mut history, &[2, 1]);
        record(&mut history, &[2]);
        assert_eq!(shown(&history), [(1, "##.".to_owned()), (2, "##".to_owned())]);
    }

    #[test]
    fn a_user_is_removed_after_a_day_offline() {
        let mut history = History::default();
        record(&mut history, &[1]);
        for _ in 1..SLOTS {
            record(&mut history, &[]);
        }
        assert_eq!(history.rows().len(), 1);
        record(&mut history, &[]);
        assert_eq!(history.rows(), []);
    }

    #[test]
    fn the_user_who_is_offline_longest_is_replaced() {
        let mut history = History::default();
        let users = |range: std::ops::Range<u32>| range.collect::<Vec<_>>();
        let rows = u32::try_from(MAX_ROWS).unwrap();
        record(&mut history, &[1000]);
        record(&mut history, &users(0..rows - 1));
        record(&mut history, &users(0..rows + 9));
        let shown: Vec<u32> = history.rows().iter().map(number).collect();
        assert_eq!(shown, (0..rows).collect::<Vec<_>>());
    }
}
