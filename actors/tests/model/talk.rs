//! Conversations in the plain model.
//!
//! * A user who is neither hidden nor offline starts one, and calls any user who is visible to
//!   them, unless one of the two has turned conversations off with `IMS`.

use super::plain::{Outcome, Plain};
use super::steps::Who;

/// The switchboard of each node.
const SWITCHBOARDS: [&str; 2] = ["192.0.2.1:1865", "192.0.2.2:1865"];

impl Plain {
    pub(super) fn call(
        &mut self,
        who: Who,
        t: &str,
        whom: Option<Who>,
        outcome: &mut Outcome,
    ) -> Vec<String> {
        if ["FLN", "HDN"].contains(&self.state(who)) || !self.is_invitable(who) {
            return vec![format!("913 {t}")];
        }
        // The conversation is on the caller's node.
        let switchboard = SWITCHBOARDS[self.node(who)];
        let name = |who: Who| self.accounts[who as usize].name.clone();
        let (caller, calling) = (who.handle(), name(who));
        let [talk, other] = &mut outcome.talk;
        talk.push(format!("USR 1 OK {caller} {calling}"));
        match whom {
            Some(callee) if callee == who => talk.push("215 2".into()),
            Some(callee) if self.is_shown(callee, who) && self.is_invitable(callee) => {
                talk.push("CAL 2 RINGING *".into());
                talk.push(format!("JOI {} {}", callee.handle(), name(callee)));
                talk.push(format!("BYE {}", callee.handle()));
                *other = vec![format!("IRO 1 1 1 {caller} {calling}"), "ANS 1 OK".into()];
                let ring = format!("RNG * {switchboard} CKI * {caller} {calling}");
                outcome.sessions[callee as usize].push(ring);
            }
            _ => talk.push("217 2".into()),
        }
        vec![format!("XFR {t} SB {switchboard} CKI *")]
    }
}
