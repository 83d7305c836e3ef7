use crate::config::Loaded;
use crate::control::Control;
use crate::control::client::{Client, Needs};
use crate::control::wire::{AccountRow, Answer, Request};
use crate::error::CommandError;
use crate::hints::shell_word;
use crate::running::is_running;
use crate::{commands, stderr};
use actors::port::Disabled;
use actors::port::store::AccountId;
use actors::{greeter, operator};
use std::collections::HashMap;

/// `user list`: lists the accounts.
pub(super) async fn run(loaded: &Loaded, json: bool) -> Result<(), CommandError> {
    let data = &loaded.config.data;
    let has_server = is_running(data);
    let mut client = Client::connect(loaded, Needs::Accounts).await?;
    let Answer::Accounts(rows) = client.ask(&Request::UserList).await? else {
        return Err(CommandError::unexpected());
    };
    if json {
        return commands::print_json(&rows);
    }
    let width = rows.iter().map(|row| row.handle.len()).max().unwrap_or(0);
    let line = |row: &AccountRow| {
        let greeter = if row.greeter { "  (Greeter, the built-in contact)" } else { "" };
        let reason = row.reason.as_deref().map(|reason| format!(": {reason}")).unwrap_or_default();
        let disabled = if row.disabled { format!("  (disabled{reason})") } else { String::new() };
        format!("{:width$}  {}{greeter}{disabled}\n", row.handle, row.name)
    };
    commands::print(&rows.iter().map(line).collect::<String>())?;
    let folder = commands::absolute_path(data);
    if !has_server && !data.exists() {
        stderr::line(format_args!(
            "no accounts yet: the data folder {folder} does not exist. Name another one with --data, or \
             create it with `msnpd init --data {}`",
            shell_word(data)
        ));
        return Ok(());
    }
    if rows.iter().all(|row| row.greeter) {
        stderr::line("no accounts yet; create one with: msnpd user add alice");
    }
    // The operator may have meant another data folder.
    if !has_server {
        stderr::line(format_args!("data folder: {folder}; no server is using it"));
    }
    Ok(())
}

/// Returns all accounts, ordered by handle; Greeter's comes last.
pub(in crate::commands) async fn serve(control: &Control) -> Result<Answer, CommandError> {
    let node = &control.node;
    let greeter = greeter::find(node).await.ok().flatten();
    let greeter = greeter.map(|account_ref| account_ref.account);
    let disabled: HashMap<AccountId, Disabled> =
        node.exclusions.all_disabled().into_iter().collect();
    let rows = operator::select(node, move |account, principal| {
        let disabled = disabled.get(&account);
        Some(AccountRow {
            greeter: greeter == Some(account),
            handle: principal.handle.to_string(),
            name: principal.name.to_string(),
            disabled: disabled.is_some(),
            reason: disabled.and_then(|it| it.reason.as_ref()).map(ToString::to_string),
        })
    });
    let mut rows = rows.await?;
    rows.sort_by(|one, other| (one.greeter, &one.handle).cmp(&(other.greeter, &other.handle)));
    Ok(Answer::Accounts(rows))
}
