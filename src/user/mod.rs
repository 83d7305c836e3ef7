//! `msnpd user`: accounts, while the server is stopped. One verb, one file.

mod add;
mod list;
mod passwd;
mod remove;
mod rename;

use crate::cli::UserVerb;
use crate::config::Config;
use crate::failure::Failure;
use actors::port::Store;
use actors::port::store::{AccountId, Principal};
use msnp::{FriendlyName, Handle};
use store::File;

/// Carries out a verb.
pub(crate) fn user(verb: &UserVerb, config: &Config) -> Result<(), Failure> {
    let store = File::open(&config.data)?;
    match verb {
        UserVerb::Add { handle, name, password } => {
            add::add(&store, config, &handle.handle, name.as_deref(), password)
        }
        UserVerb::Passwd { handle, password } => {
            passwd::passwd(&store, &full_handle(&handle.handle, config)?, password)
        }
        UserVerb::Rename { handle, name } => {
            rename::rename(&store, &full_handle(&handle.handle, config)?, name)
        }
        UserVerb::Remove { handle } => {
            remove::remove(&store, &full_handle(&handle.handle, config)?)
        }
        UserVerb::List { json } => list::list(&store, *json),
    }
}

/// The handle that is meant: without a domain the first configured one is taken.
fn full_handle(text: &str, config: &Config) -> Result<Handle, Failure> {
    let handle = match config.domains.first() {
        Some(domain) if !text.contains('@') => Handle::new(&format!("{text}@{domain}")),
        _ => Handle::new(text),
    };
    handle.map_err(|error| Failure::Other(format!("{text:?} is not a user handle: {error}")))
}

fn friendly_name(text: &str) -> Result<FriendlyName, Failure> {
    FriendlyName::new(text)
        .map_err(|error| Failure::Other(format!("{text:?} is not a friendly name: {error}")))
}

/// All accounts, by handle.
fn accounts(store: &File) -> Result<Vec<(AccountId, Principal)>, Failure> {
    let mut accounts = Vec::new();
    store.principals(&mut |account, principal| accounts.push((account, principal)))?;
    accounts.sort_by(|(_, one), (_, other)| one.handle.cmp(&other.handle));
    Ok(accounts)
}

fn find(store: &File, handle: &Handle) -> Result<AccountId, Failure> {
    let all = accounts(store)?;
    let found = all.into_iter().find(|(_, principal)| principal.handle == *handle);
    found
        .map(|(account, _)| account)
        .ok_or_else(|| Failure::Other(format!("there is no account {handle}")))
}
