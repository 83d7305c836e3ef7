use super::names::BUILT_IN;
use super::{Family, ServerAddress, System};

/// The first line of registry files that all of Windows 95 to XP import; "Windows Registry Editor
/// Version 5.00" is for Windows 2000 and later only (Microsoft's article 310516).
const HEADER: &str = "REGEDIT4";

/// A registry file that leads the clients of a family here. `None` if the server is on a port that no
/// value of this family can say. ASCII, with CRLF.
pub fn set(family: Family, place: ServerAddress) -> Option<String> {
    place.has_default_port().then(|| {
        let value = family.value(&place.address.to_string());
        file(family, &format!("\"{value}\""))
    })
}

/// A registry file that takes it back, for a client that is to find another server, or keeps dialling
/// an old address: Windows Messenger and MSN Messenger keep the last one there. It removes the value;
/// where `"Server"=-` is not understood, it sets the name that is built into the clients.
pub fn reset(family: Family, system: System) -> String {
    if system.removes_values() {
        file(family, "-")
    } else {
        file(family, &format!("\"{}\"", family.value(BUILT_IN)))
    }
}

/// An address or a name has neither quotes nor backslashes: nothing is to be escaped.
fn file(family: Family, value: &str) -> String {
    format!("{HEADER}\r\n\r\n[{}]\r\n\"Server\"={value}\r\n\r\n", family.key())
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::net::Ipv4Addr;

    fn at(port: u16) -> ServerAddress {
        ServerAddress { address: Ipv4Addr::new(192, 168, 1, 10), port }
    }

    #[test]
    fn the_older_clients_have_the_bare_address() {
        assert_eq!(
            set(Family::Messenger, at(1863)).unwrap(),
            "REGEDIT4\r\n\r\n[HKEY_CURRENT_USER\\Software\\Microsoft\\MessengerService]\r\n\
             \"Server\"=\"192.168.1.10\"\r\n\r\n"
        );
    }

    #[test]
    fn the_newer_clients_have_a_list() {
        assert_eq!(
            set(Family::Messenger5, at(1863)).unwrap(),
            "REGEDIT4\r\n\r\n[HKEY_CURRENT_USER\\Software\\Microsoft\\MSNMessenger]\r\n\
             \"Server\"=\"192.168.1.10;192.168.1.10:1863\"\r\n\r\n"
        );
    }

    #[test]
    fn a_port_that_cannot_be_said_is_not_left_out() {
        for family in Family::ALL {
            assert_eq!(set(family, at(2863)), None);
        }
    }

    #[test]
    fn it_can_be_taken_back() {
        assert_eq!(
            reset(Family::Messenger, System::Windows98),
            "REGEDIT4\r\n\r\n[HKEY_CURRENT_USER\\Software\\Microsoft\\MessengerService]\r\n\
             \"Server\"=-\r\n\r\n"
        );
    }

    #[test]
    fn where_values_cannot_be_removed_the_built_in_name_is_set() {
        for system in [System::Windows95, System::WindowsNt4] {
            assert_eq!(
                reset(Family::Messenger, system),
                "REGEDIT4\r\n\r\n[HKEY_CURRENT_USER\\Software\\Microsoft\\MessengerService]\r\n\
                 \"Server\"=\"messenger.hotmail.com\"\r\n\r\n"
            );
        }
        assert_eq!(
            reset(Family::Messenger5, System::Windows95),
            "REGEDIT4\r\n\r\n[HKEY_CURRENT_USER\\Software\\Microsoft\\MSNMessenger]\r\n\
             \"Server\"=\"messenger.hotmail.com;messenger.hotmail.com:1863\"\r\n\r\n"
        );
    }

    #[test]
    fn the_files_are_ansi() {
        for family in Family::ALL {
            assert!(set(family, at(1863)).unwrap().is_ascii());
        }
    }
}
