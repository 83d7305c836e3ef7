//! A node as a whole.

mod crowd;
mod ends;
mod panic;
mod pieces;
mod rate;
mod shutdown;
mod words;
