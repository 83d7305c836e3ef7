//! Accounts in domains that are not in the configuration: the domain was removed from `domains`, or the
//! accounts were imported with `--any-domain`.

use crate::config::Config;
use crate::text::plural;
use actors::rules;
use msnp::Handle;
use std::collections::BTreeMap;

/// The maximum number of domains that are listed.
const MAX_LISTED: usize = 8;

/// Returns a line for each domain that has accounts and is not in `domains`, with the number of its
/// accounts. Greeter is not counted.
pub(crate) fn unconfigured(config: &Config, handles: impl Iterator<Item = Handle>) -> Vec<String> {
    let greeter = config.greeter_handle();
    let mut counts: BTreeMap<String, usize> = BTreeMap::new();
    for handle in handles.filter(|handle| Some(handle) != greeter.as_ref()) {
        if !rules::is_in_domains(&handle, &config.domains) {
            *counts.entry(handle.domain().to_owned()).or_default() += 1;
        }
    }
    let line = |(domain, count): (&String, &usize)| {
        let (s, are) = (plural(*count), if *count == 1 { "is" } else { "are" });
        format!(
            "{count} account{s} {are} in {domain}, which is not in `domains`: the user{s} can \
             sign in, but no new accounts can be created there"
        )
    };
    let mut lines: Vec<String> = counts.iter().take(MAX_LISTED).map(line).collect();
    match counts.len().saturating_sub(MAX_LISTED) {
        0 => {}
        1 => lines.push("1 more domain with accounts is not in `domains`".to_owned()),
        more => lines.push(format!("{more} more domains with accounts are not in `domains`")),
    }
    lines
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lines(handles: &[String]) -> Vec<String> {
        let config = crate::config::parse(
            "(domains: [\"here.org\"], greeter: (handle: \"otto@there.org\"))",
        );
        unconfigured(&config.unwrap(), handles.iter().map(|handle| Handle::new(handle).unwrap()))
    }

    #[test]
    fn a_domain_that_is_not_configured_is_named_with_its_number_of_accounts() {
        let handles = |text: &str| text.split(' ').map(str::to_owned).collect::<Vec<_>>();
        assert!(lines(&handles("alice@here.org bob@HERE.org otto@there.org")).is_empty());
        assert_eq!(
            lines(&handles("alice@there.org otto@there.org bob@old.org carol@old.org")),
            [
                "2 accounts are in old.org, which is not in `domains`: the users can sign in, but \
                 no new accounts can be created there",
                "1 account is in there.org, which is not in `domains`: the user can sign in, but \
                 no new accounts can be created there",
            ]
        );
        let many: Vec<String> =
            (0..MAX_LISTED + 2).map(|number| format!("a@d{number}.org")).collect();
        assert_eq!(lines(&many).len(), MAX_LISTED + 1);
        assert_eq!(lines(&many)[MAX_LISTED], "2 more domains with accounts are not in `domains`");
    }
}
