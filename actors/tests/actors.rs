//! Tests of the actors, one for each rule: typed messages to the actors of a node, in virtual time
//! and without sockets.

#[cfg(test)]
mod cluster;
#[cfg(test)]
mod conversation;
#[cfg(test)]
mod front_door;
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
