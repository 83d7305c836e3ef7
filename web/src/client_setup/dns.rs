use super::{NAMES, ServerAddress};

/// A DNS server of a home network that can point the clients to this server, so that their
/// computers need no changes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Resolver {
    /// dnsmasq, which OpenWrt and many routers use.
    Dnsmasq,
    /// Pi-hole.
    PiHole,
    /// AdGuard Home.
    AdGuardHome,
    /// Unbound, which OPNsense and pfSense use.
    Unbound,
}

impl Resolver {
    /// All resolvers.
    pub const ALL: [Resolver; 4] =
        [Resolver::Dnsmasq, Resolver::PiHole, Resolver::AdGuardHome, Resolver::Unbound];

    /// The name of the software.
    pub fn title(self) -> &'static str {
        match self {
            Resolver::Dnsmasq => "dnsmasq",
            Resolver::PiHole => "Pi-hole",
            Resolver::AdGuardHome => "AdGuard Home",
            Resolver::Unbound => "Unbound",
        }
    }

    /// Where to put the [lines](Resolver::lines).
    pub fn instructions(self) -> &'static str {
        match self {
            Resolver::Dnsmasq => {
                "Put the lines into a new file, such as /etc/dnsmasq.d/msnpd.conf, and restart \
                 dnsmasq."
            }
            Resolver::PiHole => {
                "On its web page, add an entry for each line under Local DNS. In version 5, you \
                 can also put the lines into /etc/pihole/custom.list and run: pihole restartdns."
            }
            Resolver::AdGuardHome => {
                "On its web page, add the lines to the custom filtering rules under Filters."
            }
            Resolver::Unbound => {
                "Put the lines into a new file, such as /etc/unbound/unbound.conf.d/msnpd.conf, \
                 and restart unbound."
            }
        }
    }

    /// The lines that point all names of the service to this server, each ending in `\n`. They have
    /// no port: see [`ServerAddress::has_default_port`].
    pub fn lines(self, server: ServerAddress) -> String {
        let address = server.address;
        let for_each_name = |line: &dyn Fn(&str) -> String| NAMES.map(line).concat();
        match self {
            Resolver::Dnsmasq => for_each_name(&|name| format!("address=/{name}/{address}\n")),
            Resolver::PiHole => super::hosts_lines(server),
            // `|name^` matches the name alone. `||name^` would match all its subdomains, too.
            Resolver::AdGuardHome => {
                for_each_name(&|name| format!("|{name}^$dnsrewrite=NOERROR;A;{address}\n"))
            }
            Resolver::Unbound => format!(
                "server:\n{}",
                for_each_name(&|name| format!("    local-data: \"{name}. IN A {address}\"\n"))
            ),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::net::Ipv4Addr;

    fn lines_of(resolver: Resolver) -> String {
        resolver.lines(ServerAddress { address: Ipv4Addr::new(192, 168, 1, 10), port: 1863 })
    }

    #[test]
    fn each_resolver_has_its_own_lines() {
        assert_eq!(
            lines_of(Resolver::Dnsmasq),
            "address=/messenger.hotmail.com/192.168.1.10\n\
             address=/messenger.msn.com/192.168.1.10\n"
        );
        assert_eq!(
            lines_of(Resolver::PiHole),
            "192.168.1.10 messenger.hotmail.com\n192.168.1.10 messenger.msn.com\n"
        );
        assert_eq!(
            lines_of(Resolver::AdGuardHome),
            "|messenger.hotmail.com^$dnsrewrite=NOERROR;A;192.168.1.10\n\
             |messenger.msn.com^$dnsrewrite=NOERROR;A;192.168.1.10\n"
        );
        assert_eq!(
            lines_of(Resolver::Unbound),
            "server:\n    local-data: \"messenger.hotmail.com. IN A 192.168.1.10\"\n    \
             local-data: \"messenger.msn.com. IN A 192.168.1.10\"\n"
        );
    }

    #[test]
    fn all_texts_are_ascii() {
        for resolver in Resolver::ALL {
            assert!([resolver.title(), resolver.instructions()].iter().all(|text| text.is_ascii()));
        }
    }
}
