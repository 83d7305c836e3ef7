//! A conversation on a switchboard of the server.

use super::{Participant, Session, Wire};
use crate::error::BenchError;
use msnp::command::{Ans, Cal, Transfer, Usr, UsrReply, Xfr, XfrReply};
use msnp::{Event, Server, TrId};
use std::net::SocketAddr;

/// A conversation, and the connections that keep it alive.
#[derive(Debug)]
pub(crate) struct Conversation {
    /// Its members. The first checks the texts of the second, all others those of the first.
    pub(crate) participants: Vec<Participant>,
    sessions: Vec<Session>,
}

impl Conversation {
    /// Creates a conversation on the bare relay, whose members need no sessions.
    pub(crate) fn of(participants: Vec<Participant>) -> Conversation {
        Conversation { participants, sessions: Vec::new() }
    }

    /// Signs in the accounts from `first` on. The first invites the others, one after the other.
    pub(crate) async fn on_switchboard(
        dispatch: SocketAddr,
        first: usize,
        members: usize,
        text_length: usize,
    ) -> Result<Conversation, BenchError> {
        let mut caller = Session::open(dispatch, first).await?;
        let mut board = open_switchboard(&mut caller).await?;
        let (mut sessions, mut participants) = (vec![caller], Vec::new());
        for number in first + 1..first + members {
            let mut callee = Session::open(dispatch, number).await?;
            let wire = call(&mut board, &mut callee).await?;
            let speaker =
                sessions.first().ok_or_else(|| BenchError::wrong("there is no sender"))?;
            participants.push((wire, speaker.principal.clone()));
            sessions.push(callee);
        }
        let second = sessions.get(1).ok_or_else(|| BenchError::wrong("a conversation of one"))?;
        participants.insert(0, (board, second.principal.clone()));
        for (count, (wire, _)) in participants.iter_mut().enumerate().skip(1) {
            // Each new member is announced to the earlier ones.
            receive_joins(wire, members - 1 - count).await?;
        }
        let participants = participants
            .into_iter()
            .map(|(wire, other)| Participant::new(wire, &other, text_length));
        Ok(Conversation { participants: participants.collect::<Result<_, _>>()?, sessions })
    }

    /// Waits for each member's profile, the last thing that the server sends by itself. By then it
    /// no longer delays messages to a member who has just joined.
    pub(crate) async fn settle(&mut self) -> Result<(), BenchError> {
        for session in &mut self.sessions {
            session.settle().await?;
        }
        Ok(())
    }

    pub(crate) async fn end(self) -> Result<(), BenchError> {
        for participant in self.participants {
            participant.end().await?;
        }
        for session in self.sessions {
            session.wire.end().await?;
        }
        Ok(())
    }
}

/// Asks for a switchboard and connects to it.
pub(crate) async fn open_switchboard(caller: &mut Session) -> Result<Wire, BenchError> {
    caller.wire.send(Xfr { trid: TrId::new(7), to: Transfer::Switchboard }).await?;
    let (endpoint, cookie) = caller
        .wire
        .receive("a switchboard", |event| match event {
            Event::Xfr(XfrReply::Switchboard { endpoint, cookie, .. }) => Some((endpoint, cookie)),
            _ => None,
        })
        .await?;
    let mut board = Wire::open(endpoint.0.into(), Server::Switchboard).await?;
    let handle = caller.principal.handle.clone();
    board.send(Usr::Switchboard { trid: TrId::new(1), handle, cookie }).await?;
    board
        .receive("USR OK", |event| matches!(event, Event::Usr(UsrReply::Ok { .. })).then_some(()))
        .await?;
    Ok(board)
}

/// Invites a user, who joins, and returns the user's connection. The caller has received `JOI`.
pub(crate) async fn call(board: &mut Wire, callee: &mut Session) -> Result<Wire, BenchError> {
    let handle = callee.principal.handle.clone();
    board.send(Cal { trid: TrId::new(2), handle: handle.clone() }).await?;
    board.receive("RINGING", |event| matches!(event, Event::Cal(_)).then_some(())).await?;
    let (session, endpoint, cookie) = callee
        .wire
        .receive("RNG", |event| match event {
            Event::Rng(ring) => Some((ring.session, ring.endpoint, ring.cookie)),
            _ => None,
        })
        .await?;
    let mut wire = Wire::open(endpoint.0.into(), Server::Switchboard).await?;
    wire.send(Ans { trid: TrId::new(1), handle, cookie, session }).await?;
    wire.receive("ANS OK", |event| matches!(event, Event::Ans(_)).then_some(())).await?;
    receive_joins(board, 1).await?;
    Ok(wire)
}

async fn receive_joins(wire: &mut Wire, mut count: usize) -> Result<(), BenchError> {
    if count == 0 {
        return Ok(());
    }
    wire.receive("JOI", |event| {
        count -= usize::from(matches!(event, Event::Joi(_)));
        (count == 0).then_some(())
    })
    .await
}
