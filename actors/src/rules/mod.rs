//! The rules, as plain functions: who sees whom, what a change of a list or of groups comes to, which
//! name is meant, and how much is too much.

mod groups;
mod limits;
mod lists;
mod names;
mod visibility;

pub use groups::{
    Group, add_group, adopt, has_group, join, leave, remove_group, rename_group, shown,
};
pub(crate) use limits::MINUTE;
pub use limits::{PerMinute, invite};
pub use lists::{Membership, add, is_repeated, remove};
pub use names::meant;
pub use visibility::{Presence, Sight, Watching, admits, can_see, news, told};
