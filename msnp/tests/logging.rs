//! The logging macros, called from another crate with positional arguments: they compile with every
//! set of features, and with the feature `log` they reach its facade.

use msnp::{Dialect, State, TrId};

fn one_line_of_each_level() {
    msnp::trace!("no argument");
    msnp::debug!("{}", 1u32);
    msnp::info!("{} and {}", "one", "two",);
    msnp::warn!("{:?} in {:?}", State::Online, Dialect::Msnp2);
    msnp::error!("transaction {:?} of {} bytes", TrId::new(7), "payload".len());
}

/// The macros are statements where an expression may stand, and do not take what they print.
#[test]
fn a_log_call_fits_everywhere_and_leaves_its_arguments_alone() {
    let text = String::from("kept");
    match text.len() {
        4 => msnp::debug!("{}", text),
        _ => msnp::warn!("{}", text),
    }
    assert_eq!(text, "kept");
}

#[cfg(not(feature = "log"))]
#[test]
fn without_a_back_end_nothing_is_needed() {
    one_line_of_each_level();
}

#[cfg(feature = "log")]
#[test]
fn every_level_reaches_the_facade() {
    use log::{LevelFilter, Log, Metadata, Record};
    use std::cell::RefCell;

    thread_local! {
        // Each test has a thread of its own.
        static KEPT: RefCell<Vec<String>> = const { RefCell::new(Vec::new()) };
    }

    struct Keeper;

    impl Log for Keeper {
        fn enabled(&self, _: &Metadata<'_>) -> bool {
            true
        }
        fn log(&self, record: &Record<'_>) {
            let line = format!("{} {} {}", record.level(), record.target(), record.args());
            KEPT.with_borrow_mut(|kept| kept.push(line));
        }
        fn flush(&self) {}
    }

    log::set_logger(&Keeper).unwrap();
    log::set_max_level(LevelFilter::Trace);
    one_line_of_each_level();
    let expected = [
        "TRACE logging no argument",
        "DEBUG logging 1",
        "INFO logging one and two",
        "WARN logging Online in Msnp2",
        "ERROR logging transaction TrId { value: 7, leading_zeros: 0 } of 7 bytes",
    ];
    assert_eq!(KEPT.take(), expected);
}
