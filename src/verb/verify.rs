use crate::config::Loaded;
use crate::control::Control;
use crate::control::client::{Client, Needs};
use crate::control::wire::{Answer, Request};
use crate::failure::Failure;
use actors::figures::Accounts;
use actors::greeter;
use actors::message::Examine;
use actors::port::Examination;
use serde::Serialize;

/// What is shown.
#[derive(Serialize)]
struct Found {
    accounts: usize,
    /// Whether there is the greeter's account besides.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    greeter: bool,
    entries: usize,
    faults: Vec<String>,
}

/// `verify`: looks whether the store is as it must be.
pub(super) async fn run(loaded: &Loaded, json: bool) -> Result<(), Failure> {
    let mut client = Client::connect(loaded, Needs::Store).await?;
    let answer = client.ask(&Request::Verify).await?;
    let Answer::Examined { accounts, greeter, entries, faults } = answer else {
        return Err(Failure::unexpected());
    };
    let found = Found { accounts, greeter, entries, faults };
    if json {
        super::print_json(&found)?;
    } else {
        super::print(&in_words(&found))?;
    }
    match found.faults.len() {
        0 => Ok(()),
        count => Err(Failure::Faults(count)),
    }
}

fn in_words(found: &Found) -> String {
    let Found { accounts, greeter, entries, faults } = found;
    let accounts = Accounts { users: *accounts, greeter: *greeter };
    let ies = if *entries == 1 { "y" } else { "ies" };
    let mut words = format!("{accounts}, {entries} list entr{ies}\n");
    if faults.is_empty() {
        words.push_str("the store is as it must be\n");
    }
    words.extend(faults.iter().map(|fault| format!("fault: {fault}\n")));
    words
}

/// Looks at everything in it.
pub(super) async fn serve(control: &Control) -> Result<Answer, Failure> {
    let Examination { accounts, entries, faults } = control.node.accounts.send(Examine).await??;
    let greeter = matches!(greeter::find(&control.node).await, Ok(Some(_)));
    let Accounts { users, greeter } = Accounts::among(accounts, greeter);
    Ok(Answer::Examined { accounts: users, greeter, entries, faults })
}
