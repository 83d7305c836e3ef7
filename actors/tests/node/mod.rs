//! A node as a whole.

mod ends;
mod limits;
mod log;
mod panic;
mod partial_commands;
mod rate;
mod shutdown;
