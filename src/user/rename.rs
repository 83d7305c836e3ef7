use super::{find, friendly_name};
use crate::failure::Failure;
use actors::port::Store;
use actors::port::store::Change;
use msnp::Handle;
use store::File;

/// `user rename`: changes a friendly name.
pub(super) fn rename(store: &File, handle: &Handle, name: &str) -> Result<(), Failure> {
    let account = find(store, handle)?;
    let name = friendly_name(name)?;
    let change = Change::RenameSelf(name.clone());
    for outcome in store.change(&[(account, change)])? {
        outcome.map_err(|code| Failure::Other(format!("refused with error {}", code.number())))?;
    }
    eprintln!("{handle} is called {name} now");
    Ok(())
}
