//! A principal, independent of the protocol of their client.
//!
//! Every front door (sessions, participants, the greeter) uses these two guards: [`SignedIn`] for a
//! sign-in, [`Seat`] for the place in a conversation. A front door has its own wire and nothing else.

mod seat;
mod signed_in;

pub use self::seat::{Admission, Seat, SeatError};
pub use self::signed_in::{RegisterError, SignedIn};
