//! Times of log lines and traces (RFC 3339), and whether the journal adds its own.

use rustix::fs::fstat;
use std::num::NonZeroU8;
use std::os::fd::AsFd;
use std::time::SystemTime;
use time::OffsetDateTime;
use time::format_description::well_known::Iso8601;
use time::format_description::well_known::iso8601::{Config, EncodedConfig, TimePrecision};

/// `2026-11-30T20:39:29.123Z`: in UTC, always of the same length.
const FORMAT: EncodedConfig = Config::DEFAULT
    .set_time_precision(TimePrecision::Second { decimal_digits: NonZeroU8::new(3) })
    .encode();

/// Returns a time in the format of RFC 3339. It is empty if the year has five digits: then the clock is wrong.
pub(crate) fn rfc3339(at: SystemTime) -> String {
    OffsetDateTime::from(at).format(&Iso8601::<FORMAT>).unwrap_or_default()
}

/// Whether the journal reads a stream, and so adds the time to each line. Then `JOURNAL_STREAM` contains
/// the device and the inode of the stream (systemd.exec(5)).
pub(crate) fn is_read_by_journal(stream: impl AsFd) -> bool {
    let Ok(variable) = std::env::var("JOURNAL_STREAM") else { return false };
    fstat(stream).is_ok_and(|found| names_stream(&variable, found.st_dev, found.st_ino))
}

fn names_stream(variable: &str, device: u64, inode: u64) -> bool {
    let numbers = variable.split_once(':');
    let numbers = numbers.map(|(device, inode)| (device.parse(), inode.parse()));
    numbers == Some((Ok(device), Ok(inode)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::{Duration, UNIX_EPOCH};

    #[test]
    fn times_are_rfc_3339_in_utc_and_of_one_length() {
        for (milliseconds, words) in [
            (0, "1970-01-01T00:00:00.000Z"),
            (1_000, "1970-01-01T00:00:01.000Z"),
            (951_782_400_120, "2000-02-29T00:00:00.120Z"),
            (253_402_300_799_999, "9999-12-31T23:59:59.999Z"),
        ] {
            assert_eq!(rfc3339(UNIX_EPOCH + Duration::from_millis(milliseconds)), words);
        }
        // A clock before 1970.
        assert_eq!(rfc3339(UNIX_EPOCH - Duration::from_secs(1)), "1969-12-31T23:59:59.000Z");
    }

    #[test]
    fn a_stream_of_the_journal_is_recognized_by_device_and_inode() {
        assert!(names_stream("8:12345", 8, 12345));
        for other in ["", "8", "8:", ":12345", "8:12346", "9:12345", "12345:8", "8:12345:", "x:y"] {
            assert!(!names_stream(other, 8, 12345), "{other}");
        }
    }
}
