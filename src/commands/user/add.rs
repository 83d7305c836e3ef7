use super::{friendly_name, full, handle_of, of_greeter};
use crate::cli::PasswordArgument;
use crate::config::{Config, Loaded};
use crate::control::Control;
use crate::control::client::{Client, Needs};
use crate::control::wire::{Answer, Request, Secret};
use crate::error::CommandError;
use crate::running::is_running;
use crate::{commands, password};
use actors::operator::{self, SELF_TEST};
use actors::port::store::{CreateError, Principal};
use actors::rules;
use msnp::Handle;

/// `user add`: makes an account in one of the configured domains.
pub(super) async fn run(
    loaded: &Loaded,
    handle: &str,
    name: Option<&str>,
    argument: &PasswordArgument,
) -> Result<(), CommandError> {
    // Nobody types a password for what cannot be an account.
    look(&loaded.config, handle, name)?;
    // While somebody types, nobody else could open the store of a server that is stopped.
    let early = match is_running(&loaded.config.data) {
        true => None,
        false => Some(password::obtain(argument)?),
    };
    let mut client = Client::connect(loaded, Needs::Folder).await?;
    let request = |password| Request::UserAdd {
        handle: handle.to_owned(),
        name: name.map(str::to_owned),
        password,
    };
    let password = match early {
        Some(password) => password,
        None => {
            client.ask(&request(None)).await?;
            password::obtain(argument)?
        }
    };
    let answer = client.ask(&request(Some(Secret::new(password.as_str())))).await?;
    commands::say(&answer);
    password::show_if_made_up(argument, password.as_str(), "user passwd")
}

/// Makes it. Without a password nothing is done, but what speaks against it is said.
pub(in crate::commands) async fn serve(
    control: &Control,
    handle: &str,
    name: Option<&str>,
    password: Option<&Secret>,
) -> Result<Answer, CommandError> {
    let _one_at_a_time = control.changes.lock().await;
    let Principal { handle, name } = look(&control.loaded.borrow().config, handle, name)?;
    let exists = || {
        CommandError::Other(format!(
            "there is an account {handle} already; `user passwd` gives it a new password"
        ))
    };
    if control.node.directory.find(&handle).is_some() {
        return Err(exists());
    }
    let Some(password) = password else { return Ok(Answer::Words(String::new())) };
    let password = password::check(password.as_str())?;
    let principal = Principal { handle: handle.clone(), name };
    match operator::create(control.node.clone(), principal, password).await {
        Ok(_) => {
            log::info!("account {handle} is made");
            Ok(Answer::Words(format!("{handle} can sign in {}", when(control))))
        }
        Err(CreateError::Exists) => Err(exists()),
        Err(CreateError::Store(error)) => Err(error.into()),
    }
}

/// Who it would be, if the configuration has nothing against it.
fn look(config: &Config, handle: &str, name: Option<&str>) -> Result<Principal, CommandError> {
    let handle = handle_of(config, handle)?;
    if let Some(domains) = others(config, &handle) {
        return Err(CommandError::Other(format!(
            "accounts are made in {domains}, not in {}: see `domains` in the configuration",
            handle.domain()
        )));
    }
    if let Err(error) = rules::check_new_handle(&handle) {
        return Err(CommandError::Other(format!("{handle} cannot be a new account: {error}")));
    }
    if operator::is_kept(&handle) {
        return Err(CommandError::Other(format!("{handle}: {}", kept())));
    }
    if config.is_greeter(&handle) {
        return Err(of_greeter(&handle));
    }
    let name = friendly_name(name.unwrap_or(handle.local()))?;
    Ok(Principal { handle, name })
}

/// Why nobody has an account of a name that is [kept](operator::is_kept).
pub(in crate::commands) fn kept() -> String {
    format!("names that begin with {SELF_TEST} are kept for the accounts of `msnpd selftest`")
}

/// When somebody can sign in. Without a server it is said where the account is: whoever is in another
/// folder than the server was started in has made it elsewhere.
fn when(control: &Control) -> String {
    if !control.listening.is_empty() {
        return "now".to_owned();
    }
    let folder = full(&control.loaded.borrow().config.data);
    format!("once a server runs on the folder {folder}: none does now")
}

/// The domains that accounts are made in, if this is none of them.
pub(in crate::commands) fn other_domains(control: &Control, handle: &Handle) -> Option<String> {
    others(&control.loaded.borrow().config, handle)
}

fn others(config: &Config, handle: &Handle) -> Option<String> {
    let domains = &config.domains;
    (!operator::is_ours(handle, domains)).then(|| domains.join(", "))
}
