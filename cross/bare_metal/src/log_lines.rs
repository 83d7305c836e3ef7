//! The facade `log` on a microcontroller: each line goes to the debugger, or the emulator.

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

/// Every line is shown from now on.
pub fn start() {
    // SAFETY: there is one thread and no interrupt, so nobody else sets or uses a logger meanwhile.
    // The safe functions need atomic instructions that a Cortex-M0 does not have.
    unsafe {
        let _ = log::set_logger_racy(&Debugger);
        log::set_max_level_racy(LevelFilter::Trace);
    }
}
