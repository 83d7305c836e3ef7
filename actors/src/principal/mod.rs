//! A principal, independent of the protocol of their client.
//!
//! Every front door (sessions, participants, the greeter) uses these two guards: [`SignedIn`] for a
//! sign-in, [`Seat`] for taking part in a conversation. A front door itself only translates between
//! them and its own protocol.

mod seat;
mod signed_in;

pub use self::seat::{Admission, Seat, SeatError};
pub use self::signed_in::{RegisterError, SignedIn};
