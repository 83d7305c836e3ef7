//! Messages to the `Greeter` actor.

use actix::Message;

/// Settings or accounts may have changed: the greeter checks whether it should be signed in, and
/// under which name.
#[derive(Debug, Message)]
#[rtype(result = "()")]
pub struct Review;
