//! A logger for the `log` facade on a microcontroller: it sends each line to the debugger or emulator.

use cortex_m_semihosting::hprintln;
use log::{LevelFilter, Log, Metadata, Record};

struct Debugger;

impl Log for Debugger {
    fn enabled(&self, _: &Metadata<'_>) -> bool {
        true
    }

    fn log(&self, record: &Record<'_>) {
        hprintln!("{} {}: {}", record.level(), record.target(), record.args());
    }

    fn flush(&self) {}
}

/// Installs the logger, for all levels.
pub fn start() {
    // SAFETY: there is one thread and no interrupt, so no other code sets or uses a logger meanwhile.
    // The safe functions need atomic instructions, which a Cortex-M0 lacks.
    unsafe {
        let _ = log::set_logger_racy(&Debugger);
        log::set_max_level_racy(LevelFilter::Trace);
    }
}
