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

/// How many accounts the notes name; of the others they give only the number.
const MAX_NAMED: usize = 100;

/// The result in JSON.
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
pub(super) fn notes_on_older_handles(mut handles: Vec<Handle>) -> Vec<String> {
    handles.retain(|handle| rules::check_new_handle(handle).is_err());
    handles.sort_unstable();
    let note = |handle: &Handle| {
        let error = rules::check_new_handle(handle).err()?;
        Some(format!("{handle} is not valid for a new account: {error}"))
    };
    let mut notes: Vec<String> = handles.iter().take(MAX_NAMED).filter_map(note).collect();
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
    let Answer::Verified { accounts, greeter, entries, faults, notes } = answer else {
        return Err(CommandError::unexpected());
    };
    let report = VerifyReport { accounts, greeter, entries, faults, notes };
    if json {
        super::print_json(&report)?;
    } else {
        super::print(&to_text(&report))?;
    }
    match report.faults.len() {
        0 => Ok(()),
        count => Err(CommandError::StoreFaults(count)),
    }
}

fn to_text(report: &VerifyReport) -> String {
    let VerifyReport { accounts, greeter, entries, faults, notes } = report;
    let accounts = AccountCount { users: *accounts, greeter: *greeter };
    let ies = if *entries == 1 { "y" } else { "ies" };
    let mut text = format!("{accounts}, {entries} list entr{ies}\n");
    if faults.is_empty() {
        text.push_str("the store has no faults\n");
    }
    text.extend(faults.iter().map(|fault| format!("fault: {fault}\n")));
    text.extend(notes.iter().map(|note| format!("note: {note}\n")));
    text
}

/// Checks everything in the store.
pub(super) async fn serve(control: &Control) -> Result<Answer, CommandError> {
    let found = control.node.accounts.send(VerifyIntegrity).await??;
    let IntegrityReport { accounts, entries, faults, mut notes } = found;
    let invalid = operator::select(&control.node, |_, principal| {
        Some(principal.handle).filter(|handle| rules::check_new_handle(handle).is_err())
    });
    notes.extend(notes_on_older_handles(invalid.await?));
    let greeter = matches!(greeter::find(&control.node).await, Ok(Some(_)));
    let AccountCount { users, greeter } = AccountCount::new(accounts, greeter);
    Ok(Answer::Verified { accounts: users, greeter, entries, faults, notes })
}
