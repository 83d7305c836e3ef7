//! The log lines of this thread. A test runs on one thread.

use log::{LevelFilter, Log, Metadata, Record};
use std::cell::RefCell;
use std::sync::Once;

thread_local! {
    static LINES: RefCell<Option<Vec<String>>> = const { RefCell::new(None) };
}

struct Collector;

impl Log for Collector {
    fn enabled(&self, _: &Metadata<'_>) -> bool {
        LINES.with_borrow(Option::is_some)
    }

    fn log(&self, record: &Record<'_>) {
        LINES.with_borrow_mut(|lines| {
            if let Some(lines) = lines {
                lines.push(format!("{} {}", record.level(), record.args()));
            }
        });
    }

    fn flush(&self) {}
}

/// Starts to record log lines.
pub(crate) fn record_log() {
    static START: Once = Once::new();
    START.call_once(|| {
        log::set_logger(&Collector).unwrap();
        log::set_max_level(LevelFilter::Debug);
    });
    LINES.set(Some(Vec::new()));
}

/// Returns the recorded lines about ends of connections, and forgets all recorded lines.
pub(crate) fn end_lines() -> Vec<String> {
    let lines = LINES.with_borrow_mut(|lines| lines.as_mut().map(std::mem::take));
    let lines = lines.expect("`record_log` was called").into_iter();
    lines.filter(|line| line.contains(" ended: ") || line.contains(" turned away: ")).collect()
}
