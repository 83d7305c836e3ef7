//! What the configuration file can say: which file is taken, how a bad one is refused, and what
//! each key does to the running program.

#[cfg(test)]
#[path = "support/connection.rs"]
mod connection;
#[cfg(test)]
#[path = "support/conversation.rs"]
mod conversation;
#[cfg(test)]
#[path = "support/crowd.rs"]
mod crowd;
#[cfg(test)]
#[path = "support/digest.rs"]
mod digest;
#[cfg(test)]
#[path = "support/ending.rs"]
mod ending;
#[cfg(test)]
#[path = "support/operator.rs"]
mod operator;
#[cfg(test)]
#[path = "support/server.rs"]
mod server;

#[cfg(test)]
#[path = "configuration/limits.rs"]
mod limits;
#[cfg(test)]
#[path = "configuration/places.rs"]
mod places;
#[cfg(test)]
#[path = "configuration/refusals.rs"]
mod refusals;
#[cfg(test)]
#[path = "configuration/servers.rs"]
mod servers;
#[cfg(test)]
#[path = "configuration/text.rs"]
mod text;
