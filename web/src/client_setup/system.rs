/// The operating system of a client's computer. Systems that are set up in the same way are one
/// variant.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum System {
    /// Windows 3.1. No client of this service runs on it.
    Windows31,
    /// Windows 95.
    Windows95,
    /// Windows 98.
    Windows98,
    /// Windows Me.
    WindowsMe,
    /// Windows NT before 5.0.
    WindowsNt4,
    /// Windows 2000.
    Windows2000,
    /// Windows XP and Server 2003.
    WindowsXp,
    /// Windows Vista and later.
    LaterWindows,
    /// Mac OS before Mac OS X.
    MacOs,
    /// Mac OS X and later.
    MacOsX,
    /// Linux, BSD and other systems with X11.
    Unix,
    /// A telephone or a tablet. There is nothing to set up.
    Phone,
    /// Another system, or an unknown one.
    Unknown,
}

/// Parts of a browser's `User-Agent` in lower case, each with the system that it stands for. The
/// first match counts: browsers on Windows Phone and Android also name other systems, and those on
/// Windows Me also name Windows 98.
const TOKENS: [(&str, System); 27] = [
    ("android", System::Phone),
    ("iphone", System::Phone),
    ("ipad", System::Phone),
    ("windows phone", System::Phone),
    ("windows ce", System::Phone),
    ("win 9x 4.90", System::WindowsMe),
    ("windows me", System::WindowsMe),
    ("windows 98", System::Windows98),
    ("win98", System::Windows98),
    ("windows 95", System::Windows95),
    ("win95", System::Windows95),
    ("windows 3.1", System::Windows31),
    ("win16", System::Windows31),
    ("windows nt 4", System::WindowsNt4),
    ("windows nt 3", System::WindowsNt4),
    ("windows nt 5.0", System::Windows2000),
    ("windows 2000", System::Windows2000),
    ("windows nt 5.", System::WindowsXp),
    ("windows xp", System::WindowsXp),
    // A version that is not listed above is that of a later Windows. Many browsers on NT before 5.0
    // send no version.
    ("windows nt ", System::LaterWindows),
    ("windows nt", System::WindowsNt4),
    ("winnt", System::WindowsNt4),
    ("mac os x", System::MacOsX),
    ("mac_powerpc", System::MacOs),
    ("macintosh", System::MacOs),
    ("linux", System::Unix),
    ("x11", System::Unix),
];

impl System {
    /// Finds the system in a browser's `User-Agent`. A wrong result does little harm: it only
    /// decides which instructions the user sees.
    pub fn from_user_agent(text: &str) -> System {
        let text = text.to_ascii_lowercase();
        let found = TOKENS.iter().find(|(token, _)| text.contains(token));
        found.map_or(System::Unknown, |(_, system)| *system)
    }

