use super::{Finding, Subject, note, ok};
use crate::config::Config;

/// Whether every client can sign in to the accounts that are made.
pub(super) fn look(_: &Subject<'_>, config: &Config) -> Vec<Finding> {
    let domains = config.domains.join(", ");
    if config.domains.iter().any(|domain| domain.eq_ignore_ascii_case("hotmail.com")) {
        return vec![ok(format!("accounts are made in {domains}"))];
    }
    vec![note(
        format!("accounts are made in {domains}; MSN Messenger 1.0 signs in with hotmail.com only"),
        "Add \"hotmail.com\" to `domains` if you have that client",
    )]
}
