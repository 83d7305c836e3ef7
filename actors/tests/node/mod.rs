//! A node as a whole.

mod crowd;
mod panic;
mod shutdown;
