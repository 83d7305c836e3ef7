use super::Session;
use crate::connection::ConnectionActor;
use crate::connection::Context;
use crate::message::TooManyCookiesError;
use crate::settings::Advertised;
use msnp::command::{Transfer, Xfr, XfrReply};
use msnp::{Endpoint, ErrorCode};

impl Session {
    /// `XFR`: returns a switchboard and a cookie for a new conversation. The conversation begins
    /// when the client connects to the switchboard.
    pub(super) fn xfr(&mut self, xfr: &Xfr, ctx: &mut Context<Session>) {
        let trid = xfr.trid;
        let settings = self.link.node().settings();
        if xfr.to == Transfer::Notification {
            return match self.endpoint(settings.notification) {
                Some(endpoint) => {
                    self.emit(
                        &XfrReply::Notification { trid, endpoint, sender: Some(endpoint) }.into(),
                    );
                }
                None => self.error(trid, ErrorCode::ServerUnavailable),
            };
        }
        if !self.presence.state.is_visible() || !self.invitable {
            return self.error(trid, ErrorCode::NotAllowedOffline);
        }
        let endpoint = self.endpoint(settings.switchboard);
        let Some((endpoint, signed_in)) = endpoint.zip(self.signed_in.as_ref()) else {
            return self.error(trid, ErrorCode::ServerUnavailable);
        };
        let issued = signed_in.request_conversation(Some(self.link.dialect()));
        self.ask(ctx, issued, move |session, issued, _| match issued {
            Ok(cookie) => session.emit(&XfrReply::Switchboard { trid, endpoint, cookie }.into()),
            Err(TooManyCookiesError) => session.error(trid, ErrorCode::TooManySessions),
        });
    }

    /// Returns the address at which this client reaches a server. `None` if the server does not run
    /// here, or has no address for this client: then a warning is logged.
    pub(super) fn endpoint(&self, server: Option<Advertised>) -> Option<Endpoint> {
        let label = self.link.label();
        let Some(server) = server else {
            log::warn!("{label}: refused, the server that it asks for does not run here");
            return None;
        };
        let found = server.endpoint_for(&self.link.peer_info());
        if found.is_none() {
            log::warn!(
                "{label}: refused, no IPv4 address of this server is known for it: set `advertise`"
            );
        }
        found
    }
}
