//! The measured processes, their cores and accounts.

mod accounts;
mod bare;
mod bench;
mod child;
mod cores;
mod process;
mod server;
mod target;

pub(crate) use accounts::{PASSWORD, Population, Principal};
pub(crate) use bare::Bare;
pub(crate) use bench::Bench;
pub(crate) use cores::Cores;
pub(crate) use process::Process;
pub(crate) use server::{Installation, Limits, Server};
pub(crate) use target::{Build, Side, Target};
