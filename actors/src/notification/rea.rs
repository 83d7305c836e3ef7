use super::Session;
use crate::port::store::Change;
use crate::rules::Watching;
use actix::Context;
use msnp::ErrorCode;
use msnp::command::{Rea, ReaReply};
use std::time::Duration;
use tokio::time::Instant;

/// How often a principal may rename himself within [`RENAME_SPAN`]: everybody who sees him hears of
/// each new name. The wiki's list of errors has 800 for more in a short time; how short is not
/// known.
const RENAMES: u8 = 5;

/// From the first of these renames on.
const RENAME_SPAN: Duration = Duration::from_secs(60);

/// The renames since the first one that counts.
#[derive(Default)]
pub(super) struct Renames {
    first: Option<Instant>,
    count: u8,
}

impl Renames {
    /// Counts one more. `false`: it is one too many.
    fn admit(&mut self) -> bool {
        if self.first.is_none_or(|first| first.elapsed() >= RENAME_SPAN) {
            *self = Renames { first: Some(Instant::now()), count: 0 };
        }
        let admitted = self.count < RENAMES;
        self.count += u8::from(admitted);
        admitted
    }
}

impl Session {
    /// `REA`: renames me, which all who see me hear, or changes the name that I have for a contact,
    /// which nobody hears.
    pub(super) fn rea(&mut self, rea: Rea, ctx: &mut Context<Session>) {
        let Rea { trid, handle, name } = rea;
        let Some(contact) = self.link.node().directory.find(&handle) else {
            return self.error(trid, ErrorCode::NotOnList);
        };
        let oneself = self.account() == Some(contact);
        if oneself && !self.renames.admit() {
            return self.error(trid, ErrorCode::TooRapid);
        }
        let change = if oneself {
            Change::RenameSelf(name.clone())
        } else {
            Change::RenameContact { contact, name: name.clone() }
        };
        self.edit(trid, change, ctx, move |session, changed, ctx| {
            let version = changed.version;
            session.emit(&ReaReply { trid, version, handle, name }.into());
            if oneself {
                session.show(Watching::NewName, ctx);
            }
        });
    }
}
