use crate::config::Loaded;
use crate::control::Control;
use crate::control::client::{Client, Needs};
use crate::control::wire::{AccountRow, Answer, Request};
use crate::error::CommandError;
use crate::hints::shell_word;
use crate::running::is_running;
use crate::{commands, stderr};
use actors::greeter;
use actors::port::store::Principal;
use msnp::Handle;

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
pub(in crate::commands) async fn serve(control: &Control) -> Answer {
    let node = &control.node;
    let greeter = greeter::find(node).await.ok().flatten();
    let greeter = greeter.and_then(|account_ref| node.directory.principal(account_ref.account));
    let is_greeter = |handle: &Handle| greeter.as_ref().is_some_and(|one| one.handle == *handle);
    let row = |principal: Principal| {
        let account = node.directory.find(&principal.handle);
        let disabled = account.and_then(|account| node.exclusions.disabled(account));
        AccountRow {
            greeter: is_greeter(&principal.handle),
            handle: principal.handle.to_string(),
            name: principal.name.to_string(),
            disabled: disabled.is_some(),
            reason: disabled.and_then(|disabled| disabled.reason).map(|reason| reason.to_string()),
        }
    };
    let mut rows: Vec<AccountRow> = node.directory.principals().into_iter().map(row).collect();
    rows.sort_by(|one, other| (one.greeter, &one.handle).cmp(&(other.greeter, &other.handle)));
    Answer::Accounts(rows)
}
