use super::names::BUILT_IN;
use super::{Family, ServerAddress, System};

/// The first line of a registry file that Windows 95 to XP import. A file with the other first
/// line, "Windows Registry Editor Version 5.00", needs Windows 2000 or later (Microsoft's article
/// 310516).
const HEADER: &str = "REGEDIT4";

/// Returns a registry file that points the clients of a family to this server, or `None` if the
/// server does not have the default port: the clients would not find it. Lines end with CRLF.
pub fn registry_file(family: Family, server: ServerAddress) -> Option<String> {
    server.has_default_port().then(|| {
        let value = family.value(&server.address.to_string());
        file_text(family, &format!("\"{value}\""))
    })
}

/// Returns a registry file that undoes [`registry_file`]. It is for a client that should connect to
/// another server. It also helps a client that keeps connecting to an old address: Windows
/// Messenger and MSN Messenger store the address that they used last in the same registry value.
///
/// The file removes the value by `"Server"=-`. For a system that does not support this line, the
/// file sets the value to the name that is built into the clients.
pub fn registry_reset_file(family: Family, system: System) -> String {
    if system.can_remove_registry_values() {
        file_text(family, "-")
    } else {
        file_text(family, &format!("\"{}\"", family.value(BUILT_IN)))
    }
}

/// `value` follows `"Server"=` as it is: a text in quotes, or `-`. The text needs no escapes, since
/// addresses and names have no quotes or backslashes.
fn file_text(family: Family, value: &str) -> String {
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
    fn older_clients_read_the_bare_address() {
        assert_eq!(
            registry_file(Family::Messenger, at(1863)).unwrap(),
            "REGEDIT4\r\n\r\n[HKEY_CURRENT_USER\\Software\\Microsoft\\MessengerService]\r\n\
             \"Server\"=\"192.168.1.10\"\r\n\r\n"
        );
    }

    #[test]
    fn newer_clients_read_a_list() {
        assert_eq!(
            registry_file(Family::Messenger5, at(1863)).unwrap(),
            "REGEDIT4\r\n\r\n[HKEY_CURRENT_USER\\Software\\Microsoft\\MSNMessenger]\r\n\
             \"Server\"=\"192.168.1.10;192.168.1.10:1863\"\r\n\r\n"
        );
    }

    #[test]
    fn another_port_has_no_registry_file() {
        for family in Family::ALL {
            assert_eq!(registry_file(family, at(2863)), None);
        }
    }

    #[test]
    fn a_reset_removes_the_value() {
        assert_eq!(
            registry_reset_file(Family::Messenger, System::Windows98),
            "REGEDIT4\r\n\r\n[HKEY_CURRENT_USER\\Software\\Microsoft\\MessengerService]\r\n\
             \"Server\"=-\r\n\r\n"
        );
    }

    #[test]
    fn a_reset_sets_the_built_in_name_where_values_cannot_be_removed() {
        for system in [System::Windows95, System::WindowsNt4] {
            assert_eq!(
                registry_reset_file(Family::Messenger, system),
                "REGEDIT4\r\n\r\n[HKEY_CURRENT_USER\\Software\\Microsoft\\MessengerService]\r\n\
                 \"Server\"=\"messenger.hotmail.com\"\r\n\r\n"
            );
        }
        assert_eq!(
            registry_reset_file(Family::Messenger5, System::Windows95),
            "REGEDIT4\r\n\r\n[HKEY_CURRENT_USER\\Software\\Microsoft\\MSNMessenger]\r\n\
             \"Server\"=\"messenger.hotmail.com;messenger.hotmail.com:1863\"\r\n\r\n"
        );
    }

    #[test]
    fn registry_files_are_ascii() {
        for family in Family::ALL {
            assert!(registry_file(family, at(1863)).unwrap().is_ascii());
        }
    }
}
