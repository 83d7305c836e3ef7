/// One of the three telephone numbers of a user. Since MSNP5.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub enum PhoneKind {
    /// `PHH`: at home.
    Home,
    /// `PHW`: at work.
    Work,
    /// `PHM`: mobile.
    Mobile,
}

impl PhoneKind {
    /// All three, in the order of a `SYN`.
    pub const ALL: [PhoneKind; 3] = [PhoneKind::Home, PhoneKind::Work, PhoneKind::Mobile];

    /// Parses a name such as `PHH`. Returns `None` if it is unknown.
    pub fn parse(word: &[u8]) -> Option<PhoneKind> {
        PhoneKind::ALL.into_iter().find(|phone| phone.as_str().as_bytes() == word)
    }

    /// Returns the name as it is sent.
    pub const fn as_str(self) -> &'static str {
        match self {
            PhoneKind::Home => "PHH",
            PhoneKind::Work => "PHW",
            PhoneKind::Mobile => "PHM",
        }
    }
}
