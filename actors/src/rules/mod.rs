//! The rules, as plain functions: who sees whom, and what a change of a list comes to.

mod lists;
mod visibility;

pub use lists::{Membership, add, remove};
pub use visibility::{Presence, Sight, Watching, can_see, told};
