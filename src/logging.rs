//! Log lines: one event, one line, on standard error.

use crate::config::Verbosity;
use crate::timestamp;
use log::{Level, LevelFilter};
use std::io::Write;
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant, SystemTime};

/// The limit of the errors in one [`WINDOW`], and also of the other lines in it: the log may be on an SD
/// card. At the level debug there is no limit.
const MAX_LINES: u32 = 600;

/// The time over which [`MAX_LINES`] are counted.
const WINDOW: Duration = Duration::from_secs(60);

/// The crates of this program. Of other crates only warnings and errors are written.
const MODULES: [&str; 5] = ["msnpd", "actors", "store", "msnp", "web"];

/// Starts to write the log to standard error, each line with its level and its time. The time is left out if
/// the systemd journal reads the log, since it adds one itself.
pub(crate) fn start(verbosity: Verbosity) {
    let mut builder = env_logger::Builder::new();
    builder.filter_level(LevelFilter::Warn);
    for module in MODULES {
        builder.filter_module(module, LevelFilter::Debug);
    }
    let new_window = || Mutex::new(LineWindow { since: Instant::now(), lines: 0, left_out: 0 });
    let (errors, other_lines) = (new_window(), new_window());
    let adds_time = !timestamp::is_read_by_journal(std::io::stderr());
    let time_prefix = move || match adds_time {
        true => format!("{} ", timestamp::rfc3339(SystemTime::now())),
        false => String::new(),
    };
    builder.format(move |output, record| {
        if log::max_level() < LevelFilter::Debug {
            let window = if record.level() == Level::Error { &errors } else { &other_lines };
            let mut window = window.lock().unwrap_or_else(PoisonError::into_inner);
            let (is_admitted, left_out_before) = window.admit(Instant::now());
            if left_out_before > 0 {
                let (time, lines) = (time_prefix(), left_out_text(left_out_before));
                writeln!(output, "{time}WARN  {lines}: see `msnpd status` for the counts")?;
            }
            if !is_admitted {
                return Ok(());
            }
        }
        writeln!(output, "{}{:<5} {}", time_prefix(), record.level(), record.args())
    });
    builder.init();
    set_level(verbosity);
}

fn left_out_text(count: u64) -> String {
    match count {
        1 => "1 log line was left out".to_owned(),
        _ => format!("{count} log lines were left out"),
    }
}

/// Sets the level from which log lines are written.
pub(crate) fn set_level(verbosity: Verbosity) {
    log::set_max_level(match verbosity {
        Verbosity::Error => LevelFilter::Error,
        Verbosity::Warn => LevelFilter::Warn,
        Verbosity::Info => LevelFilter::Info,
        Verbosity::Debug => LevelFilter::Debug,
    });
}

/// The lines of one [`WINDOW`].
struct LineWindow {
    since: Instant,
    lines: u32,
    left_out: u64,
}

impl LineWindow {
    /// Returns whether one more line may be written now. If that line begins a new window, also returns how
    /// many lines the previous window left out; otherwise 0.
    fn admit(&mut self, now: Instant) -> (bool, u64) {
        let mut left_out_before = 0;
        if now.duration_since(self.since) >= WINDOW {
            left_out_before = self.left_out;
            *self = LineWindow { since: now, lines: 0, left_out: 0 };
        }
        let is_admitted = self.lines < MAX_LINES;
        self.lines += u32::from(is_admitted);
        self.left_out += u64::from(!is_admitted);
        (is_admitted, left_out_before)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_crate_of_the_program_is_logged() {
        let packages = ["msnpd"].into_iter().chain(
            include_str!("../Cargo.toml")
                .lines()
                .filter(|line| line.contains("{ path = "))
                .filter_map(|line| line.split_once(" = "))
                .map(|(name, _)| name)
                // It logs nothing.
                .filter(|name| *name != "oldtls"),
        );
        let mut packages: Vec<&str> = packages.collect();
        let mut modules = MODULES.to_vec();
        packages.sort_unstable();
        modules.sort_unstable();
        assert_eq!(packages, modules);
    }

    #[test]
    fn the_number_of_lines_in_a_window_is_limited() {
        let start = Instant::now();
        let mut window = LineWindow { since: start, lines: 0, left_out: 0 };
        for _ in 0..MAX_LINES {
            assert_eq!(window.admit(start), (true, 0));
        }
        for _ in 0..3 {
            assert_eq!(window.admit(start + WINDOW / 2), (false, 0));
        }
        assert_eq!(window.admit(start + WINDOW), (true, 3));
        assert_eq!(window.admit(start + WINDOW), (true, 0));
    }
}
