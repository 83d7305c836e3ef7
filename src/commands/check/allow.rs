use super::{Context, Finding, note, ok};
use crate::config::Config;
use crate::hints;
use ipnet::Ipv4Net;
use std::net::IpAddr;

/// Reports who may connect from a public address.
pub(super) fn check(_: &Context<'_>, config: &Config) -> Vec<Finding> {
    check_on(config, &hints::own_networks())
}

/// Checks a configuration for a machine in these networks.
fn check_on(config: &Config, own_networks: &[Ipv4Net]) -> Vec<Finding> {
    let mut found = vec![ok(match config.allow.len() {
        0 => "only private addresses may connect".to_owned(),
        1 => "private addresses and one allowed network may connect".to_owned(),
        count => format!("private addresses and {count} allowed networks may connect"),
    })];
    for network in config.allow.iter().filter(|network| network.prefix_len() == 0) {
        found.push(note(
            format!("every address on the internet may connect: `allow` contains {network}"),
            "List only the networks that you trust, unless this is intended: everything except \
             passwords is sent unencrypted",
        ));
    }
    for network in hints::denied_networks(own_networks, &config.allow) {
        if is_listened_on(config, network.addr().into()) {
            found.push(note(
                format!(
                    "this machine's address {} is public: connections from its network and from \
                     this machine itself are refused",
                    network.addr()
                ),
                format!("Add \"{}\" to `allow` if that network is yours", network.trunc()),
            ));
        }
    }
    found
}

/// Whether a server of this configuration listens on the address.
fn is_listened_on(config: &Config, address: IpAddr) -> bool {
    let mut listen_addresses =
        config.listeners().map(|listener| listener.listen.ip().to_canonical());
    listen_addresses.any(|listen| listen == address || listen.is_unspecified())
}

#[cfg(test)]
mod tests {
    use super::super::Verdict;
    use super::*;
    use crate::config::parse;

    /// Returns all findings except the first, which is about private addresses.
    fn notes(config: &str, own: &str) -> Vec<String> {
        let own: Vec<Ipv4Net> = own.split(' ').map(|one| one.parse().unwrap()).collect();
        let mut found = check_on(&parse(config).unwrap(), &own);
        assert_eq!(found.remove(0).verdict, Verdict::Ok);
        assert!(found.iter().all(|finding| finding.verdict == Verdict::Note));
        found.into_iter().map(|found| found.message + ". " + &found.fix.unwrap()).collect()
    }

    #[test]
    fn a_public_address_is_noted_with_its_network() {
        let words = "this machine's address 203.0.113.5 is public: connections from its network \
                     and from this machine itself are refused. Add \"203.0.113.0/24\" to `allow` if \
                     that network is yours";
        assert_eq!(notes("()", "203.0.113.5/24 192.168.1.10/24"), [words]);
        assert_eq!(notes("(allow: [\"198.51.100.0/24\"])", "203.0.113.5/24"), [words]);
        assert!(notes("(allow: [\"203.0.113.0/24\"])", "203.0.113.5/24").is_empty());
        assert!(notes("()", "10.0.0.1/8 169.254.3.4/16 100.64.0.9/10").is_empty());
    }

    #[test]
    fn a_public_address_that_is_not_listened_on_is_not_noted() {
        let text = |listen: &str| {
            format!(
                "(dispatch: None, switchboard: None, notification: (listen: \"{listen}:1863\"))"
            )
        };
        for (listen, count) in
            [("127.0.0.1", 0), ("192.168.1.10", 0), ("203.0.113.5", 1), ("[::]", 1)]
        {
            let noted = notes(&text(listen), "203.0.113.5/24 192.168.1.10/24");
            assert_eq!(noted.len(), count, "{listen}: {noted:?}");
        }
    }

    #[test]
    fn an_allowed_internet_is_noted() {
        for internet in ["0.0.0.0/0", "::/0"] {
            let config = format!("(allow: [\"{internet}\", \"203.0.113.0/24\"])");
            let noted = notes(&config, "192.168.1.10/24");
            let words = format!(
                "every address on the internet may connect: `allow` contains {internet}. List only \
                 the networks that you trust, unless this is intended: everything except passwords \
                 is sent unencrypted"
            );
            assert_eq!(noted, [words]);
        }
    }
}
