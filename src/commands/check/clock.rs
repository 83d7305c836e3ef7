use super::{Finding, note, ok};
use crate::system;

/// 2026-01-01, before this program was made.
const EARLIEST: u64 = 1_767_225_600;

/// Reports whether the clock is set. A board without a battery has the wrong time until it has been on
/// the network.
pub(super) fn check() -> Vec<Finding> {
    vec![check_time(system::now())]
}

fn check_time(now: u64) -> Finding {
    if now >= EARLIEST {
        return ok("the clock is set");
    }
    note(
        "the clock is wrong: it shows a time before this program was made",
        "Set it with `date -s`, or let the network do it (`timedatectl set-ntp true`)",
    )
}

#[cfg(test)]
mod tests {
    use super::super::Verdict;
    use super::*;

    #[test]
    fn a_clock_before_2026_is_noted() {
        assert_eq!(check_time(0).verdict, Verdict::Note);
        assert_eq!(check_time(EARLIEST - 1).verdict, Verdict::Note);
        assert_eq!(check_time(EARLIEST).verdict, Verdict::Ok);
    }
}
