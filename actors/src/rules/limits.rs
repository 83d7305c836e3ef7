//! How much is too much.

use msnp::ErrorCode;
use std::time::Duration;
use tokio::time::Instant;

/// How often a principal may rename himself within [`RENAME_SPAN`]: everybody who sees him hears of
/// each new name. The wiki's list of errors has 800 for more in a short time; how short is not
/// known.
pub const RENAMES: u8 = 5;

/// From the first of these renames on.
pub const RENAME_SPAN: Duration = Duration::from_secs(60);

/// The renames since the first one that counts.
#[derive(Debug, Default)]
pub struct Renames {
    first: Option<Instant>,
    count: u8,
}

impl Renames {
    /// Counts one more. `false`: it is one too many.
    pub fn admit(&mut self, now: Instant) -> bool {
        if self.first.is_none_or(|first| now.duration_since(first) >= RENAME_SPAN) {
            *self = Renames { first: Some(now), count: 0 };
        }
        let admitted = self.count < RENAMES;
        self.count += u8::from(admitted);
        admitted
    }
}

/// Whether one more may be invited to a conversation of `most`. Whoever is ringing has his place
/// already, so that he finds room when he comes.
///
/// # Errors
/// The code that refuses it.
pub fn invite(taking_part: usize, ringing: usize, most: usize) -> Result<(), ErrorCode> {
    if taking_part + ringing < most { Ok(()) } else { Err(ErrorCode::SwitchboardFailed) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn five_renames_a_minute_are_enough() {
        let start = Instant::now();
        let mut renames = Renames::default();
        for second in 0..5 {
            assert!(renames.admit(start + Duration::from_secs(second)));
        }
        assert!(!renames.admit(start + Duration::from_secs(59)));
        assert!(renames.admit(start + RENAME_SPAN));
    }

    #[test]
    fn whoever_is_ringing_has_his_place() {
        assert_eq!(invite(20, 9, 30), Ok(()));
        assert_eq!(invite(20, 10, 30), Err(ErrorCode::SwitchboardFailed));
    }
}
