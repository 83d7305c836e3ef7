use super::{NAMES, ServerAddress};

/// Returns the lines of a hosts file that point all names of the service to this server: one line
/// for each name, each ending in `\n`. They have no port: see [`ServerAddress::has_default_port`].
pub fn hosts_lines(server: ServerAddress) -> String {
    NAMES.map(|name| format!("{} {name}\n", server.address)).concat()
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::net::Ipv4Addr;

    #[test]
    fn each_name_has_a_line() {
        let server = ServerAddress { address: Ipv4Addr::new(10, 0, 0, 7), port: 1863 };
        assert_eq!(
            hosts_lines(server),
            "10.0.0.7 messenger.hotmail.com\n10.0.0.7 messenger.msn.com\n"
        );
    }
}
