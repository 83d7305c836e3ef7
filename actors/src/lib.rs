//! The actors of msnpd.
#![forbid(unsafe_code)]

pub mod port;
pub mod rules;
