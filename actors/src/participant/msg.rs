use super::{Participant, Receipt};
use crate::connection::ConnectionActor;
use crate::said::SaidBuilder;
use msnp::command::{Ack, Acknowledgement, Msg, Nak, RejectionReason};

impl Participant {
    /// `MSG`: sends a message. Messages that arrived together are relayed together.
    pub(super) fn msg(&mut self, msg: &Msg<'_>) {
        if msg.payload.has_reserved_content_type() {
            return self.drop_reserved(msg);
        }
        if !self.append(msg) {
            self.send_draft();
            // An empty draft has room for any message.
            self.append(msg);
        }
    }

    /// Drops a message with a content type that is reserved for servers.
    #[cold]
    fn drop_reserved(&mut self, msg: &Msg<'_>) {
        self.log_rejection(
            b"MSG",
            RejectionReason::Parameter("content type: only the server sends it"),
        );
        match msg.acknowledgement {
            Acknowledgement::None => {}
            Acknowledgement::Negative | Acknowledgement::All => {
                self.emit(&Nak { trid: msg.trid }.into());
            }
        }
    }

    /// Adds a message to the draft. Returns `false` if there is no room.
    fn append(&mut self, msg: &Msg<'_>) -> bool {
        let Some(membership) = &mut self.membership else { return true };
        let receipt = match msg.acknowledgement {
            Acknowledgement::None => None,
            Acknowledgement::Negative => Some(Receipt { trid: msg.trid, wants_ack: false }),
            Acknowledgement::All => Some(Receipt { trid: msg.trid, wants_ack: true }),
        };
        if receipt.is_some() && membership.receipts.is_full() {
            return false;
        }
        let speaker = membership.seat.speaker();
        let draft = membership.draft.get_or_insert_with(|| SaidBuilder::new(speaker));
        if draft.push(speaker, msg.payload.as_bytes()).is_err() {
            return false;
        }
        // There is room: it was checked above.
        membership.receipts.extend(receipt);
        true
    }

    /// Sends the draft to the other participants, and the receipts to the client.
    pub(super) fn send_draft(&mut self) {
        let Some(membership) = &mut self.membership else { return };
        let Some(draft) = membership.draft.take() else { return };
        let is_delivered = membership.seat.say(draft.finish());
        for receipt in std::mem::take(&mut membership.receipts) {
            let trid = receipt.trid;
            match (is_delivered, receipt.wants_ack) {
                (true, true) => self.emit(&Ack { trid }.into()),
                (true, false) => {}
                (false, _) => self.emit(&Nak { trid }.into()),
            }
        }
    }
}
