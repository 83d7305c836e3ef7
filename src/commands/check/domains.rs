use super::{Finding, Subject, note, ok};
use crate::config::Config;
use actors::operator::is_ours;

/// Whether every client can sign in to the accounts that are made, and whether the greeter is among
/// them.
pub(super) fn look(_: &Subject<'_>, config: &Config) -> Vec<Finding> {
    let mut found = of_accounts(config);
    let stranger = config.greeters_handle().filter(|handle| !is_ours(handle, &config.domains));
    found.extend(stranger.map(|handle| {
        note(
            format!("the greeter is {handle}, and no accounts are made in {}", handle.domain()),
            "If that is a slip, name him without a domain in `greeter`, or with one of `domains`",
        )
    }));
    found
}

fn of_accounts(config: &Config) -> Vec<Finding> {
    let domains = config.domains.join(", ");
    if config.domains.iter().any(|domain| domain.eq_ignore_ascii_case("hotmail.com")) {
        return vec![ok(format!("accounts are made in {domains}"))];
    }
    vec![note(
        format!("accounts are made in {domains}; MSN Messenger 1.0 signs in with hotmail.com only"),
        "Add \"hotmail.com\" to `domains` if you have that client",
    )]
}
