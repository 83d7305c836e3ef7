use super::{friendly_name, full_handle};
use crate::cli::PasswordArgument;
use crate::config::Config;
use crate::failure::Failure;
use crate::{password, system};
use actors::port::Store;
use actors::port::store::{CreateError, NewAccount, Principal};
use msnp::ListVersion;
use store::File;

/// 2026-11-23: before that there was no server, so a clock that says so is wrong.
const EARLIEST: u64 = 1_795_392_000;

/// `user add`: makes an account in one of the configured domains.
pub(super) fn add(
    store: &File,
    config: &Config,
    handle: &str,
    name: Option<&str>,
    argument: &PasswordArgument,
) -> Result<(), Failure> {
    let handle = full_handle(handle, config)?;
    if !config.domains.iter().any(|domain| domain.eq_ignore_ascii_case(handle.domain())) {
        let domains = config.domains.join(", ");
        return Err(Failure::Other(format!(
            "accounts are made in {domains}, not in {}: see `domains` in the configuration",
            handle.domain()
        )));
    }
    let name = friendly_name(name.unwrap_or(handle.local()))?;
    let password = password::obtain(argument)?;
    let version = ListVersion::from_clock(system::now(), EARLIEST);
    let principal = Principal { handle: handle.clone(), name };
    match store.create(&NewAccount { principal, password: password.clone(), version }) {
        Ok(_) => {
            password::show_if_made_up(argument, &password);
            eprintln!("{handle} can sign in now");
            Ok(())
        }
        Err(CreateError::Exists) => Err(Failure::Other(format!(
            "there is an account {handle} already; `user passwd` gives it a new password"
        ))),
        Err(CreateError::Store(error)) => Err(error.into()),
    }
}
