use super::Participant;
use crate::connection::ConnectionActor;
use crate::message::{Receipt, Relay};
use msnp::command::{Acknowledgement, Msg, Nak, RejectionReason};

impl Participant {
    /// `MSG`: sends a message. Messages that arrived together are relayed together.
    pub(super) fn msg(&mut self, msg: &Msg<'_>) {
        if msg.payload.has_reserved_content_type() {
            return self.withhold(msg);
        }
        if !self.append(msg) {
            self.send_draft();
            // An empty draft has room for any message.
            self.append(msg);
        }
    }

    /// Drops a message with a content type that is reserved for servers.
    #[cold]
    fn withhold(&mut self, msg: &Msg<'_>) {
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
        let Some(seat) = &mut self.seat else { return true };
        let receipt = match msg.acknowledgement {
            Acknowledgement::None => None,
            Acknowledgement::Negative => Some(Receipt { trid: msg.trid, success: false }),
            Acknowledgement::All => Some(Receipt { trid: msg.trid, success: true }),
        };
        if receipt.is_some() && seat.receipts.is_full() {
            return false;
        }
        let draft = seat.draft.get_or_insert_default();
        if draft.message(&seat.prefix, msg.payload.as_bytes()).is_err() {
            return false;
        }
        // There is room: it was checked above.
        seat.receipts.extend(receipt);
        true
    }

    /// Relays the draft to the conversation.
    pub(super) fn send_draft(&mut self) {
        let Some(seat) = &mut self.seat else { return };
        let Some(draft) = seat.draft.take() else { return };
        let receipts = std::mem::take(&mut seat.receipts);
        let failed = receipts.clone();
        let relay = Relay { member: seat.member, frame: draft.finish(), receipts };
        if seat.switchboard.try_send(relay).is_err() {
            // The switchboard's mailbox is full, so the messages were not delivered.
            for receipt in failed {
                self.emit(&Nak { trid: receipt.trid }.into());
            }
        }
    }
}
