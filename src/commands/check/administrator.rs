use super::{Context, Finding, is_open_to_others, note, ok, wrong};
use crate::administrator::{Administrator, AdministratorError, hash_file};
use crate::error::{OTHER, owner_or_root};
use crate::hints;

/// Reports whether an administrator's password is set.
pub(super) fn check(context: &Context<'_>) -> Vec<Finding> {
    let file = hash_file(&context.data);
    let shown = file.display();
    let set_command = match context.loaded {
        Ok(loaded) => hints::command(loaded, "passwd-admin"),
        Err(_) => "msnpd passwd-admin".to_owned(),
    };
    vec![match Administrator::read(&context.data) {
        Ok(None) => {
            note("no administrator's password is set", format!("Set one with `{set_command}`"))
        }
        Ok(Some(_)) if is_open_to_others(&file, 0o077) => wrong(
            OTHER,
            format!("other users can read or change {shown}"),
            format!("Run `chmod 600 {shown}`"),
        ),
        Ok(Some(_)) => ok("a password is set"),
        Err(error @ AdministratorError::Io { .. }) => wrong(
            OTHER,
            error.to_string(),
            format!("Run `msnpd check` as {} (`sudo msnpd check`)", owner_or_root(&file)),
        ),
        Err(error) => {
            wrong(OTHER, error.to_string(), format!("Set a new password with `{set_command}`"))
        }
    }]
}
