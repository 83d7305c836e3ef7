//! Who was online within the last day, in pieces of five minutes.

use crate::site::Site;
use actors::message::{Observe, RegistryState};
use actors::port::store::AccountId;
use std::collections::VecDeque;
use std::time::Duration;

/// How long a piece is.
pub(crate) const PIECE: Duration = Duration::from_secs(300);

/// How many pieces are kept: those of a day.
pub(crate) const PIECES: usize = 288;

/// How many principals are drawn at most, 80 bytes each; in a piece there are as many besides as
/// were online first. The one who has been away for the longest goes first.
pub(crate) const ROWS: usize = 24;

/// One principal: in which of the last pieces he was online, the latest last.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Row {
    pub(crate) account: AccountId,
    pub(crate) pieces: VecDeque<bool>,
}

/// Who was online.
#[derive(Debug, Default)]
pub(crate) struct History {
    rows: Vec<Row>,
}

impl History {
    /// A piece is over, in which these were online.
    pub(crate) fn note(&mut self, online: &[AccountId]) {
        for row in &mut self.rows {
            row.pieces.push_back(online.contains(&row.account));
            if row.pieces.len() > PIECES {
                row.pieces.pop_front();
            }
        }
        self.rows.retain(|row| row.pieces.contains(&true));
        for account in online {
            if self.rows.iter().any(|row| row.account == *account) {
                continue;
            }
            if self.rows.len() >= ROWS && !self.forget_one() {
                return;
            }
            self.rows.push(Row { account: *account, pieces: VecDeque::from([true]) });
        }
    }

    /// Forgets who has been away for the longest. `false`: all are there.
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

    pub(crate) fn rows(&self) -> &[Row] {
        &self.rows
    }
}

/// Notes who is online, for ever.
pub(crate) async fn keep(site: &Site) {
    let mut pieces = tokio::time::interval(PIECE);
    loop {
        pieces.tick().await;
        let state: Result<RegistryState, _> = site.node.registry.send(Observe::default()).await;
        // Without a registry the program ends.
        let Ok(state) = state else { return };
        let online: Vec<AccountId> = state.online.iter().map(|online| online.account).collect();
        site.history.borrow_mut().note(&online);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(history: &History) -> Vec<(u32, String)> {
        let row = |row: &Row| {
            let pieces = row.pieces.iter().map(|online| if *online { '#' } else { '.' });
            (row.account.0, pieces.collect())
        };
        history.rows().iter().map(row).collect()
    }

    #[test]
    fn each_has_the_pieces_since_he_was_first_there() {
        let mut history = History::default();
        history.note(&[]);
        history.note(&[AccountId(1)]);
        history.note(&[AccountId(2), AccountId(1)]);
        history.note(&[AccountId(2)]);
        assert_eq!(shown(&history), [(1, "##.".to_owned()), (2, "##".to_owned())]);
    }

    #[test]
    fn after_a_day_somebody_is_forgotten() {
        let mut history = History::default();
        history.note(&[AccountId(1)]);
        for _ in 1..PIECES {
            history.note(&[]);
        }
        assert_eq!(history.rows().len(), 1);
        history.note(&[]);
        assert_eq!(history.rows(), []);
    }

    #[test]
    fn whoever_has_been_away_for_the_longest_makes_room() {
        let mut history = History::default();
        let some = |range: std::ops::Range<u32>| range.map(AccountId).collect::<Vec<_>>();
        let rows = u32::try_from(ROWS).unwrap();
        history.note(&[AccountId(1000)]);
        history.note(&some(0..rows - 1));
        history.note(&some(0..rows + 9));
        let shown: Vec<u32> = history.rows().iter().map(|row| row.account.0).collect();
        assert_eq!(shown, (0..rows).collect::<Vec<_>>());
    }
}
