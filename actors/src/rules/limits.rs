//! How much is too much.

use msnp::ErrorCode;
use std::time::Duration;
use tokio::time::Instant;

/// How long a minute is here: from the first of what is counted on.
pub(crate) const MINUTE: Duration = Duration::from_secs(60);

/// How often something has happened within a minute: a principal's renames of himself (the wiki's
/// list of errors has 800 for too many in a short time; how short is not known), or calls that
/// fail.
#[derive(Debug, Default)]
pub struct PerMinute {
    first: Option<Instant>,
    count: u16,
}

impl PerMinute {
    /// Whether there is no room for one more.
    pub fn is_full(&self, most: u16, now: Instant) -> bool {
        self.count >= most && !self.is_over(now)
    }

    /// Counts one more.
    pub fn count(&mut self, now: Instant) {
        if self.is_over(now) {
            *self = PerMinute { first: Some(now), count: 0 };
        }
        self.count = self.count.saturating_add(1);
    }

    /// When the first of them was.
    pub fn since(&self) -> Option<Instant> {
        self.first
    }

    /// Whether none of them counts any more.
    pub fn is_over(&self, now: Instant) -> bool {
        self.first.is_none_or(|first| now.duration_since(first) >= MINUTE)
    }
}

/// Whether one more may be invited to a conversation of `most`. Whoever is ringing has his place
/// already, so that he finds room when he comes; no more than `invitations` may be ringing.
///
/// # Errors
/// The code that refuses it.
pub fn check_invitation(
    taking_part: usize,
    ringing: usize,
    most: usize,
    invitations: usize,
) -> Result<(), ErrorCode> {
    let room = taking_part + ringing < most && ringing < invitations;
    if room { Ok(()) } else { Err(ErrorCode::SwitchboardFailed) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_counted_in_a_minute_is_forgotten_after_it() {
        let start = Instant::now();
        let mut renames = PerMinute::default();
        for second in 0..5 {
            let now = start + Duration::from_secs(second);
            assert!(!renames.is_full(5, now));
            renames.count(now);
        }
        assert!(renames.is_full(5, start + Duration::from_secs(59)));
        assert!(!renames.is_full(5, start + MINUTE));
        renames.count(start + MINUTE);
        assert_eq!(renames.since(), Some(start + MINUTE));
    }

    #[test]
    fn whoever_is_ringing_has_his_place() {
        assert_eq!(check_invitation(20, 9, 30, 30), Ok(()));
        assert_eq!(check_invitation(20, 10, 30, 30), Err(ErrorCode::SwitchboardFailed));
        assert_eq!(check_invitation(1, 2, 30, 2), Err(ErrorCode::SwitchboardFailed));
    }
}
