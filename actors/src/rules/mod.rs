//! The rules, as pure functions: visibility, presence, changes of lists and groups, names, rate limits, handles of
//! new accounts, and denied networks.

mod groups;
mod handles;
mod limits;
mod lists;
mod names;
mod networks;
mod presence;
mod visibility;

pub use groups::{
    Group, add_group, add_to_group, has_group, remove_from_group, remove_group, rename_group,
    sanitize_imported, shown_groups,
};
pub use handles::{
    Creator, MAX_LOCAL, NewAccountError, NewHandleError, SELF_TEST_PREFIX, check_new_account,
    check_new_handle, is_in_domains, is_reserved_for_self_test,
};
pub(crate) use limits::MINUTE;
pub use limits::{PerMinute, check_invitation};
pub use lists::{add, is_repeated, remove};
pub use msnp::Membership;
pub use names::undo_mojibake;
pub use networks::{
    MAX_DENIED, NetworkError, check_deniable, find_denied, is_canonical_and_deniable, parse_network,
};
pub use presence::{NameChange, Presence, PresenceUpdate, Shown, update_between};
pub use visibility::{PublishedPresence, admits, update_for};
