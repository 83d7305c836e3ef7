use super::{Context, Finding, capitalize, is_open_to_others, note, ok, wrong};
use crate::config::Config;
use crate::error::{STORE, STORE_UNAVAILABLE, store_fix};
use crate::{domains, running};
use ::store::File;
use actors::greeter::is_marked;
use actors::port::store::Detail;
use actors::port::{IntegrityReport, Store, StoreError};
use actors::stats::{AccountCount, UnwritableStore, span};
use msnp::Handle;
use std::path::Path;

/// Reports whether the store can be opened with its key. Does not create a missing store.
pub(super) fn check(context: &Context<'_>) -> Vec<Finding> {
    let file = context.data.join("msnpd.redb");
    let shown = file.display();
    if !file.exists() {
        return vec![ok(format!("{shown} does not exist yet; the first start creates it"))];
    }
    if !context.data.join("msnpd.key").exists() {
        // The check of the key reports this. Opening the store here could create a new key.
        return Vec::new();
    }
    let mut found = Vec::new();
    if is_open_to_others(&file, 0o077) {
        found.push(wrong(
            STORE,
            format!("other users can read or change {shown}"),
            format!("Run `chmod 600 {shown}`"),
        ));
    }
    if context.is_running {
        found.push(check_in_use(context, &file));
        found.extend(check_domains_of_running(context));
        return found;
    }
    let opened = File::open_or_read_only(&context.data);
    match opened.and_then(|store| Ok((store.verify_integrity()?, store))) {
        Ok((IntegrityReport { accounts, faults, .. }, store)) if faults.is_empty() => {
            let config = context.loaded.as_ref().ok().map(|loaded| &loaded.config);
            let accounts = AccountCount::new(accounts, has_greeter(&store, config));
            found.push(ok(format!("{shown} has no faults and contains {accounts}")));
            found.extend(config.map(|config| check_domains(&store, config)).unwrap_or_default());
        }
        Ok((IntegrityReport { faults, .. }, _)) => found.extend(faults.into_iter().map(|fault| {
            let fix = "Restore a backup with `msnpd restore FILE`, or use `msnpd export` and then \
                       `msnpd import` into a new folder";
            wrong(STORE, fault, fix)
        })),
        Err(StoreError::Locked(_)) => found.push(wrong(
            STORE,
            format!("{shown} is in use by a process that does not answer as a server"),
            format!("Wait for it to end, or stop it; `fuser {shown}` shows it"),
        )),
        Err(error) => found.push(wrong(STORE, error.to_string(), capitalize(store_fix(&error)))),
    }
    found
}

/// Reports whether the running server can write its store.
fn check_in_use(context: &Context<'_>, file: &Path) -> Finding {
    let shown = file.display();
    let status = context.status.as_ref();
    match status.and_then(|status| status.unwritable.as_ref()) {
        None => ok(format!("{shown} is in use by the running server")),
        Some(UnwritableStore { seconds, why }) => wrong(
            STORE_UNAVAILABLE,
            format!(
                "{shown} is in use by the running server, which has been unable to write it for \
                 {}: {why}; it refuses changes, and everything else works",
                span(*seconds)
            ),
            "See `dmesg` for what happened to the disk. When it can be written again, the server \
             accepts changes without a restart",
        ),
    }
}

/// Whether Greeter has an account.
fn has_greeter(store: &File, config: Option<&Config>) -> bool {
    let Some(greeter) = config.and_then(Config::greeter_handle) else { return false };
    let mut account = None;
    let search = store.principals(&mut |id, principal| {
        if principal.handle == greeter {
            account = Some(id);
        }
    });
    let account = account.filter(|_| search.is_ok());
    let roster = account.and_then(|account| store.roster(account, Detail::Lists).ok());
    roster.is_some_and(|roster| is_marked(&roster))
}

/// Reports domains of accounts that are not in the configuration.
fn check_domains(store: &File, config: &Config) -> Vec<Finding> {
    let mut handles = Vec::new();
    // Accounts that cannot be read were reported as faults already.
    let _ = store.principals(&mut |_, principal| handles.push(principal.handle));
    report_unconfigured(config, handles.into_iter())
}

/// Like [`check_domains`], for the accounts of the running server. Reports nothing if the server does not
/// answer.
fn check_domains_of_running(context: &Context<'_>) -> Vec<Finding> {
    let Ok(loaded) = context.loaded else { return Vec::new() };
    let handles = running::handles(&context.data).unwrap_or_default();
    report_unconfigured(
        &loaded.config,
        handles.iter().filter_map(|handle| Handle::new(handle).ok()),
    )
}

fn report_unconfigured(config: &Config, handles: impl Iterator<Item = Handle>) -> Vec<Finding> {
    let lines = domains::unconfigured(config, handles);
    let fix = "To create new accounts there, add the domain to `domains`";
    lines.into_iter().map(|line| note(line, fix)).collect()
}
