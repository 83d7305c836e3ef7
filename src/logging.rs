//! Log lines: one event, one line, on standard error.

use crate::config::Verbosity;
use std::io::Write;

/// Sends the log to standard error, each line with its level. The service manager adds the time.
pub(crate) fn start(verbosity: Verbosity) {
    let level = match verbosity {
        Verbosity::Error => log::LevelFilter::Error,
        Verbosity::Warn => log::LevelFilter::Warn,
        Verbosity::Info => log::LevelFilter::Info,
        Verbosity::Debug => log::LevelFilter::Debug,
    };
    env_logger::Builder::new()
        .filter_level(log::LevelFilter::Warn)
        .filter_module("msnpd", level)
        .filter_module("actors", level)
        .filter_module("store", level)
        .filter_module("msnp", level)
        .format(|line, record| writeln!(line, "{:<5} {}", record.level(), record.args()))
        .init();
}
