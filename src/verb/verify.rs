use crate::config::Loaded;
use crate::control::Control;
use crate::control::client::{Client, Needs};
use crate::control::wire::{Answer, Request};
use crate::failure::Failure;
use actors::message::Examine;

/// `verify`: looks whether the store is as it must be.
pub(super) async fn run(loaded: &Loaded) -> Result<(), Failure> {
    let mut client = Client::connect(loaded, Needs::Accounts).await?;
    let answer = client.ask(&Request::Verify).await?;
    let Answer::Examined { accounts, entries, faults } = answer else {
        return Err(Failure::unexpected());
    };
    let (s, ies) = (super::plural(accounts), if entries == 1 { "y" } else { "ies" });
    println!("{accounts} account{s}, {entries} list entr{ies}");
    if faults.is_empty() {
        println!("the store is as it must be");
        return Ok(());
    }
    for fault in &faults {
        println!("fault: {fault}");
    }
    let count = faults.len();
    Err(Failure::Faults(count))
}

/// Looks at everything in it.
pub(super) async fn serve(control: &Control) -> Result<Answer, Failure> {
    let found = control.node.accounts.send(Examine).await??;
    Ok(Answer::Examined { accounts: found.accounts, entries: found.entries, faults: found.faults })
}
