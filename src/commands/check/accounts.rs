use super::super::verify::notes_on_older_handles;
use super::{Context, Finding, note};
use crate::{running, system};
use ::store::File;
use actors::port::Store;
use msnp::Handle;

/// How many accounts this check names. `verify` names more.
const MAX_NAMED: usize = 20;

/// What to do about sign-in names that a new account cannot have.
const FIX: &str = "They work as before; some clients cannot keep files for such a name. To change one, \
                   create a new account and remove the old one";

/// Finds accounts of older versions with sign-in names that a new account cannot have.
pub(super) fn check(context: &Context<'_>) -> Vec<Finding> {
    let Some(handles) = handles(context) else { return Vec::new() };
    let mut notes = notes_on_older_handles(handles);
    let more = notes.len().saturating_sub(MAX_NAMED);
    notes.truncate(MAX_NAMED);
    if more > 0 {
        notes.push("there are more: `msnpd verify` lists them".to_owned());
    }
    notes.into_iter().map(|text| note(text, FIX)).collect()
}

/// Returns the handles of all accounts, or `None` if they cannot be read; other checks report why.
fn handles(context: &Context<'_>) -> Option<Vec<Handle>> {
    if context.is_running {
        let handles = running::handles(&context.data)?;
        return Some(handles.iter().filter_map(|handle| Handle::new(handle).ok()).collect());
    }
    let key = context.data.join("msnpd.key");
    if !File::exists(&context.data) || !key.exists() {
        return None;
    }
    let mut found = Vec::new();
    let store = File::open_or_read_only(&context.data, system::now).ok()?;
    store.principals(&mut |_, principal| found.push(principal.handle)).ok()?;
    Some(found)
}
