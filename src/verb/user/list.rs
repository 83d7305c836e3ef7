use super::full;
use crate::config::Loaded;
use crate::control::Control;
use crate::control::client::{Client, Needs};
use crate::control::wire::{AccountRow, Answer, Request};
use crate::failure::Failure;
use crate::running::is_running;
use crate::verb;
use actors::greeter;
use msnp::Handle;

/// `user list`: handles and friendly names.
pub(super) async fn run(loaded: &Loaded, json: bool) -> Result<(), Failure> {
    let data = &loaded.config.data;
    let is_alone = !is_running(data);
    let mut client = Client::connect(loaded, Needs::Accounts).await?;
    let Answer::Accounts(rows) = client.ask(&Request::UserList).await? else {
        return Err(Failure::unexpected());
    };
    if json {
        return verb::print_json(&rows);
    }
    let width = rows.iter().map(|row| row.handle.len()).max().unwrap_or(0);
    let line = |row: &AccountRow| {
        let greeter = if row.greeter { "  (the greeter, the server's own account)" } else { "" };
        format!("{:width$}  {}{greeter}\n", row.handle, row.name)
    };
    verb::print(&rows.iter().map(line).collect::<String>())?;
    if rows.iter().all(|row| row.greeter) {
        eprintln!("there are no accounts yet: msnpd user add alice");
    }
    // Whoever is in another folder than the server was started in looks at other accounts.
    if is_alone {
        eprintln!("the data folder is {}; no server is running on it", full(data));
    }
    Ok(())
}

/// All accounts, by handle; the greeter's comes last.
pub(in crate::verb) async fn serve(control: &Control) -> Answer {
    let greeter = greeter::find(&control.node).await.ok().flatten();
    let greeter = greeter.and_then(|known| control.node.directory.principal(known.account));
    let is_greeter = |handle: &Handle| greeter.as_ref().is_some_and(|one| one.handle == *handle);
    let mut rows: Vec<AccountRow> = control
        .node
        .directory
        .principals()
        .into_iter()
        .map(|principal| AccountRow {
            handle: principal.handle.to_string(),
            name: principal.name.to_string(),
            greeter: is_greeter(&principal.handle),
        })
        .collect();
    rows.sort_by(|one, other| (one.greeter, &one.handle).cmp(&(other.greeter, &other.handle)));
    Answer::Accounts(rows)
}
