//! The Notification Server: one connection of a user.

mod groups;
mod held;
mod ims;
mod lists;
mod numbers;
mod order;
mod presence;
mod profile;
mod program;
mod reverse;
mod search;
mod sign_in;
mod slow;
mod stubs;
mod synchronise;
mod throttle;
mod time;
mod transfer;
