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
    super::print(&format!("{accounts} account{s}, {entries} list entr{ies}\n"))?;
    if faults.is_empty() {
        return super::print("the store is as it must be\n");
    }
    super::print(&faults.iter().map(|fault| format!("fault: {fault}\n")).collect::<String>())?;
    Err(Failure::Faults(faults.len()))
}

/// Looks at everything in it.
pub(super) async fn serve(control: &Control) -> Result<Answer, Failure> {
    let found = control.node.accounts.send(Examine).await??;
    Ok(Answer::Examined { accounts: found.accounts, entries: found.entries, faults: found.faults })
}
