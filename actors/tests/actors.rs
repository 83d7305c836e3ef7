//! The actors, rule by rule: typed messages to real actors of a real node, in virtual time, without
//! sockets.

#[cfg(test)]
mod conversation;
#[cfg(test)]
mod greeter;
#[cfg(test)]
mod model;
#[cfg(test)]
mod node;
#[cfg(test)]
mod services;
#[cfg(test)]
mod session;
#[cfg(test)]
mod support;
