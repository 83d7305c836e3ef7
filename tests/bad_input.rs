//! What a client, a crowd of clients or a damaged file does wrong, what it is answered, and in
//! which words the log says so.

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
#[path = "support/memory.rs"]
mod memory;
#[cfg(test)]
#[path = "support/operator.rs"]
mod operator;
#[cfg(test)]
#[path = "support/server.rs"]
mod server;

#[cfg(test)]
#[path = "bad_input/bench.rs"]
mod bench;
#[cfg(test)]
#[path = "bad_input/commands.rs"]
mod commands;
#[cfg(test)]
#[path = "bad_input/cookies.rs"]
mod cookies;
#[cfg(test)]
#[path = "bad_input/floods.rs"]
mod floods;
#[cfg(test)]
#[path = "bad_input/lists.rs"]
mod lists;
#[cfg(test)]
#[path = "bad_input/newer.rs"]
mod newer;
#[cfg(test)]
#[path = "bad_input/pipelines.rs"]
mod pipelines;
#[cfg(test)]
#[path = "bad_input/sign_in.rs"]
mod sign_in;
#[cfg(test)]
#[path = "bad_input/words.rs"]
mod words;
