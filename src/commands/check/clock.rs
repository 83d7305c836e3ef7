use super::{Finding, note, ok};
use crate::system;

/// 2026-01-01: this program is not older than that.
const EARLIEST: u64 = 1_767_225_600;

/// Whether the clock was set: a board without a battery has none until it was on the network.
pub(super) fn look() -> Vec<Finding> {
    vec![judge(system::now())]
}

fn judge(now: u64) -> Finding {
    if now >= EARLIEST {
        return ok("it is set");
    }
    note(
        "the clock is behind: it says a time before this program was made",
        "Set it with `date -s`, or let the network do it (`timedatectl set-ntp true`)",
    )
}

#[cfg(test)]
mod tests {
    use super::super::Verdict;
    use super::*;

    #[test]
    fn a_clock_before_2026_is_noted() {
        assert_eq!(judge(0).verdict, Verdict::Note);
        assert_eq!(judge(EARLIEST - 1).verdict, Verdict::Note);
        assert_eq!(judge(EARLIEST).verdict, Verdict::Ok);
    }
}
