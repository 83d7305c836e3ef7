use super::{Entry, Participant};
use crate::connection::Context;
use msnp::command::{Ans, AnsReply, Iro};

impl Participant {
    /// `ANS`: joins a conversation. The others in it are listed first, without the one who joins.
    pub(super) fn ans(&mut self, ans: Ans, ctx: &mut Context<Participant>) {
        let entry = Entry { handle: ans.handle, cookie: ans.cookie, join: Some(ans.session) };
        self.enter(ans.trid, entry, ctx, |participant, trid, others| {
            let count = u32::try_from(others.len()).unwrap_or(u32::MAX);
            for (index, principal) in (1..).zip(others) {
                let (handle, name) = (principal.handle.clone(), principal.name.clone());
                participant.emit(&Iro { trid, index, count, handle, name }.into());
            }
            participant.emit(&AnsReply { trid }.into());
            participant.start_answer_delay();
        });
    }
}
