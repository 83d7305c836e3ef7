//! The Notification Server: one connection of a user.

mod client_challenge;
mod groups;
mod ims;
mod lists;
mod long_replies;
mod numbers;
mod order;
mod presence;
mod profile;
mod reverse;
mod search;
mod sign_in;
mod slow;
mod stubs;
mod synchronise;
mod throttle;
mod time;
mod transfer;
