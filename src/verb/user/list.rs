use super::full;
use crate::config::Loaded;
use crate::control::Control;
use crate::control::client::{Client, Needs};
use crate::control::wire::{AccountRow, Answer, Request};
use crate::failure::Failure;
use crate::running::is_running;
use crate::{stderr, verb};

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
    let line = |row: &AccountRow| format!("{:width$}  {}\n", row.handle, row.name);
    verb::print(&rows.iter().map(line).collect::<String>())?;
    if rows.is_empty() {
        stderr::line("there are no accounts yet: msnpd user add alice");
    }
    // Whoever is in another folder than the server was started in looks at other accounts.
    if is_alone {
        stderr::line(format_args!("the data folder is {}; no server is running on it", full(data)));
    }
    Ok(())
}

/// All accounts, by handle.
pub(in crate::verb) fn serve(control: &Control) -> Answer {
    let mut rows: Vec<AccountRow> = control
        .node
        .directory
        .principals()
        .into_iter()
        .map(|principal| AccountRow {
            handle: principal.handle.to_string(),
            name: principal.name.to_string(),
        })
        .collect();
    rows.sort_by(|one, other| one.handle.cmp(&other.handle));
    Answer::Accounts(rows)
}
