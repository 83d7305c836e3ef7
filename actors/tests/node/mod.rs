//! A node as a whole.

mod ends;
mod limits;
mod log;
mod panic;
mod partial_commands;
mod payload_pieces;
mod rate;
mod shutdown;
