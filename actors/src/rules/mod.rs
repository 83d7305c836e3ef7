//! The rules, as plain functions: who sees whom, what a change of a list comes to, and how much is
//! too much.

mod limits;
mod lists;
mod visibility;

pub(crate) use limits::MINUTE;
pub use limits::{PerMinute, invite};
pub use lists::{Membership, add, remove};
pub use visibility::{Presence, Sight, Watching, can_see, told};
