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
    let password = password::obtain(argument)?;
    store.set_password(account, &password)?;
    password::show_if_made_up(argument, &password);
    eprintln!("{handle} has a new password");
    Ok(())
}
