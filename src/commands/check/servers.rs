use super::{Finding, Subject, note, ok};
use crate::config::Config;
use crate::hints::DEFAULT_PORT;
use std::net::SocketAddrV4;

/// Whether there is all that clients need, where they look for it.
pub(super) fn look(_: &Subject<'_>, config: &Config) -> Vec<Finding> {
    look_at(config)
}

fn look_at(config: &Config) -> Vec<Finding> {
    let mut found: Vec<Finding> =
        [first(config), missing(config), shared(config)].into_iter().flatten().collect();
    if found.is_empty() {
        found.push(ok(format!("clients find all that they need from port {DEFAULT_PORT} on")));
    }
    found
}

/// The server that clients dial first.
fn first(config: &Config) -> Option<Finding> {
    let is_other = |port: u16| port != DEFAULT_PORT && port != 0;
    let only = format!("MSN Messenger dials {DEFAULT_PORT} and no other");
    match (config.dispatch, config.notification) {
        (Some(dispatch), _) if is_other(dispatch.listen.port()) => Some(note(
            format!("clients must be set to port {}: {only}", dispatch.listen.port()),
            format!(
                "Set port {DEFAULT_PORT} for `dispatch`, or have your router forward that one here"
            ),
        )),
        (None, Some(notification)) if is_other(notification.listen.port()) => Some(note(
            format!(
                "there is no Dispatch Server: clients must be set to the Notification Server, port \
                 {}; {only}",
                notification.listen.port()
            ),
            "Set `dispatch`, unless the Dispatch Server of another machine refers clients here",
        )),
        _ => None,
    }
}

/// A server without which something does not work.
fn missing(config: &Config) -> Option<Finding> {
    match (config.dispatch, config.notification, config.switchboard) {
        (_, Some(_), None) => Some(note(
            "there is no Switchboard Server: nobody can have a conversation",
            "Set `switchboard`",
        )),
        (None, None, _) => Some(note(
            "there is only a Switchboard Server: nobody can sign in, nor be invited to it",
            "Set `notification`: a Switchboard Server takes only whom the Notification Server of \
             the same program invites",
        )),
        (Some(_), None, switchboard) => {
            let beside = match switchboard {
                Some(_) => ", nor be invited to the Switchboard Server",
                None => "",
            };
            Some(note(
                format!(
                    "there is no Notification Server: nobody can sign in here{beside}; clients are \
                     referred to {}",
                    list(&config.notification_servers)
                ),
                "Fine if one runs there; else set `notification`",
            ))
        }
        (_, Some(_), Some(_)) => None,
    }
}

/// More Notification Servers than its own, which know nothing of each other.
fn shared(config: &Config) -> Option<Finding> {
    if config.dispatch.is_none() || config.notification.is_none() {
        return None;
    }
    if config.notification_servers.is_empty() {
        return None;
    }
    Some(note(
        format!(
            "each principal is referred either to the Notification Server here or to {}, and always \
             to the same one: they share no accounts, and who is on one does not see who is on \
             another",
            list(&config.notification_servers)
        ),
        "Leave `notification_servers` empty, unless you mean that",
    ))
}

fn list(servers: &[SocketAddrV4]) -> String {
    let servers: Vec<String> = servers.iter().map(SocketAddrV4::to_string).collect();
    servers.join(" or ")
}

#[cfg(test)]
mod tests {
    use super::super::Verdict;
    use super::*;
    use crate::config::parse;

    fn said(text: &str) -> Vec<(Verdict, String)> {
        let found = look_at(&parse(text).unwrap());
        let words = |mend: Option<String>| mend.map_or(String::new(), |mend| format!(". {mend}"));
        found.into_iter().map(|found| (found.verdict, found.words + &words(found.mend))).collect()
    }

    #[test]
    fn by_default_clients_find_everything() {
        let words = "clients find all that they need from port 1863 on".to_owned();
        let one =
            "(dispatch: (listen: \"0.0.0.0:1863\"), notification: (listen: \"0.0.0.0:1863\"))";
        let no_dispatch = "(dispatch: None, notification: (listen: \"0.0.0.0:1863\"))";
        for text in ["()", one, no_dispatch] {
            assert_eq!(said(text), [(Verdict::Ok, words.clone())], "{text}");
        }
    }

    #[test]
    fn what_does_not_work_is_noted() {
        for (text, words) in [
            (
                "(dispatch: (listen: \"0.0.0.0:2863\"))",
                "clients must be set to port 2863: MSN Messenger dials 1863 and no other. Set port \
                 1863 for `dispatch`, or have your router forward that one here",
            ),
            (
                "(dispatch: None)",
                "there is no Dispatch Server: clients must be set to the Notification Server, port \
                 1864; MSN Messenger dials 1863 and no other. Set `dispatch`, unless the Dispatch \
                 Server of another machine refers clients here",
            ),
            (
                "(switchboard: None)",
                "there is no Switchboard Server: nobody can have a conversation. Set `switchboard`",
            ),
            (
                "(dispatch: None, notification: None)",
                "there is only a Switchboard Server: nobody can sign in, nor be invited to it. Set \
                 `notification`: a Switchboard Server takes only whom the Notification Server of \
                 the same program invites",
            ),
            (
                "(notification: None, notification_servers: [\"192.0.2.1:1864\", \"192.0.2.2:1864\"])",
                "there is no Notification Server: nobody can sign in here, nor be invited to the \
                 Switchboard Server; clients are referred to 192.0.2.1:1864 or 192.0.2.2:1864. Fine \
                 if one runs there; else set `notification`",
            ),
            (
                "(notification: None, switchboard: None, notification_servers: [\"192.0.2.1:1864\"])",
                "there is no Notification Server: nobody can sign in here; clients are referred to \
                 192.0.2.1:1864. Fine if one runs there; else set `notification`",
            ),
            (
                "(notification_servers: [\"192.0.2.1:1864\"])",
                "each principal is referred either to the Notification Server here or to \
                 192.0.2.1:1864, and always to the same one: they share no accounts, and who is on \
                 one does not see who is on another. Leave `notification_servers` empty, unless you \
                 mean that",
            ),
        ] {
            assert_eq!(said(text), [(Verdict::Note, words.to_owned())], "{text}");
        }
    }

    #[test]
    fn a_port_that_the_system_chooses_is_no_other_port() {
        let text = "(dispatch: (listen: \"0.0.0.0:0\"))";
        assert_eq!(said(text).first().map(|found| found.0), Some(Verdict::Ok));
    }
}
