use super::{Context, Finding, note, ok};
use crate::config::Config;
use crate::hints::DEFAULT_PORT;
use std::net::SocketAddrV4;

/// Reports whether the servers that clients need are configured, at the port that clients use.
pub(super) fn check(_: &Context<'_>, config: &Config) -> Vec<Finding> {
    check_servers(config)
}

fn check_servers(config: &Config) -> Vec<Finding> {
    let mut found: Vec<Finding> =
        [check_first(config), check_missing(config), check_ignored(config)]
            .into_iter()
            .flatten()
            .collect();
    if found.is_empty() {
        found.push(ok(format!("clients find every server, starting from port {DEFAULT_PORT}")));
    }
    found
}

/// Reports that the server to which clients connect first is not at the default port.
fn check_first(config: &Config) -> Option<Finding> {
    let is_other_port = |port: u16| port != DEFAULT_PORT && port != 0;
    let limitation = format!("MSN Messenger connects to port {DEFAULT_PORT} only");
    match (config.dispatch, config.notification) {
        (Some(dispatch), _) if is_other_port(dispatch.listen.port()) => Some(note(
            format!("clients must be set to port {}: {limitation}", dispatch.listen.port()),
            format!(
                "Set port {DEFAULT_PORT} for `dispatch`, or make your router forward that port here"
            ),
        )),
        (None, Some(notification)) if is_other_port(notification.listen.port()) => Some(note(
            format!(
                "no Dispatch Server: clients must be set to the Notification Server, port \
                 {}; {limitation}",
                notification.listen.port()
            ),
            "Set `dispatch`, unless the Dispatch Server of another machine refers clients here",
        )),
        _ => None,
    }
}

/// Reports a missing server.
fn check_missing(config: &Config) -> Option<Finding> {
    match (config.dispatch, config.notification, config.switchboard) {
        (_, Some(_), None) => {
            Some(note("no Switchboard Server: conversations are not possible", "Set `switchboard`"))
        }
        (None, None, _) => Some(note(
            "only a Switchboard Server: no one can sign in or be invited to it",
            "Set `notification`: a Switchboard Server accepts only users whom the Notification \
             Server of the same program invites",
        )),
        (Some(_), None, switchboard) => {
            let no_invitations = match switchboard {
                Some(_) => " or be invited to the Switchboard Server",
                None => "",
            };
            Some(note(
                format!(
                    "no Notification Server: no one can sign in here{no_invitations}; clients are \
                     referred to {}",
                    join_with_or(&config.notification_servers)
                ),
                "This is right if one runs there; else set `notification`",
            ))
        }
        (_, Some(_), Some(_)) => None,
    }
}

/// Reports other Notification Servers, which are ignored.
fn check_ignored(config: &Config) -> Option<Finding> {
    let warning = config.ignored_servers_warning()?;
    Some(note(warning, "Leave `notification_servers` empty"))
}

fn join_with_or(servers: &[SocketAddrV4]) -> String {
    let servers: Vec<String> = servers.iter().map(SocketAddrV4::to_string).collect();
    servers.join(" or ")
}

#[cfg(test)]
mod tests {
    use super::super::Verdict;
    use super::*;
    use crate::config::parse;

    fn findings(text: &str) -> Vec<(Verdict, String)> {
        let found = check_servers(&parse(text).unwrap());
        let fix_text = |fix: Option<String>| fix.map_or(String::new(), |fix| format!(". {fix}"));
        let text = |finding: Finding| (finding.verdict, finding.message + &fix_text(finding.fix));
        found.into_iter().map(text).collect()
    }

    #[test]
    fn by_default_clients_find_everything() {
        let words = "clients find every server, starting from port 1863".to_owned();
        let one =
            "(dispatch: (listen: \"0.0.0.0:1863\"), notification: (listen: \"0.0.0.0:1863\"))";
        let no_dispatch = "(dispatch: None, notification: (listen: \"0.0.0.0:1863\"))";
        for text in ["()", one, no_dispatch] {
            assert_eq!(findings(text), [(Verdict::Ok, words.clone())], "{text}");
        }
    }

    #[test]
    fn missing_servers_and_other_ports_are_noted() {
        for (text, words) in [
            (
                "(dispatch: (listen: \"0.0.0.0:2863\"))",
                "clients must be set to port 2863: MSN Messenger connects to port 1863 only. Set \
                 port 1863 for `dispatch`, or make your router forward that port here",
            ),
            (
                "(dispatch: None)",
                "no Dispatch Server: clients must be set to the Notification Server, port 1864; \
                 MSN Messenger connects to port 1863 only. Set `dispatch`, unless the Dispatch Server of \
                 another machine refers clients here",
            ),
            (
                "(switchboard: None)",
                "no Switchboard Server: conversations are not possible. Set `switchboard`",
            ),
            (
                "(dispatch: None, notification: None)",
                "only a Switchboard Server: no one can sign in or be invited to it. Set \
                 `notification`: a Switchboard Server accepts only users whom the Notification Server \
                 of the same program invites",
            ),
            (
                "(notification: None, notification_servers: [\"192.0.2.1:1864\", \
                 \"192.0.2.2:1864\"])",
                "no Notification Server: no one can sign in here or be invited to the Switchboard \
                 Server; clients are referred to 192.0.2.1:1864 or 192.0.2.2:1864. This is right if \
                 one runs there; else set `notification`",
            ),
            (
                "(notification: None, switchboard: None, notification_servers: \
                 [\"192.0.2.1:1864\"])",
                "no Notification Server: no one can sign in here; clients are referred to \
                 192.0.2.1:1864. This is right if one runs there; else set `notification`",
            ),
            (
                "(notification_servers: [\"192.0.2.1:1864\"])",
                "`notification_servers` is ignored, because there is a Notification Server here: they \
                 would share no accounts. Leave `notification_servers` empty",
            ),
        ] {
            assert_eq!(findings(text), [(Verdict::Note, words.to_owned())], "{text}");
        }
    }

    #[test]
    fn port_0_is_not_reported_as_another_port() {
        let text = "(dispatch: (listen: \"0.0.0.0:0\"))";
        assert_eq!(findings(text).first().map(|found| found.0), Some(Verdict::Ok));
    }
}
