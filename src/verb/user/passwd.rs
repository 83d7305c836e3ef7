use super::find;
use crate::cli::PasswordArgument;
use crate::config::Loaded;
use crate::control::Control;
use crate::control::client::{Client, Needs};
use crate::control::wire::{Answer, Request, Secret};
use crate::failure::Failure;
use crate::{password, verb};
use actors::message::SetPassword;

/// `user passwd`: sets a password.
pub(super) async fn run(
    loaded: &Loaded,
    handle: &str,
    argument: &PasswordArgument,
) -> Result<(), Failure> {
    let mut client = Client::connect(loaded, Needs::Accounts).await?;
    let request = |password| Request::UserPasswd { handle: handle.to_owned(), password };
    client.ask(&request(None)).await?;
    let password = password::obtain(argument)?;
    let answer = client.ask(&request(Some(Secret::new(password.as_str())))).await?;
    password::show_if_made_up(argument, &password);
    verb::say(&answer);
    Ok(())
}

/// Sets it. Whoever is signed in with the old one stays so.
pub(in crate::verb) async fn serve(
    control: &Control,
    handle: &str,
    password: Option<&Secret>,
) -> Result<Answer, Failure> {
    let _one_at_a_time = control.changes.lock().await;
    let (account, handle) = find(control, handle)?;
    let Some(password) = password else { return Ok(Answer::Words(String::new())) };
    let password = password::check(password.as_str())?;
    control.node.accounts.send(SetPassword { account, password }).await??;
    log::info!("{handle} has a new password");
    Ok(Answer::Words(format!("{handle} has a new password")))
}
