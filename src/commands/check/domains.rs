use super::{Context, Finding, note, ok};
use crate::config::Config;
use actors::operator::is_in_domains;

/// Reports whether every client can sign in to the configured domains, and whether Greeter is in one of
/// them.
pub(super) fn check(_: &Context<'_>, config: &Config) -> Vec<Finding> {
    let mut found = check_new_accounts(config);
    let outside = config.greeter_handle().filter(|handle| !is_in_domains(handle, &config.domains));
    found.extend(outside.map(|handle| {
        note(
            format!("Greeter is {handle}, but {} is not in `domains`", handle.domain()),
            "If this is a mistake, set `handle` of `greeter` without a domain, or with one of \
             `domains`",
        )
    }));
    found
}

fn check_new_accounts(config: &Config) -> Vec<Finding> {
    let domains = config.domains.join(", ");
    if config.domains.iter().any(|domain| domain.eq_ignore_ascii_case("hotmail.com")) {
        return vec![ok(format!("new accounts can be in {domains}"))];
    }
    vec![note(
        format!("new accounts can be in {domains}; MSN Messenger 1.0 accepts hotmail.com only"),
        "Add \"hotmail.com\" to `domains` if you have that client",
    )]
}
