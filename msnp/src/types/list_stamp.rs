use super::ListVersion;

/// A list version in the form of MSNP10 and later: a time.
///
/// Clients only compare stamps for equality, so a stamp need not be the time of a change. The
/// server makes it from the version: that many ten-millionths of a second after the start of 2000.
///
/// ```
/// use msnp::{ListStamp, ListVersion};
///
/// let stamp = ListStamp(ListVersion::new(66_000_021).unwrap());
/// assert_eq!(stamp.to_string(), "2000-01-01T00:00:06.6000021-07:00");
/// assert_eq!(ListStamp::parse(stamp.to_string().as_bytes()), Some(stamp));
/// // A client that has no lists sends 0.
/// assert_eq!(ListStamp::parse(b"0"), None);
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct ListStamp(pub ListVersion);

/// The start of all stamps. The stamp of the largest version is less than four minutes after the
/// start of 2000.
const START: &[u8] = b"2000-01-01T00:0";
/// The end of all stamps.
const END: &[u8] = b"-07:00";

/// The number of ten-millionths in a second.
const SECOND: u32 = 10_000_000;
/// The number of ten-millionths in a minute.
const MINUTE: u32 = 60 * SECOND;

impl ListStamp {
    /// Parses the stamp of a version. Returns `None` for any other time, such as a stamp of another server.
    pub fn parse(word: &[u8]) -> Option<ListStamp> {
        let [minute, b':', ten_seconds, second, b'.', fraction @ ..] =
            word.strip_prefix(START)?.strip_suffix(END)?
        else {
            return None;
        };
        if fraction.len() != 7 || !matches!(ten_seconds, b'0'..=b'5') {
            return None;
        }
        let digits = [minute, ten_seconds, second].into_iter().chain(fraction);
        let weights = [MINUTE, 10 * SECOND, SECOND, 1_000_000, 100_000, 10_000, 1_000, 100, 10, 1];
        let version = digits.zip(weights).try_fold(0u32, |sum, (digit, weight)| {
            let digit = char::from(*digit).to_digit(10)?;
            sum.checked_add(digit.checked_mul(weight)?)
        });
        ListVersion::new(version?).map(ListStamp)
    }
}

impl core::fmt::Display for ListStamp {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        let version = self.0.value();
        let (minute, second) = (version / MINUTE, version % MINUTE / SECOND);
        write!(f, "2000-01-01T00:0{minute}:{second:02}.{:07}-07:00", version % SECOND)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::string::ToString;

    #[test]
    fn each_version_has_its_stamp() {
        let versions = [1, 9_999_999, 10_000_000, 599_999_999, 600_000_000, ListVersion::MAX];
        let stamps = versions.map(|version| ListStamp(ListVersion::new(version).unwrap()));
        assert_eq!(
            stamps.map(|stamp| stamp.to_string()),
            [
                "2000-01-01T00:00:00.0000001-07:00",
                "2000-01-01T00:00:00.9999999-07:00",
                "2000-01-01T00:00:01.0000000-07:00",
                "2000-01-01T00:00:59.9999999-07:00",
                "2000-01-01T00:01:00.0000000-07:00",
                "2000-01-01T00:03:34.7483647-07:00",
            ]
        );
        for stamp in stamps {
            assert_eq!(ListStamp::parse(stamp.to_string().as_bytes()), Some(stamp));
        }
    }

    #[test]
    fn other_times_are_no_stamps() {
        for word in [
            "",
            "0",
            "2004-07-16T06:03:26.1230000-07:00",
            "2000-01-01T00:00:00.0-00:00",
            "2000-01-01T00:00:00.0000000-07:00",
            "2000-01-01T00:03:34.7483648-07:00",
            "2000-01-01T00:09:59.9999999-07:00",
            "2000-01-01T00:00:60.0000000-07:00",
            "2000-01-01T00:00:06.60000021-07:00",
            "2000-01-01T00:00:06.660002-07:00",
            "2000-01-01T00:00:0x.0000001-07:00",
        ] {
            assert_eq!(ListStamp::parse(word.as_bytes()), None, "{word}");
        }
    }
}
