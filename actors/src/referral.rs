//! The `Referral` actor: one connection to the Dispatch Server.

use crate::connection::{Busy, FromClient, Link, Served, from_client, start};
use crate::end::EndReason;
use crate::handshake::{self, Handshake};
use crate::message::Refer;
use crate::settings::Advertised;
use actix::{Actor, Context, Handler};
use msnp::command::{ErrorReply, Usr, XfrReply};
use msnp::{Dialect, ErrorCode, Event, Handle, Phase, Request, Server, TrId};

/// A client that wants to know its Notification Server.
pub struct Referral {
    link: Link,
    dialect: Dialect,
    phase: Phase,
    waiting: bool,
}

impl Referral {
    /// A new connection.
    pub fn new(link: Link) -> Referral {
        Referral { link, dialect: Dialect::Msnp2, phase: Phase::Fresh, waiting: false }
    }

    fn usr(&mut self, usr: Usr, ctx: &mut Context<Referral>) {
        match usr {
            Usr::Initial { trid, handle } => {
                let refer = Refer { handle: handle.clone(), dialect: self.dialect };
                let answer = self.link.node().dispatcher.send(refer);
                self.ask(ctx, answer, move |referral, server, _| {
                    referral.refer(trid, &handle, server.ok().flatten());
                });
            }
            Usr::Response { trid, .. } | Usr::Switchboard { trid, .. } => {
                self.refuse(trid, ErrorCode::AuthenticationFailed, EndReason::WrongPassword);
            }
        }
    }

    fn refer(&mut self, trid: TrId, handle: &Handle, server: Option<Advertised>) {
        let facts = self.link.facts();
        let Some(endpoint) = server.and_then(|server| server.to(&facts)) else {
            return self.refuse(trid, ErrorCode::ServerUnavailable, EndReason::NoAddress);
        };
        log::debug!("{} is referred to {endpoint} as {handle}", facts.peer);
        self.link.emit(&XfrReply::Notification { trid, endpoint }.into(), self.dialect);
        self.link.part(EndReason::Referred);
    }

    fn refuse(&mut self, trid: TrId, code: ErrorCode, reason: EndReason) {
        self.link.emit(&Event::Error(ErrorReply { code, trid }), self.dialect);
        self.link.close(reason);
    }
}

impl Actor for Referral {
    type Context = Context<Referral>;

    fn started(&mut self, ctx: &mut Context<Referral>) {
        start(ctx);
    }
}

impl Handshake for Referral {
    fn agree(&mut self, dialect: Dialect, phase: Phase) {
        self.dialect = dialect;
        self.phase = phase;
    }
}

impl Served for Referral {
    const SERVER: Server = Server::Dispatch;

    fn link(&mut self) -> &mut Link {
        &mut self.link
    }

    fn phase(&self) -> Phase {
        self.phase
    }

    fn dialect(&self) -> Dialect {
        self.dialect
    }

    fn waits(&mut self) -> &mut bool {
        &mut self.waiting
    }

    fn request(&mut self, request: Request<'_>, ctx: &mut Context<Referral>) {
        match request {
            Request::Ver(ver) => handshake::ver(self, &ver),
            Request::Inf(inf) => handshake::inf(self, &inf),
            Request::Cvr(cvr) => handshake::cvr(self, &cvr),
            Request::Cvq(cvq) => handshake::cvq(self, &cvq),
            Request::Usr(usr) => self.usr(usr, ctx),
            Request::Out(_) => self.link.close(EndReason::Left),
            // The gate lets no other command through.
            _ => self.link.close(EndReason::other_server()),
        }
    }

    fn ended(&mut self, reason: EndReason) {
        log::debug!("dispatch connection {} ended: {reason}", self.link.id());
    }

    fn farewell(&mut self) {
        self.link.close(EndReason::ShuttingDown);
    }
}

impl Handler<FromClient> for Referral {
    type Result = Result<(), Busy>;

    fn handle(
        &mut self,
        FromClient(request): FromClient,
        ctx: &mut Context<Referral>,
    ) -> Self::Result {
        from_client(self, request, ctx)
    }
}
