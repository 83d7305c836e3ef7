/// A group of official clients that read their server address from the same registry key.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Family {
    /// MSN Messenger 1.0 to 4.6, most of 4.7, and Windows Messenger 4.7 of Windows XP: MSNP2 to
    /// MSNP7. Versions 4.7.2009 to 4.7.3001 are said to use the registry value only if it exists
    /// already.
    Messenger,
    /// MSN Messenger 5.0 to 6.2. These clients find the server but cannot sign in: they speak MSNP8
    /// and later, which this server does not support.
    Messenger5,
}

impl Family {
    /// All families, those that can sign in first.
    pub const ALL: [Family; 2] = [Family::Messenger, Family::Messenger5];

    /// The name that users know.
    pub fn title(self) -> &'static str {
        match self {
            Family::Messenger => "MSN Messenger 1.0 to 4.6, Windows Messenger before 4.7.2005",
            Family::Messenger5 => "MSN Messenger 5.0 to 6.2",
        }
    }

    /// Whether this server supports a dialect of the family.
    pub fn is_supported(self) -> bool {
        self == Family::Messenger
    }

    /// The registry key. Its value `Server` has the address. Sources: crosstalkpatcher and
    /// Escargot's notes for the older family, POE::Component::Proxy::MSN for the newer one.
    pub fn key(self) -> &'static str {
        match self {
            Family::Messenger => r"HKEY_CURRENT_USER\Software\Microsoft\MessengerService",
            Family::Messenger5 => r"HKEY_CURRENT_USER\Software\Microsoft\MSNMessenger",
        }
    }

    /// The registry value `Server` for a host name or an address. Older clients read the host alone
    /// and connect to port 1863. Newer ones read a list of two items, of which the second has the
    /// port.
    pub(super) fn value(self, host: &str) -> String {
        match self {
            Family::Messenger => host.to_owned(),
            Family::Messenger5 => format!("{host};{host}:{}", super::DEFAULT_PORT),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_family_has_its_form_of_value() {
        assert_eq!(Family::Messenger.value("192.168.0.4"), "192.168.0.4");
        assert_eq!(Family::Messenger5.value("192.168.0.4"), "192.168.0.4;192.168.0.4:1863");
    }

    #[test]
    fn families_that_can_sign_in_come_first() {
        assert_eq!(Family::ALL.map(Family::is_supported), [true, false]);
    }
}
