use crate::config::Loaded;
use crate::control::Control;
use crate::control::client::{Client, Needs};
use crate::control::wire::{Answer, Request};
use crate::error::CommandError;
use actors::message::VerifyIntegrity;
use actors::port::IntegrityReport;
use actors::stats::AccountCount;
use actors::{greeter, operator, rules};
use msnp::Handle;
use serde::Serialize;

/// The limit of accounts that are named; of others only the number is given.
const MAX_NAMED: usize = 100;

/// The result.
#[derive(Serialize)]
struct VerifyReport {
    accounts: usize,
    /// Whether Greeter has an account, which is not counted in `accounts`.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    greeter: bool,
    entries: usize,
    faults: Vec<String>,
    notes: Vec<String>,
}

/// Returns a note for each account whose handle a new account cannot have.
pub(super) fn older_handles(mut handles: Vec<Handle>) -> Vec<String> {
    handles.retain(|handle| rules::check_new_handle(handle).is_err());
    handles.sort_unstable();
    let words = |handle: &Handle| {
        let error = rules::check_new_handle(handle).err()?;
        Some(format!("{handle} is not valid for a new account: {error}"))
    };
    let mut notes: Vec<String> = handles.iter().take(MAX_NAMED).filter_map(words).collect();
    let more = handles.len().saturating_sub(MAX_NAMED);
    if more > 0 {
        notes.push(format!("{more} more sign-in names are not valid for new accounts"));
    }
    notes
}

/// `verify`: checks all stored accounts and lists.
pub(super) async fn run(loaded: &Loaded, json: bool) -> Result<(), CommandError> {
    let mut client = Client::connect(loaded, Needs::Store).await?;
    let answer = client.ask(&Request::Verify).await?;
    let Answer::Examined { accounts, greeter, entries, faults, notes } = answer else {
        return Err(CommandError::unexpected());
    };
    let found = VerifyReport { accounts, greeter, entries, faults, notes };
    if json {
        super::print_json(&found)?;
    } else {
        super::print(&to_text(&found))?;
    }
    match found.faults.len() {
        0 => Ok(()),
        count => Err(CommandError::StoreFaults(count)),
    }
}

fn to_text(found: &VerifyReport) -> String {
    let VerifyReport { accounts, greeter, entries, faults, notes } = found;
    let accounts = AccountCount { users: *accounts, greeter: *greeter };
    let ies = if *entries == 1 { "y" } else { "ies" };
    let mut words = format!("{accounts}, {entries} list entr{ies}\n");
    if faults.is_empty() {
        words.push_str("the store has no faults\n");
    }
    words.extend(faults.iter().map(|fault| format!("fault: {fault}\n")));
    words.extend(notes.iter().map(|note| format!("note: {note}\n")));
    words
}

/// Checks everything in the store.
pub(super) async fn serve(control: &Control) -> Result<Answer, CommandError> {
    let found = control.node.accounts.send(VerifyIntegrity).await??;
    let IntegrityReport { accounts, entries, faults, mut notes } = found;
    let invalid = operator::select(&control.node, |_, principal| {
        Some(principal.handle).filter(|handle| rules::check_new_handle(handle).is_err())
    });
    notes.extend(older_handles(invalid.await?));
    let greeter = matches!(greeter::find(&control.node).await, Ok(Some(_)));
    let AccountCount { users, greeter } = AccountCount::new(accounts, greeter);
    Ok(Answer::Examined { accounts: users, greeter, entries, faults, notes })
}
