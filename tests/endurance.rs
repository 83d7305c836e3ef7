//! What was acknowledged outlives a server that is killed, a verb that is killed, a full disk, and a card
//! that turns read-only.
//!
//! `MSNPD_ROUNDS` says how many rounds a test goes, and `MSNPD_SEED` repeats the edits and moments
//! of an earlier run; a test that fails says what they were.

#![cfg(target_os = "linux")]

#[cfg(test)]
#[path = "support/connection.rs"]
mod connection;
#[cfg(test)]
#[allow(dead_code, reason = "others need more of it")]
#[path = "support/conversation.rs"]
mod conversation;
#[cfg(test)]
#[path = "support/digest.rs"]
mod digest;
#[cfg(test)]
#[allow(dead_code, reason = "others need more of it")]
#[path = "support/operator.rs"]
mod operator;
#[cfg(test)]
#[path = "support/server.rs"]
mod server;
#[cfg(test)]
#[path = "support/whole.rs"]
mod whole;

#[cfg(test)]
#[path = "endurance/backup.rs"]
mod backup;
#[cfg(test)]
#[path = "endurance/chance.rs"]
mod chance;
#[cfg(test)]
#[path = "endurance/diary.rs"]
mod diary;
#[cfg(test)]
#[path = "endurance/edit.rs"]
mod edit;
#[cfg(test)]
#[path = "endurance/editor.rs"]
mod editor;
#[cfg(test)]
#[path = "endurance/full_disk.rs"]
mod full_disk;
#[cfg(test)]
#[path = "endurance/household.rs"]
mod household;
#[cfg(test)]
#[path = "endurance/kill.rs"]
mod kill;
#[cfg(test)]
#[path = "endurance/read_only_card.rs"]
mod read_only_card;
#[cfg(test)]
#[path = "endurance/restore.rs"]
mod restore;
#[cfg(test)]
#[path = "endurance/view.rs"]
mod view;
