//! What is logged on this thread, on which a whole play is played.

use log::{LevelFilter, Log, Metadata, Record};
use std::cell::RefCell;
use std::sync::Once;

thread_local! {
    static LINES: RefCell<Option<Vec<String>>> = const { RefCell::new(None) };
}

struct Said;

impl Log for Said {
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

/// From now on lines are kept.
pub(crate) fn listen() {
    static START: Once = Once::new();
    START.call_once(|| {
        log::set_logger(&Said).unwrap();
        log::set_max_level(LevelFilter::Debug);
    });
    LINES.set(Some(Vec::new()));
}

/// The lines since then, or since the last time, that say how something ended.
pub(crate) fn ends() -> Vec<String> {
    let lines = LINES.with_borrow_mut(|lines| lines.as_mut().map(std::mem::take));
    let lines = lines.expect("a listener").into_iter();
    lines.filter(|line| line.contains(" ended: ") || line.contains(" turned away: ")).collect()
}
