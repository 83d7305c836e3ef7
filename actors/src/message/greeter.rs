//! To the `Greeter` actor.

use actix::Message;

/// The settings or all accounts may be others than before: he looks whether he is to be signed in,
/// and as whom.
#[derive(Debug, Message)]
#[rtype(result = "()")]
pub struct Review;
