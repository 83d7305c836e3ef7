use super::{Finding, Subject, note, ok};
use crate::config::Config;
use crate::hints;
use ipnet::Ipv4Net;
use std::net::IpAddr;

/// Who may connect from a public address.
pub(super) fn look(_: &Subject<'_>, config: &Config) -> Vec<Finding> {
    look_from(config, &hints::networks())
}

/// The same for a machine in these networks.
fn look_from(config: &Config, own: &[Ipv4Net]) -> Vec<Finding> {
    let mut found = vec![ok(match config.allow.len() {
        0 => "private addresses may connect, and no others".to_owned(),
        1 => "private addresses may connect, and those in one network".to_owned(),
        count => format!("private addresses may connect, and those in {count} networks"),
    })];
    for network in config.allow.iter().filter(|network| network.prefix_len() == 0) {
        found.push(note(
            format!("everybody on the internet may connect: `allow` has {network}"),
            "Name only the networks of those who may, unless you mean it: nothing but the password \
             is kept from whoever listens on the way",
        ));
    }
    for network in hints::shut_out(own, &config.allow) {
        if is_listened_on(config, network.addr().into()) {
            found.push(note(
                format!(
                    "this machine's address {} is public: machines in its network, and this one \
                     through it, are turned away",
                    network.addr()
                ),
                format!("Add \"{}\" to `allow` if they are yours", network.trunc()),
            ));
        }
    }
    found
}

fn is_listened_on(config: &Config, address: IpAddr) -> bool {
    config
        .listeners()
        .map(|listener| listener.listen.ip().to_canonical())
        .any(|listened| listened == address || listened.is_unspecified())
}

#[cfg(test)]
mod tests {
    use super::super::Verdict;
    use super::*;
    use crate::config::parse;

    /// What is found beyond that private addresses may connect.
    fn noted(config: &str, own: &str) -> Vec<String> {
        let own: Vec<Ipv4Net> = own.split(' ').map(|one| one.parse().unwrap()).collect();
        let mut found = look_from(&parse(config).unwrap(), &own);
        assert_eq!(found.remove(0).verdict, Verdict::Ok);
        assert!(found.iter().all(|finding| finding.verdict == Verdict::Note));
        found.into_iter().map(|found| found.words + ". " + &found.mend.unwrap()).collect()
    }

    #[test]
    fn a_public_address_is_noted_with_its_network() {
        let words = "this machine's address 203.0.113.5 is public: machines in its network, and this \
                     one through it, are turned away. Add \"203.0.113.0/24\" to `allow` if they are \
                     yours";
        assert_eq!(noted("()", "203.0.113.5/24 192.168.1.10/24"), [words]);
        assert_eq!(noted("(allow: [\"198.51.100.0/24\"])", "203.0.113.5/24"), [words]);
        assert!(noted("(allow: [\"203.0.113.0/24\"])", "203.0.113.5/24").is_empty());
        assert!(noted("()", "10.0.0.1/8 169.254.3.4/16 100.64.0.9/10").is_empty());
    }

    #[test]
    fn an_address_that_nobody_can_connect_to_is_not() {
        let text = |listen: &str| {
            format!(
                "(dispatch: None, switchboard: None, notification: (listen: \"{listen}:1863\"))"
            )
        };
        for (listen, count) in
            [("127.0.0.1", 0), ("192.168.1.10", 0), ("203.0.113.5", 1), ("[::]", 1)]
        {
            let noted = noted(&text(listen), "203.0.113.5/24 192.168.1.10/24");
            assert_eq!(noted.len(), count, "{listen}: {noted:?}");
        }
    }

    #[test]
    fn everybody_is_noted() {
        for everybody in ["0.0.0.0/0", "::/0"] {
            let config = format!("(allow: [\"{everybody}\", \"203.0.113.0/24\"])");
            let noted = noted(&config, "192.168.1.10/24");
            let words = format!(
                "everybody on the internet may connect: `allow` has {everybody}. Name only the \
                 networks of those who may, unless you mean it: nothing but the password is kept \
                 from whoever listens on the way"
            );
            assert_eq!(noted, [words]);
        }
    }
}
