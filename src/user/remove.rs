use super::find;
use crate::failure::Failure;
use actors::port::Store;
use msnp::Handle;
use store::File;

/// `user remove`: removes an account and takes it off everybody's lists.
pub(super) fn remove(store: &File, handle: &Handle) -> Result<(), Failure> {
    store.remove(find(store, handle)?)?;
    eprintln!("{handle} is removed, and on nobody's lists any more");
    Ok(())
}
