//! The configuration file: which file is read, how an invalid one is refused, and the effect of each key.

mod limits;
mod places;
mod refusals;
mod servers;
mod text;
