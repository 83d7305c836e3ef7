//! Tests of the built program: each starts `msnpd` in a directory of its own and uses it as clients and
//! operators do.
//!
//! They are one test program, so that they are linked once. Tests that measure, that take long or that write
//! a page of the documentation are programs of their own.

#[cfg(test)]
mod bad_input;
#[cfg(test)]
mod cli;
#[cfg(test)]
mod configuration;
#[cfg(test)]
mod earlier;
#[cfg(test)]
mod setup;
#[cfg(test)]
#[path = "../support/mod.rs"]
mod support;
#[cfg(test)]
mod switchboard_bytes;
#[cfg(test)]
mod transcripts;
