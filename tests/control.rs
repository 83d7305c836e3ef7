//! What an operator asks of a running server, over its control socket; and of the data of a stopped
//! one, in the same words.

#[cfg(test)]
#[path = "support/connection.rs"]
mod connection;
#[cfg(test)]
#[path = "support/conversation.rs"]
mod conversation;
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
#[path = "control/accounts.rs"]
mod accounts;
#[cfg(test)]
#[path = "control/archive.rs"]
mod archive;
#[cfg(test)]
#[path = "control/reload.rs"]
mod reload;
#[cfg(test)]
#[path = "control/socket.rs"]
mod socket;
#[cfg(test)]
#[path = "control/stop.rs"]
mod stop;
#[cfg(test)]
#[path = "control/text.rs"]
mod text;
#[cfg(test)]
#[path = "control/watch.rs"]
mod watch;
