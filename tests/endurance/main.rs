//! Acknowledged changes survive a killed server, a killed command, a full disk, and a card that turns
//! read-only.
//!
//! `MSNPD_ROUNDS` sets the number of rounds of a test, and `MSNPD_SEED` repeats the edits and moments of an
//! earlier run. A failing test prints both.

#![cfg(target_os = "linux")]

#[cfg(test)]
#[allow(dead_code, reason = "each program needs a part of it")]
#[path = "../support/mod.rs"]
mod support;

#[cfg(test)]
mod backup;
#[cfg(test)]
mod chance;
#[cfg(test)]
mod diary;
#[cfg(test)]
mod edit;
#[cfg(test)]
mod editor;
#[cfg(test)]
mod full_disk;
#[cfg(test)]
mod household;
#[cfg(test)]
mod import;
#[cfg(test)]
mod kill;
#[cfg(test)]
mod read_only_card;
#[cfg(test)]
mod restore;
#[cfg(test)]
mod view;
