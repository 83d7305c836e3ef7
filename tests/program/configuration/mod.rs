//! What the configuration file can say: which file is taken, how a bad one is refused, and what
//! each key does to the running program.

mod limits;
mod places;
mod refusals;
mod servers;
mod text;
