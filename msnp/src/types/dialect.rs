/// A version of the protocol. The dialects here are those in which a client signs in with an MD5
/// challenge.
///
/// ```
/// use msnp::Dialect;
///
/// assert_eq!(Dialect::parse(b"msnp7"), Some(Dialect::Msnp7));
/// assert_eq!(Dialect::Msnp7.as_str(), "MSNP7");
/// assert!(Dialect::Msnp2 < Dialect::Msnp7);
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub enum Dialect {
    /// MSNP2, MSN Messenger 1.0 of July 1999.
    Msnp2,
    /// MSNP3, MSN Messenger 2.0.
    Msnp3,
    /// MSNP4, MSN Messenger 2.1 and 2.2.
    Msnp4,
    /// MSNP5, MSN Messenger 3.0.
    Msnp5,
    /// MSNP6, MSN Messenger 3.6.
    Msnp6,
    /// MSNP7, MSN Messenger 4.5 to 4.7.
    Msnp7,
}

impl Dialect {
    /// All dialects, oldest first.
    pub const ALL: [Dialect; 6] = [
        Dialect::Msnp2,
        Dialect::Msnp3,
        Dialect::Msnp4,
        Dialect::Msnp5,
        Dialect::Msnp6,
        Dialect::Msnp7,
    ];

    /// The dialects that `VER` may agree on, oldest first.
    pub const SUPPORTED: &'static [Dialect] = &Dialect::ALL;

    /// Parses the name of a dialect, in any case ([the draft](crate#sources) §7.2). Returns `None`
    /// for any other name.
    pub fn parse(word: &[u8]) -> Option<Dialect> {
        Dialect::ALL
            .into_iter()
            .find(|dialect| dialect.as_str().as_bytes().eq_ignore_ascii_case(word))
    }

    /// Returns the name as it is sent.
    pub const fn as_str(self) -> &'static str {
        match self {
            Dialect::Msnp2 => "MSNP2",
            Dialect::Msnp3 => "MSNP3",
            Dialect::Msnp4 => "MSNP4",
            Dialect::Msnp5 => "MSNP5",
            Dialect::Msnp6 => "MSNP6",
            Dialect::Msnp7 => "MSNP7",
        }
    }

    /// Returns the first and the last supported dialect for logs, such as `MSNP2 to MSNP7`.
    pub fn supported_range() -> impl core::fmt::Display {
        struct Range;
        impl core::fmt::Display for Range {
            fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
                match Dialect::SUPPORTED {
                    [first, .., last] => write!(f, "{first} to {last}"),
                    [only] => write!(f, "{only}"),
                    [] => f.write_str("none"),
                }
            }
        }
        Range
    }

    /// Whether `VER` may agree on this dialect.
    pub fn is_supported(self) -> bool {
        Dialect::SUPPORTED.contains(&self)
    }
}
