use super::Session;
use super::chl::ClientChallenge;
use crate::end::EndReason;
use msnp::ErrorCode;
use msnp::auth::Digest;
use msnp::command::{Qry, QryReply};

impl Session {
    /// `QRY`: the response to a challenge. Without an open challenge, any response is right.
    pub(super) fn qry(&mut self, qry: &Qry<'_>) {
        let trid = qry.trid;
        if let ClientChallenge::Sent(challenge) = std::mem::take(&mut self.client_challenge) {
            self.link.set_reply_deadline(None);
            let expected = Digest::of_client(&challenge, qry.client.as_str());
            if expected.is_none() || expected != Digest::parse(qry.digest) {
                return self.link.refuse(
                    trid,
                    ErrorCode::ChallengeFailed,
                    EndReason::WrongClientChallengeResponse,
                );
            }
        }
        self.emit(&QryReply { trid }.into());
    }
}
