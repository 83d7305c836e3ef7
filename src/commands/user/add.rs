use super::{friendly_name, greeter_account_error, parse_handle};
use crate::cli::PasswordArgument;
use crate::config::{Config, Loaded};
use crate::control::Control;
use crate::control::client::{Client, Needs, refuse_missing};
use crate::control::wire::{Answer, Request, Secret};
use crate::error::CommandError;
use crate::hints::shell_word;
use crate::running::is_running;
use crate::{commands, password};
use actors::operator::{self, CreateAccountError};
use actors::port::store::{CreateError, Principal};
use actors::rules::{self, Creator, NewAccountError, SELF_TEST_PREFIX};
use msnp::Handle;
use std::path::Path;

/// `user add`: creates an account in one of the configured domains.
pub(super) async fn run(
    loaded: &Loaded,
    handle: &str,
    name: Option<&str>,
    argument: &PasswordArgument,
) -> Result<(), CommandError> {
    // Check before the user types a password.
    check(&loaded.config, handle, name)?;
    refuse_missing(loaded)?;
    // If no server is running, this process opens the store. Read the password before that: while the user
    // types it, other processes can use the store.
    let early_password = match is_running(&loaded.config.data) {
        true => None,
        false => Some(password::read_or_generate(argument)?),
    };
    let mut client = Client::connect(loaded, Needs::Folder).await?;
    let request = |password| Request::UserAdd {
        handle: handle.to_owned(),
        name: name.map(str::to_owned),
        password,
    };
    let password = match early_password {
        Some(password) => password,
        None => {
            client.ask(&request(None)).await?;
            password::read_or_generate(argument)?
        }
    };
    let answer = client.ask(&request(Some(Secret::new(password.as_str())))).await?;
    commands::print_answer(&answer);
    password::print_if_generated(argument, password.as_str(), "user passwd")
}

/// Creates the account. Without a password, only checks whether it could be created.
pub(in crate::commands) async fn serve(
    control: &Control,
    handle: &str,
    name: Option<&str>,
    password: Option<&Secret>,
) -> Result<Answer, CommandError> {
    let _one_at_a_time = control.changes_lock.lock().await;
    let Principal { handle, name } = check(&control.loaded.borrow().config, handle, name)?;
    let exists_already = || {
        CommandError::Other(format!(
            "the account {handle} exists already; set a new password with `user passwd`"
        ))
    };
    if operator::find(&control.node, &handle).await?.is_some() {
        return Err(exists_already());
    }
    let Some(password) = password else { return Ok(Answer::Words(String::new())) };
    let password = password::check(password.as_str())?;
    let principal = Principal { handle: handle.clone(), name };
    match operator::create(control.node.clone(), principal, password, Creator::Operator).await {
        Ok(_) => {
            log::info!("account {handle} created");
            Ok(Answer::Words(format!("created the account {handle}{}", sign_in_note(control))))
        }
        Err(CreateAccountError::Refused(error)) => {
            Err(refusal(&control.loaded.borrow().config, &handle, error))
        }
        Err(CreateAccountError::Store(CreateError::Exists)) => Err(exists_already()),
        Err(CreateAccountError::Store(CreateError::Store(error))) => Err(error.into()),
    }
}

/// Checks a sign-in name and a friendly name against the configuration and the rules for new accounts.
fn check(config: &Config, handle: &str, name: Option<&str>) -> Result<Principal, CommandError> {
    let handle = parse_handle(config, handle)?;
    let greeter = config.greeter_handle();
    rules::check_new_account(&handle, &config.domains, greeter.as_ref(), Creator::Operator)
        .map_err(|error| refusal(config, &handle, error))?;
    let name = friendly_name(name.unwrap_or(handle.local()))?;
    Ok(Principal { handle, name })
}

fn refusal(config: &Config, handle: &Handle, error: NewAccountError) -> CommandError {
    let cannot_create = |why: String| CommandError::Other(format!("cannot create {handle}: {why}"));
    match error {
        NewAccountError::ReservedForSelfTest => cannot_create(self_test_name_reason()),
        NewAccountError::Greeter => greeter_account_error(handle),
        NewAccountError::Reserved | NewAccountError::Handle(_) => cannot_create(error.to_string()),
        NewAccountError::Domain => CommandError::Other(format!(
            "{} is not a domain for new accounts: use {}, or add it to `domains` in the \
             configuration",
            handle.domain(),
            config.domains.join(", ")
        )),
    }
}

/// Returns why a name that is [reserved for the self-test](rules::is_reserved_for_self_test) cannot be an
/// account.
pub(in crate::commands) fn self_test_name_reason() -> String {
    format!("names that begin with {SELF_TEST_PREFIX} are reserved for `msnpd selftest`")
}

/// Returns the end of the confirmation: whether the user can sign in already. If no server is running, it
/// names the data folder: the operator may have meant another one.
fn sign_in_note(control: &Control) -> String {
    if !control.listening.is_empty() {
        return ": it can sign in now".to_owned();
    }
    let folder = commands::absolute_path(&control.loaded.borrow().config.data);
    format!(
        " in the data folder {folder}. No server is running on it now: start one with `msnpd run \
         --data {}`",
        shell_word(Path::new(&folder))
    )
}

/// Returns the domains for new accounts, as a list; `None` if the handle is in one of them.
pub(in crate::commands) fn domains_to_use_instead(
    config: &Config,
    handle: &Handle,
) -> Option<String> {
    let domains = &config.domains;
    (!rules::is_in_domains(handle, domains)).then(|| domains.join(", "))
}
