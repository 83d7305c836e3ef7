use super::{Context, Finding, note, ok};
use crate::config::Config;
use rustix::process::{Resource, getrlimit};

/// How many files the server has open besides connections, at most: listeners, the store, the log and others.
const OTHER_FILES: u64 = 64;

/// Reports whether the limit of open files allows the configured number of connections.
pub(super) fn check(_: &Context<'_>, config: &Config) -> Vec<Finding> {
    let connections = config.limits.connections;
    let needed = u64::try_from(connections).unwrap_or(u64::MAX).saturating_add(OTHER_FILES);
    // The server raises its soft limit to the hard limit.
    match getrlimit(Resource::Nofile).maximum {
        Some(limit) if limit < needed => vec![note(
            format!(
                "this user's programs may open {limit} files, too few for {connections} connections"
            ),
            format!(
                "Run `ulimit -Hn {needed}` as root before the server starts, put \
                 LimitNOFILE={needed} into its unit file, or lower `limits.connections`"
            ),
        )],
        Some(limit) => vec![ok(format!("{limit} allowed, enough for {connections} connections"))],
        None => vec![ok("no limit")],
    }
}
