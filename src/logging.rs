//! Log lines: one event, one line, on standard error.

use crate::config::Verbosity;
use log::LevelFilter;
use std::io::Write;

/// Sends the log to standard error, each line with its level. The service manager adds the time.
pub(crate) fn start(verbosity: Verbosity) {
    let mut builder = env_logger::Builder::new();
    builder.filter_level(LevelFilter::Warn);
    for module in ["msnpd", "actors", "store", "msnp"] {
        builder.filter_module(module, LevelFilter::Debug);
    }
    builder.format(|line, record| writeln!(line, "{:<5} {}", record.level(), record.args()));
    builder.init();
    set(verbosity);
}

/// Writes such log lines from now on.
pub(crate) fn set(verbosity: Verbosity) {
    log::set_max_level(match verbosity {
        Verbosity::Error => LevelFilter::Error,
        Verbosity::Warn => LevelFilter::Warn,
        Verbosity::Info => LevelFilter::Info,
        Verbosity::Debug => LevelFilter::Debug,
    });
}
