//! The logging macros, called from another crate. They compile with every set of features. With the
//! feature `log` they reach its facade.

use msnp::{Dialect, State, TrId};

fn one_line_of_each_level() {
    msnp::trace!("no argument");
    msnp::debug!("{}", 1u32);
    msnp::info!("{} and {}", "one", "two",);
    msnp::warn!("{:?} in {:?}", State::Online, Dialect::Msnp2);
    msnp::error!("transaction {:?} of {} bytes", TrId::new(7), "payload".len());
}

/// The macros can be used as an expression.
#[test]
fn a_log_call_is_an_expression_and_does_not_move_its_arguments() {
    let text = String::from("kept");
    match text.len() {
        4 => msnp::debug!("{}", text),
        _ => msnp::warn!("{}", text),
    }
    assert_eq!(text, "kept");
}

#[cfg(not(feature = "log"))]
#[test]
fn without_a_back_end_the_macros_do_nothing() {
    one_line_of_each_level();
}

#[cfg(feature = "log")]
#[test]
fn every_level_reaches_the_facade() {
    use log::{LevelFilter, Log, Metadata, Record};
    use std::cell::RefCell;

    thread_local! {
        // Each test has a thread of its own.
        static LINES: RefCell<Vec<String>> = const { RefCell::new(Vec::new()) };
    }

    struct Recorder;

    impl Log for Recorder {
        fn enabled(&self, _: &Metadata<'_>) -> bool {
            true
        }
        fn log(&self, record: &Record<'_>) {
            let line = format!("{} {} {}", record.level(), record.target(), record.args());
            LINES.with_borrow_mut(|lines| lines.push(line));
        }
        fn flush(&self) {}
    }

    log::set_logger(&Recorder).unwrap();
    log::set_max_level(LevelFilter::Trace);
    one_line_of_each_level();
    let expected = [
        "TRACE logging no argument",
        "DEBUG logging 1",
        "INFO logging one and two",
        "WARN logging Online in Msnp2",
        "ERROR logging transaction TrId { value: 7, leading_zeros: 0 } of 7 bytes",
    ];
    assert_eq!(LINES.take(), expected);
}
