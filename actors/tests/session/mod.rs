//! The Notification Server: one connection of a principal.

mod held;
mod lists;
mod order;
mod presence;
mod profile;
mod reverse;
mod sign_in;
mod slow;
mod stubs;
mod synchronise;
mod throttle;
mod time;
mod transfer;
