//! The `Referral` actor: a connection to the Dispatch Server.

use crate::connection::{BusyError, ConnectionActor, Context, FromClient, Link, handle_request};
use crate::end::EndReason;
use crate::handshake;
use crate::message::{Observe, Refer, ReferralState};
use crate::settings::Advertised;
use actix::{Actor, Handler, MessageResult};
use msnp::command::{Usr, XfrReply};
use msnp::{ErrorCode, Handle, Request, Server, TrId};

/// The connection of a client that asks for its Notification Server.
pub struct Referral {
    link: Link,
}

impl Referral {
    pub fn new(link: Link) -> Referral {
        Referral { link }
    }

    fn usr(&mut self, usr: Usr, ctx: &mut Context<Referral>) {
        match usr {
            Usr::Initial { trid, handle } => {
                self.link.set_claimed_account(self.link.node().directory.find_ref(&handle));
                let refer = Refer { handle: handle.clone(), dialect: self.link.dialect() };
                let answer = self.link.node().dispatcher.send(refer);
                self.ask(ctx, answer, move |referral, server, _| {
                    referral.refer(trid, &handle, server.ok().flatten());
                });
            }
            // The Dispatch Server sends no challenge and issues no cookie.
            Usr::Response { trid, .. } | Usr::Switchboard { trid, .. } => {
                let code = ErrorCode::AuthenticationFailed;
                self.link.refuse(trid, code, EndReason::command_for_other_server());
            }
        }
    }

    fn refer(&mut self, trid: TrId, handle: &Handle, server: Option<Advertised>) {
        let peer_info = self.link.peer_info();
        let Some(endpoint) = server.and_then(|server| server.endpoint_for(&peer_info)) else {
            return self.link.refuse(trid, ErrorCode::ServerUnavailable, EndReason::NoAddress);
        };
        log::debug!("{} is referred to {endpoint} as {handle}", peer_info.peer);
        let own_endpoint =
            self.link.node().settings().dispatch.and_then(|server| server.endpoint_for(&peer_info));
        self.link.emit(&XfrReply::Notification { trid, endpoint, sender: own_endpoint }.into());
        self.link.close_after_peer(EndReason::Referred);
    }
}

impl Actor for Referral {
    type Context = Context<Referral>;
}

impl ConnectionActor for Referral {
    const SERVER: Server = Server::Dispatch;

    fn link(&mut self) -> &mut Link {
        &mut self.link
    }

    fn request(&mut self, request: Request<'_>, ctx: &mut Context<Referral>) {
        match request {
            Request::Ver(ver) => handshake::ver(&mut self.link, &ver),
            Request::Inf(inf) => handshake::inf(&mut self.link, &inf),
            Request::Cvr(cvr) => handshake::cvr(&mut self.link, &cvr),
            Request::Cvq(cvq) => handshake::cvq(&mut self.link, &cvq),
            Request::Usr(usr) => self.usr(usr, ctx),
            Request::Out(_) => self.link.close(EndReason::Left),
            // The gate has already rejected commands that only other kinds of server accept.
            msnp::requests_only_on!(Notification) | msnp::requests_only_on!(Switchboard) => {
                self.link.close(EndReason::command_for_other_server());
            }
        }
    }

    fn shut_down(&mut self, reason: EndReason) {
        self.link.close(reason);
    }
}

impl Handler<FromClient> for Referral {
    type Result = Result<(), BusyError>;

    fn handle(
        &mut self,
        FromClient(request): FromClient,
        ctx: &mut Context<Referral>,
    ) -> Self::Result {
        handle_request(self, request, ctx)
    }
}

impl Handler<Observe<ReferralState>> for Referral {
    type Result = MessageResult<Observe<ReferralState>>;

    fn handle(&mut self, _: Observe<ReferralState>, _: &mut Context<Referral>) -> Self::Result {
        let (connection, phase) = (self.link.id(), self.link.phase());
        MessageResult(ReferralState { connection, phase, dialect: self.link.dialect() })
    }
}
