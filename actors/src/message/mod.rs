//! All messages between actors.

mod accounts;
mod cookies;
mod crossing;
mod delivery;
mod dispatcher;
mod greeter;
mod notice;
mod observe;
mod registry;
mod switchboard;

pub(crate) use accounts::service_gone;
pub use accounts::{
    Backup, CheckProof, Count, Create, Deny, Edit, EditError, Export, Find, Import, Load, LookUp,
    ProofResult, Remove, Restore, Select, SetDisabled, SetPassword, Undeny, VerifyIntegrity,
};
pub use cookies::{
    Abandoned, Issue, Purpose, Redeem, RedeemError, Revoke, Ticket, TooManyCookiesError,
};
pub use crossing::{Answer, Asked, Delivered, Envelope, Question, SessionEnd};
pub use delivery::Delivery;
pub use dispatcher::{Announce, Refer};
pub use greeter::Review;
pub use notice::Notice;
pub use observe::{
    AccountsState, CookiesState, DispatcherState, GreeterState, Observe, OnlineState,
    ParticipantState, ReferralState, RegistryState, SessionState, SwitchboardState,
};
pub use registry::{
    Broadcast, Client, Invitable, Listed, Locate, Located, NoteDialect, NotedDialect, PhoneChanged,
    Publish, Renamed, Ring, SignIn, SignOff, Watchers,
};
pub use switchboard::{Call, InviteeLeft, Join, JoinError, Joined, Leave, MemberId, WatchActivity};
