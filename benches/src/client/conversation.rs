//! A conversation on a switchboard of the server.

use super::{Seat, Session, Wire};
use crate::error::BenchError;
use msnp::command::{Ans, Cal, Transfer, Usr, UsrReply, Xfr, XfrReply};
use msnp::{Event, Server, TrId};
use std::net::SocketAddr;

/// A conversation, and what keeps it alive.
#[derive(Debug)]
pub(crate) struct Conversation {
    /// Its members. The first hears the second, all others the first.
    pub(crate) seats: Vec<Seat>,
    /// Their connections to the Notification Server.
    sessions: Vec<Session>,
}

impl Conversation {
    /// Of members who have no sessions.
    pub(crate) fn of(seats: Vec<Seat>) -> Conversation {
        Conversation { seats, sessions: Vec::new() }
    }

    /// The accounts from `first` on sign in; the first calls the others, one after the other.
    pub(crate) async fn on_switchboard(
        dispatch: SocketAddr,
        first: usize,
        members: usize,
        text: usize,
    ) -> Result<Conversation, BenchError> {
        let mut caller = Session::open(dispatch, first).await?;
        let mut board = begin(&mut caller).await?;
        let (mut sessions, mut seats) = (vec![caller], Vec::new());
        for number in first + 1..first + members {
            let mut callee = Session::open(dispatch, number).await?;
            let wire = call(&mut board, &mut callee).await?;
            let speaker = sessions.first().ok_or_else(|| BenchError::wrong("nobody speaks"))?;
            seats.push((wire, speaker.principal.clone()));
            sessions.push(callee);
        }
        let second = sessions.get(1).ok_or_else(|| BenchError::wrong("a conversation of one"))?;
        seats.insert(0, (board, second.principal.clone()));
        for (count, (wire, _)) in seats.iter_mut().enumerate().skip(1) {
            // Who came later is announced to those who were there.
            hear_joins(wire, members - 1 - count).await?;
        }
        let seats = seats.into_iter().map(|(wire, other)| Seat::new(wire, &other, text));
        Ok(Conversation { seats: seats.collect::<Result<_, _>>()?, sessions })
    }

    /// Waits until the server does nothing more by itself for its members: the profiles have come, and
    /// deliveries do not wait for who has answered any more, which is a shorter time.
    pub(crate) async fn settle(&mut self) -> Result<(), BenchError> {
        for session in &mut self.sessions {
            session.settle().await?;
        }
        Ok(())
    }

    /// All leave the conversation, and sign out.
    pub(crate) async fn end(self) -> Result<(), BenchError> {
        for seat in self.seats {
            seat.end().await?;
        }
        for session in self.sessions {
            session.wire.end().await?;
        }
        Ok(())
    }
}

/// Asks for a switchboard and goes there.
pub(crate) async fn begin(caller: &mut Session) -> Result<Wire, BenchError> {
    caller.wire.say(Xfr { trid: TrId::new(7), to: Transfer::Switchboard }).await?;
    let (endpoint, cookie) = caller
        .wire
        .hear("a switchboard", |event| match event {
            Event::Xfr(XfrReply::Switchboard { endpoint, cookie, .. }) => Some((endpoint, cookie)),
            _ => None,
        })
        .await?;
    let mut board = Wire::open(endpoint.0.into(), Server::Switchboard).await?;
    let handle = caller.principal.handle.clone();
    board.say(Usr::Switchboard { trid: TrId::new(1), handle, cookie }).await?;
    board
        .hear("USR OK", |event| matches!(event, Event::Usr(UsrReply::Ok { .. })).then_some(()))
        .await?;
    Ok(board)
}

/// Calls somebody, who comes: his connection. The caller has heard of it then.
pub(crate) async fn call(board: &mut Wire, callee: &mut Session) -> Result<Wire, BenchError> {
    let handle = callee.principal.handle.clone();
    board.say(Cal { trid: TrId::new(2), handle: handle.clone() }).await?;
    board.hear("RINGING", |event| matches!(event, Event::Cal(_)).then_some(())).await?;
    let (session, endpoint, cookie) = callee
        .wire
        .hear("RNG", |event| match event {
            Event::Rng(ring) => Some((ring.session, ring.endpoint, ring.cookie)),
            _ => None,
        })
        .await?;
    let mut wire = Wire::open(endpoint.0.into(), Server::Switchboard).await?;
    wire.say(Ans { trid: TrId::new(1), handle, cookie, session }).await?;
    wire.hear("ANS OK", |event| matches!(event, Event::Ans(_)).then_some(())).await?;
    hear_joins(board, 1).await?;
    Ok(wire)
}

async fn hear_joins(wire: &mut Wire, mut count: usize) -> Result<(), BenchError> {
    if count == 0 {
        return Ok(());
    }
    wire.hear("JOI", |event| {
        count -= usize::from(matches!(event, Event::Joi(_)));
        (count == 0).then_some(())
    })
    .await
}
