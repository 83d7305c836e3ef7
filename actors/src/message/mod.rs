//! All messages that actors exchange.

mod accounts;
mod cookies;
mod delivery;
mod dispatcher;
mod greeter;
mod notice;
mod observe;
mod registry;
mod switchboard;

pub use accounts::{
    Backup, Create, Deny, Edit, EditError, Examine, Export, Find, Import, Load, Remove, Restore,
    SetDisabled, SetPassword, Undeny, Verify,
};
pub use cookies::{Denied, Deserted, Issue, Purpose, Redeem, Revoke, Ticket, TooManyCookies};
pub use delivery::{Delivery, Receipt, Receipts};
pub use dispatcher::{Announce, Refer};
pub use greeter::Review;
pub use notice::Notice;
pub use observe::{
    AccountsState, CookiesState, DispatcherState, GreeterState, Observe, OnlineState,
    ParticipantState, ReferralState, RegistryState, SessionState, SwitchboardState,
};
pub use registry::{
    Broadcast, Invitable, Listed, Locate, Located, NoteDialect, NotedDialect, PhoneChanged,
    Publish, Renamed, Ring, SignIn, SignOff, Watchers,
};
pub use switchboard::{Call, Join, JoinError, Joined, Leave, MemberId, NotComing, Relay};
