//! A conversation of the two users, on a switchboard.

use super::error::{AddressSource, SelftestError};
use super::session::Session;
use super::wire::Wire;
use msnp::command::{
    Acknowledgement, Ans, Cal, Msg, Payload, Sender, Transfer, Usr, UsrReply, Xfr, XfrReply,
};
use msnp::{Endpoint, Event, Handle, Server, TrId};
use std::net::SocketAddrV4;

/// The message. It has letters of several alphabets, so that a server that counts characters
/// instead of bytes would cut it. Its last line looks like a command.
const TEXT: &str = "MIME-Version: 1.0\r\nContent-Type: text/plain; charset=UTF-8\r\n\r\n\
                    msnpd self-test: \u{e4}\u{f6}\u{fc} \u{20ac} \u{4f60}\u{597d}\r\nMSG 1 N 5\r\n";

/// A user's connection to the switchboard.
pub(super) struct SwitchboardConnection {
    handle: Handle,
    wire: Wire,
}

/// Requests a switchboard and connects to it.
pub(super) async fn open_switchboard(
    caller: &mut Session,
) -> Result<(SwitchboardConnection, SocketAddrV4), SelftestError> {
    let trid = caller.trid();
    caller.wire.send(Xfr { trid, to: Transfer::Switchboard }).await?;
    let (Endpoint(address), cookie) = caller
        .receive("the address of a Switchboard Server", |event| match event {
            Event::Xfr(XfrReply::Switchboard { endpoint, cookie, .. }) => {
                Some((*endpoint, cookie.clone()))
            }
            _ => None,
        })
        .await?;
    let mut caller_connection = SwitchboardConnection::open(caller, address).await?;
    let handle = caller.handle.clone();
    caller_connection.wire.send(Usr::Switchboard { trid: TrId::new(1), handle, cookie }).await?;
    let confirmation =
        |event: Event<'_>| matches!(event, Event::Usr(UsrReply::Ok { .. })).then_some(());
    caller_connection.wire.receive("the admission to the conversation", confirmation).await?;
    Ok((caller_connection, address))
}

/// Invites the other user, who joins.
pub(super) async fn invite(
    caller_connection: &mut SwitchboardConnection,
    callee: &mut Session,
) -> Result<SwitchboardConnection, SelftestError> {
    let handle = callee.handle.clone();
    caller_connection.wire.send(Cal { trid: TrId::new(2), handle: handle.clone() }).await?;
    let confirmation = |event: Event<'_>| matches!(event, Event::Cal(_)).then_some(());
    caller_connection.wire.receive("the confirmation of the invitation", confirmation).await?;
    let invitation = callee.wait_for_invitation().await?;
    let mut callee_connection = SwitchboardConnection::open(callee, invitation.endpoint.0).await?;
    let (cookie, session) = (invitation.cookie, invitation.session);
    callee_connection.wire.send(Ans { trid: TrId::new(1), handle, cookie, session }).await?;
    let confirmation = |event: Event<'_>| matches!(event, Event::Ans(_)).then_some(());
    callee_connection.wire.receive("the admission to the conversation", confirmation).await?;
    let join = |event: Event<'_>| matches!(event, Event::Joi(_)).then_some(());
    caller_connection.wire.receive("the arrival of the other user", join).await?;
    Ok(callee_connection)
}

impl SwitchboardConnection {
    /// Connects to a switchboard that a Notification Server referred to.
    async fn open(
        session: &Session,
        address: SocketAddrV4,
    ) -> Result<SwitchboardConnection, SelftestError> {
        let source = AddressSource::SentBy(Server::Notification, session.wire.address);
        let who = session.handle.as_str();
        let wire = Wire::open(Server::Switchboard, address, source, who).await?;
        Ok(SwitchboardConnection { handle: session.handle.clone(), wire })
    }

    /// Sends a message, which the other user must receive byte for byte.
    pub(super) async fn send(
        &mut self,
        other: &mut SwitchboardConnection,
    ) -> Result<(), SelftestError> {
        let message_changed = || SelftestError::MessageChanged {
            from: self.handle.to_string(),
            to: other.handle.to_string(),
        };
        let trid = TrId::new(9);
        let payload = Payload::new(TEXT.as_bytes()).ok_or_else(message_changed)?;
        let acknowledgement = Acknowledgement::All;
        self.wire.send(Msg { trid, acknowledgement, payload }).await?;
        let is_same = other
            .wire
            .receive("the message", |event| {
                let Event::Msg(message) = event else { return None };
                let is_from_sender = matches!(&message.sender, Sender::Principal { handle, .. }
                    if *handle == self.handle);
                Some(is_from_sender && message.payload == TEXT.as_bytes())
            })
            .await?;
        if !is_same {
            return Err(message_changed());
        }
        let has_arrived = self
            .wire
            .receive("the delivery report", |event| match event {
                Event::Ack(_) => Some(true),
                Event::Nak(_) => Some(false),
                _ => None,
            })
            .await?;
        has_arrived.then_some(()).ok_or_else(message_changed)
    }

    /// Leaves; the other user is notified and leaves too.
    pub(super) async fn leave(self, mut other: SwitchboardConnection) -> Result<(), SelftestError> {
        self.wire.end().await?;
        let departure = |event: Event<'_>| matches!(event, Event::Bye(_)).then_some(());
        other.wire.receive("the departure of the other user", departure).await?;
        other.wire.end().await
    }
}
