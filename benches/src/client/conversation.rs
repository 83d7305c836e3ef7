//! A conversation on a switchboard of the server.

use super::{Participant, Session, Wire};
use crate::error::BenchError;
use msnp::command::{Ans, Cal, Transfer, Usr, UsrReply, Xfr, XfrReply};
use msnp::{Event, Server, TrId};
use std::net::SocketAddr;

/// A conversation, and the connections that keep it alive.
#[derive(Debug)]
pub(crate) struct Conversation {
    /// Its members. The first checks the texts of the second; all others check the texts of the first.
    pub(crate) participants: Vec<Participant>,
    sessions: Vec<Session>,
}

impl Conversation {
    /// Creates a conversation on the bare relay, whose members need no sessions.
    pub(crate) fn without_sessions(participants: Vec<Participant>) -> Conversation {
        Conversation { participants, sessions: Vec::new() }
    }

    /// Signs in as many accounts as there are members, from the account `first` on. That one invites the
    /// others, one after the other.
    pub(crate) async fn on_switchboard(
        dispatch: SocketAddr,
        first: usize,
        members: usize,
        text_length: usize,
    ) -> Result<Conversation, BenchError> {
        let mut caller = Session::open(dispatch, first).await?;
        let mut switchboard = open_switchboard(&mut caller).await?;
        let (mut sessions, mut participants) = (vec![caller], Vec::new());
        for number in first + 1..first + members {
            let mut callee = Session::open(dispatch, number).await?;
            let wire = call(&mut switchboard, &mut callee).await?;
            let first_session =
                sessions.first().ok_or_else(|| BenchError::wrong("there is no sender"))?;
            participants.push((wire, first_session.principal.clone()));
            sessions.push(callee);
        }
        let second = sessions
            .get(1)
            .ok_or_else(|| BenchError::wrong("a conversation has at least two members"))?;
        participants.insert(0, (switchboard, second.principal.clone()));
        for (index, (wire, _)) in participants.iter_mut().enumerate().skip(1) {
            // The server announces each new member to the earlier ones.
            let later_members = members - 1 - index;
            receive_joins(wire, later_members).await?;
        }
        let participants = participants
            .into_iter()
            .map(|(wire, sender)| Participant::new(wire, &sender, text_length));
        Ok(Conversation { participants: participants.collect::<Result<_, _>>()?, sessions })
    }

    /// Waits for the profile of each member, which is the last message that the server sends by itself. From
    /// then on, the server no longer delays messages to members who have just joined.
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
    let mut switchboard = Wire::open(endpoint.0.into(), Server::Switchboard).await?;
    let handle = caller.principal.handle.clone();
    switchboard.send(Usr::Switchboard { trid: TrId::new(1), handle, cookie }).await?;
    switchboard
        .receive("USR OK", |event| matches!(event, Event::Usr(UsrReply::Ok { .. })).then_some(()))
        .await?;
    Ok(switchboard)
}

/// Invites a user, who joins. Returns the user's connection, after the caller has received `JOI`.
pub(crate) async fn call(switchboard: &mut Wire, callee: &mut Session) -> Result<Wire, BenchError> {
    let handle = callee.principal.handle.clone();
    switchboard.send(Cal { trid: TrId::new(2), handle: handle.clone() }).await?;
    switchboard.receive("RINGING", |event| matches!(event, Event::Cal(_)).then_some(())).await?;
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
    receive_joins(switchboard, 1).await?;
    Ok(wire)
}

/// Waits until this number of members have joined.
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
