use super::{Finding, Subject, note, ok};
use crate::config::Config;
use rustix::process::{Resource, getrlimit};

/// Files that are no connections: listeners, the store, the log, what the system needs.
const OTHERS: u64 = 64;

/// Whether the system lets the server have as many connections as are configured.
pub(super) fn look(_: &Subject<'_>, config: &Config) -> Vec<Finding> {
    let connections = config.limits.connections;
    let needed = u64::try_from(connections).unwrap_or(u64::MAX).saturating_add(OTHERS);
    // The server raises its limit as far as it may.
    match getrlimit(Resource::Nofile).maximum {
        Some(limit) if limit < needed => vec![note(
            format!(
                "the system lets this user's programs open {limit} files, too few for \
                 {connections} connections"
            ),
            format!(
                "Run `ulimit -Hn {needed}` as root before the server, put LimitNOFILE={needed} into its \
                 unit, or lower `limits.connections`"
            ),
        )],
        Some(limit) => vec![ok(format!("{limit} are allowed, for {connections} connections"))],
        None => vec![ok("as many as there may be are allowed")],
    }
}
