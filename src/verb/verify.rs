use crate::config::Loaded;
use crate::control::Control;
use crate::control::client::{Client, Needs};
use crate::control::wire::{Answer, Request};
use crate::failure::Failure;
use actors::message::Examine;
use actors::port::Examination;

/// `verify`: looks whether the store is as it must be.
pub(super) async fn run(loaded: &Loaded, json: bool) -> Result<(), Failure> {
    let mut client = Client::connect(loaded, Needs::Store).await?;
    let answer = client.ask(&Request::Verify).await?;
    let Answer::Examined { accounts, entries, faults } = answer else {
        return Err(Failure::unexpected());
    };
    let found = Examination { accounts, entries, faults };
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

fn in_words(found: &Examination) -> String {
    let Examination { accounts, entries, faults } = found;
    let (s, ies) = (super::plural(*accounts), if *entries == 1 { "y" } else { "ies" });
    let mut words = format!("{accounts} account{s}, {entries} list entr{ies}\n");
    if faults.is_empty() {
        words.push_str("the store is as it must be\n");
    }
    words.extend(faults.iter().map(|fault| format!("fault: {fault}\n")));
    words
}

/// Looks at everything in it.
pub(super) async fn serve(control: &Control) -> Result<Answer, Failure> {
    let found = control.node.accounts.send(Examine).await??;
    Ok(Answer::Examined { accounts: found.accounts, entries: found.entries, faults: found.faults })
}
