//! Rate limits, and the size of conversations.

use msnp::ErrorCode;
use std::time::Duration;
use tokio::time::Instant;

/// The window of [`PerMinute`]. It starts with the first counted event.
pub(crate) const MINUTE: Duration = Duration::from_secs(60);

/// Counts events within a minute.
#[derive(Debug, Default)]
pub struct PerMinute {
    /// The first event of the window. `None` before any event.
    first: Option<Instant>,
    count: u16,
}

impl PerMinute {
    /// Returns whether `max` events have been counted in the current window.
    pub fn is_full(&self, max: u16, now: Instant) -> bool {
        self.count >= max && !self.window_has_ended(now)
    }

    /// Counts an event.
    pub fn count(&mut self, now: Instant) {
        if self.window_has_ended(now) {
            *self = PerMinute { first: Some(now), count: 0 };
        }
        self.count = self.count.saturating_add(1);
    }

    fn window_has_ended(&self, now: Instant) -> bool {
        self.first.is_none_or(|first| now.duration_since(first) >= MINUTE)
    }
}

/// Checks whether one more principal may be invited to a conversation of at most `max`
/// participants. `pending` invitations count as participants, so that each invitee finds room. At
/// most `max_pending` invitations may be pending.
///
/// # Errors
/// The error code of the refusal.
pub fn check_invitation(
    taking_part: usize,
    pending: usize,
    max: usize,
    max_pending: usize,
) -> Result<(), ErrorCode> {
    let has_room = taking_part + pending < max && pending < max_pending;
    if has_room { Ok(()) } else { Err(ErrorCode::SwitchboardFailed) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn counts_expire_after_a_minute() {
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
        assert_eq!(renames.first, Some(start + MINUTE));
    }

    #[test]
    fn a_pending_invitation_takes_a_place() {
        assert_eq!(check_invitation(20, 9, 30, 30), Ok(()));
        assert_eq!(check_invitation(20, 10, 30, 30), Err(ErrorCode::SwitchboardFailed));
        assert_eq!(check_invitation(1, 2, 30, 2), Err(ErrorCode::SwitchboardFailed));
    }
}
