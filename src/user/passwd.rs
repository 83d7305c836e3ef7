use super::find;
use crate::cli::PasswordArgument;
use crate::failure::Failure;
use crate::password;
use actors::port::Store;
use msnp::Handle;
use store::File;

/// `user passwd`: sets a password.
pub(super) fn passwd(
    store: &File,
    handle: &Handle,
    argument: &PasswordArgument,
) -> Result<(), Failure> {
    let account = find(store, handle)?;
    store.set_password(account, &password::obtain(argument.random_password)?)?;
    eprintln!("{handle} has a new password");
    Ok(())
}
