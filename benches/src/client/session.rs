//! Signing in, through the referral.

use super::{DIALECT, Wire};
use crate::error::BenchError;
use crate::rig::{PASSWORD, Principal};
use msnp::auth::Digest;
use msnp::command::{Chg, Inf, LstReply, Syn, Usr, UsrReply, Ver, XfrReply};
use msnp::{Event, LaterDialects, List, Server, State, TrId};
use std::net::SocketAddr;

/// A signed-in user.
#[derive(Debug)]
pub(crate) struct Session {
    pub(crate) principal: Principal,
    pub(crate) wire: Wire,
    /// The number of entries on the forward list that the server sent.
    pub(crate) contacts: usize,
}

const fn trid(value: u32) -> TrId {
    TrId::new(value)
}

impl Session {
    /// Signs an account in, as a client that does not have its lists: from `VER` on the Dispatch Server
    /// to the echo of `CHG`. It waits for each answer.
    pub(crate) async fn open(dispatch: SocketAddr, number: usize) -> Result<Session, BenchError> {
        let principal = Principal::numbered(number)?;
        let mut referral = Wire::open(dispatch, Server::Dispatch).await?;
        negotiate(&mut referral, &principal).await?;
        let notification = referral
            .receive("the referral", |event| match event {
                Event::Xfr(XfrReply::Notification { endpoint, .. }) => Some(endpoint.0),
                _ => None,
            })
            .await?;
        drop(referral);
        let mut wire = Wire::open(notification.into(), Server::Notification).await?;
        negotiate(&mut wire, &principal).await?;
        authenticate(&mut wire).await?;
        let contacts = synchronise(&mut wire).await?;
        wire.send(Chg { trid: trid(6), state: State::Online }).await?;
        wire.receive("the echo of CHG", |event| matches!(event, Event::Chg(_)).then_some(()))
            .await?;
        Ok(Session { principal, wire, contacts })
    }

    /// Waits for the profile, which the server sends when the connection is quiet.
    pub(crate) async fn settle(&mut self) -> Result<(), BenchError> {
        self.wire.receive_profile().await
    }
}

async fn negotiate(wire: &mut Wire, principal: &Principal) -> Result<(), BenchError> {
    let mut offered = msnp::command::Dialects::new();
    // There is room for all dialects.
    let _ = offered.push(DIALECT);
    wire.send(Ver {
        trid: trid(1),
        offered,
        later: LaterDialects::default(),
        unknown: None,
        cvr0: false,
    })
    .await?;
    wire.receive("VER", |event| match event {
        Event::Ver(reply) => reply.agreed.contains(&DIALECT).then_some(()),
        _ => None,
    })
    .await?;
    wire.send(Inf { trid: trid(2) }).await?;
    wire.receive("INF", |event| matches!(event, Event::Inf(_)).then_some(())).await?;
    wire.send(Usr::Initial { trid: trid(3), handle: principal.handle.clone() }).await
}

async fn authenticate(wire: &mut Wire) -> Result<(), BenchError> {
    let challenge = wire
        .receive("the challenge", |event| match event {
            Event::Usr(UsrReply::Challenge { challenge, .. }) => Some(challenge),
            _ => None,
        })
        .await?;
    let digest = Digest::of(&challenge, PASSWORD.as_bytes());
    wire.send(Usr::Response { trid: trid(4), digest }).await?;
    wire.receive("USR OK", |event| matches!(event, Event::Usr(UsrReply::Ok { .. })).then_some(()))
        .await
}

/// Requests all lists, of which the reverse list is the last. Returns the length of the forward list.
async fn synchronise(wire: &mut Wire) -> Result<usize, BenchError> {
    wire.send(Syn { trid: trid(5), version: 0 }).await?;
    let mut contacts = 0;
    wire.receive("the lists", |event| {
        let Event::Lst(LstReply::List(line)) = event else { return None };
        contacts += usize::from(line.list == List::Forward && line.entry.is_some());
        let last = line.entry.is_none_or(|entry| entry.index == entry.count);
        (line.list == List::Reverse && last).then_some(())
    })
    .await?;
    Ok(contacts)
}
