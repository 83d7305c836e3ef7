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
    let Answer::Examined { accounts, entries, faults, notes } = answer else {
        return Err(Failure::unexpected());
    };
    let found = Examination { accounts, entries, faults, notes };
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
    let Examination { accounts, entries, faults, notes } = found;
    let (s, ies) = (super::plural(*accounts), if *entries == 1 { "y" } else { "ies" });
    let mut words = format!("{accounts} account{s}, {entries} list entr{ies}\n");
    if faults.is_empty() {
        words.push_str("the store is as it must be\n");
    }
    words.extend(faults.iter().map(|fault| format!("fault: {fault}\n")));
    words.extend(notes.iter().map(|note| format!("note: {note}\n")));
    words
}

/// Looks at everything in it.
pub(super) async fn serve(control: &Control) -> Result<Answer, Failure> {
    let Examination { accounts, entries, faults, notes } =
        control.node.accounts.send(Examine).await??;
    Ok(Answer::Examined { accounts, entries, faults, notes })
}
