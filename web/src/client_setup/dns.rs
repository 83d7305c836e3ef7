use super::{NAMES, ServerAddress};

/// A DNS server of a home network that can point the clients to this server. Then no computer needs
/// a change.
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

    /// Where to put its lines, in one sentence.
    pub fn goes(self) -> &'static str {
        match self {
            Resolver::Dnsmasq => {
                "Into a file of its own, such as /etc/dnsmasq.d/msnpd.conf; then restart dnsmasq."
            }
            Resolver::PiHole => {
                "On its page, under Local DNS, an entry for each line; or, in version 5, into \
                 /etc/pihole/custom.list, and then: pihole restartdns."
            }
            Resolver::AdGuardHome => "On its page, under Filters, into the custom filtering rules.",
            Resolver::Unbound => {
                "Into a file of its own, such as /etc/unbound/unbound.conf.d/msnpd.conf; then \
                 restart unbound."
            }
        }
    }

    /// The lines that point all names of the service to this server, with `\n`. They cannot contain
    /// a port: see [`ServerAddress::has_default_port`].
    pub fn lines(self, place: ServerAddress) -> String {
        let address = place.address;
        let each = |line: &dyn Fn(&str) -> String| NAMES.map(line).concat();
        match self {
            Resolver::Dnsmasq => each(&|name| format!("address=/{name}/{address}\n")),
            Resolver::PiHole => super::hosts(place),
            // One bar matches the name itself. Two would match all names below it, too.
            Resolver::AdGuardHome => {
                each(&|name| format!("|{name}^$dnsrewrite=NOERROR;A;{address}\n"))
            }
            Resolver::Unbound => format!(
                "server:\n{}",
                each(&|name| format!("    local-data: \"{name}. IN A {address}\"\n"))
            ),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::net::Ipv4Addr;

    fn said(by: Resolver) -> String {
        by.lines(ServerAddress { address: Ipv4Addr::new(192, 168, 1, 10), port: 1863 })
    }

    #[test]
    fn each_resolver_has_lines_of_its_own() {
        assert_eq!(
            said(Resolver::Dnsmasq),
            "address=/messenger.hotmail.com/192.168.1.10\n\
             address=/messenger.msn.com/192.168.1.10\n"
        );
        assert_eq!(
            said(Resolver::PiHole),
            "192.168.1.10 messenger.hotmail.com\n192.168.1.10 messenger.msn.com\n"
        );
        assert_eq!(
            said(Resolver::AdGuardHome),
            "|messenger.hotmail.com^$dnsrewrite=NOERROR;A;192.168.1.10\n\
             |messenger.msn.com^$dnsrewrite=NOERROR;A;192.168.1.10\n"
        );
        assert_eq!(
            said(Resolver::Unbound),
            "server:\n    local-data: \"messenger.hotmail.com. IN A 192.168.1.10\"\n    \
             local-data: \"messenger.msn.com. IN A 192.168.1.10\"\n"
        );
    }

    #[test]
    fn all_of_it_is_ascii() {
        for resolver in Resolver::ALL {
            assert!([resolver.title(), resolver.goes()].iter().all(|text| text.is_ascii()));
        }
    }
}