    /// The name of the system; `None` if it is unknown.
    pub fn title(self) -> Option<&'static str> {
        Some(match self {
            System::Windows31 => "Windows 3.1",
            System::Windows95 => "Windows 95",
            System::Windows98 => "Windows 98",
            System::WindowsMe => "Windows Me",
            System::WindowsNt4 => "Windows NT 4.0",
            System::Windows2000 => "Windows 2000",
            System::WindowsXp => "Windows XP",
            System::LaterWindows => "Windows Vista or later",
            System::MacOs => "Mac OS",
            System::MacOsX => "Mac OS X",
            System::Unix => "Linux or Unix",
            System::Phone => "a telephone or a tablet",
            System::Unknown => return None,
        })
    }

    /// Whether the system has a registry. `true` if the system is unknown.
    pub fn has_registry(self) -> bool {
        match self {
            System::Windows31 | System::MacOs | System::MacOsX | System::Unix | System::Phone => {
                false
            }
            System::Windows95
            | System::Windows98
            | System::WindowsMe
            | System::WindowsNt4
            | System::Windows2000
            | System::WindowsXp
            | System::LaterWindows
            | System::Unknown => true,
        }
    }

    /// Whether the registry editor supports `"name"=-`, which removes a value. The original
    /// versions of Windows 95 and NT 4.0 do not. `false` if the system is unknown.
    pub fn can_remove_registry_values(self) -> bool {
        !matches!(self, System::Windows95 | System::WindowsNt4 | System::Unknown)
    }

    /// The path of the hosts file, if it is usually the same. Windows 95 to Me come without one and
    /// have only the example HOSTS.SAM.
    pub fn hosts_file(self) -> Option<&'static str> {
        match self {
            System::Windows95 | System::Windows98 | System::WindowsMe => Some(r"C:\WINDOWS\HOSTS"),
            System::WindowsNt4 | System::Windows2000 => {
                Some(r"C:\WINNT\system32\drivers\etc\hosts")
            }
            System::WindowsXp | System::LaterWindows => {
                Some(r"C:\WINDOWS\system32\drivers\etc\hosts")
            }
            System::MacOsX | System::Unix => Some("/etc/hosts"),
            // The hosts file of Mac OS has another form, and its path depends on the version.
            System::Windows31 | System::MacOs | System::Phone | System::Unknown => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn systems_are_recognised_by_user_agent() {
        for (agent, system) in [
            ("Mozilla/1.22 (compatible; MSIE 2.0; Windows 95)", System::Windows95),
            ("Mozilla/2.0 (compatible; MSIE 3.02; Windows 95)", System::Windows95),
            ("Mozilla/4.08 [en] (Win95; I ;Nav)", System::Windows95),
            ("Mozilla/4.0 (compatible; MSIE 4.01; Windows 98)", System::Windows98),
            ("Mozilla/4.7 [en] (Win98; I)", System::Windows98),
            ("Mozilla/4.0 (compatible; MSIE 5.5; Windows 98; Win 9x 4.90)", System::WindowsMe),
            ("Mozilla/2.0 (compatible; MSIE 3.01; Windows NT)", System::WindowsNt4),
            ("Mozilla/4.0 (compatible; MSIE 5.0; Windows NT; DigExt)", System::WindowsNt4),
            ("Mozilla/4.0 (compatible; MSIE 6.0; Windows NT 4.0)", System::WindowsNt4),
            ("Mozilla/4.5 [en] (WinNT; I)", System::WindowsNt4),
            ("Mozilla/4.0 (compatible; MSIE 5.01; Windows NT 5.0)", System::Windows2000),
            ("Mozilla/4.78 [en] (Windows NT 5.0; U)", System::Windows2000),
            ("Mozilla/4.0 (compatible; MSIE 6.0; Windows NT 5.1; SV1)", System::WindowsXp),
            ("Mozilla/4.0 (compatible; MSIE 6.0; Windows NT 5.2)", System::WindowsXp),
            (
                "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko)",
                System::LaterWindows,
            ),
            ("Mozilla/1.22 (compatible; MSIE 1.5; Windows 3.1)", System::Windows31),
            ("Mozilla/3.01 (Win16; I)", System::Windows31),
            ("Mozilla/4.0 (compatible; MSIE 5.0; Mac_PowerPC)", System::MacOs),
            ("Mozilla/4.5 (Macintosh; I; PPC)", System::MacOs),
            ("Mozilla/5.0 (Macintosh; U; PPC Mac OS X Mach-O; en-US; rv:1.7)", System::MacOsX),
            ("Mozilla/4.77 [en] (X11; U; Linux 2.4.2-2 i686)", System::Unix),
            ("Mozilla/5.0 (X11; NetBSD i386; rv:1.8)", System::Unix),
            ("Lynx/2.8.9rel.1 libwww-FM/2.14", System::Unknown),
            ("Mozilla/5.0 (Linux; Android 14; Pixel 8) AppleWebKit/537.36", System::Phone),
            (
                "Mozilla/5.0 (iPhone; CPU iPhone OS 17_0 like Mac OS X) AppleWebKit/605.1.15",
                System::Phone,
            ),
            ("", System::Unknown),
        ] {
            assert_eq!(System::from_user_agent(agent), system, "{agent}");
        }
    }

    #[test]
    fn each_system_has_its_hosts_file() {
        assert_eq!(System::Windows98.hosts_file(), Some(r"C:\WINDOWS\HOSTS"));
        let nt = r"C:\WINNT\system32\drivers\etc\hosts";
        assert_eq!(System::WindowsNt4.hosts_file(), Some(nt));
        assert_eq!(System::Windows2000.hosts_file(), Some(nt));
        let xp = r"C:\WINDOWS\system32\drivers\etc\hosts";
        assert_eq!(System::WindowsXp.hosts_file(), Some(xp));
        assert_eq!(System::Unknown.hosts_file(), None);
    }

    #[test]
    fn an_unknown_system_may_have_a_registry() {
        assert!(System::Unknown.has_registry() && !System::Unknown.can_remove_registry_values());
        assert!(!System::Unix.has_registry());
    }
}
