//! Conversations: the switchboard and its participants.

mod admission;
mod answered;
mod dead_connections;
mod idle;
mod members;
mod messages;
mod ringing;
mod slow;
mod switchboard;

use crate::support::{Invitation, Probe, World, invitation, pass};
use actors::notification::Session;
use actors::participant::Participant;
use msnp::Event;
use std::time::Duration;

/// How long the first delivery waits after `ANS`.
const ANSWERED: Duration = Duration::from_millis(50);

/// A user's session and their connection to a conversation.
pub(crate) struct Talker {
    local: &'static str,
    session: Probe<Session>,
    pub(crate) talk: Probe<Participant>,
}

/// A user starts a conversation.
pub(crate) async fn starts(world: &World, local: &'static str) -> Talker {
    let mut session = world.online(local).await;
    let talk = world.conversation(local, &mut session).await;
    Talker { local, session, talk }
}

/// Calls a user, whose session receives the call.
async fn calls(caller: &mut Probe<Participant>, callee: (&str, &mut Probe<Session>)) -> Invitation {
    let (local, session) = callee;
    caller.send(&format!("CAL 2 {local}@example.com")).await;
    let answer = caller.next_event().await;
    let ring = invitation(session.next_event().await);
    let Event::Cal(answer) = answer else { panic!("{answer:?}") };
    assert_eq!(answer.session, ring.session);
    ring
}

pub(crate) fn answer(local: &str, ring: &Invitation) -> String {
    format!("ANS 1 {local}@example.com {} {}", ring.cookie.as_str(), ring.session)
}

/// A user comes online, is called and joins. All events about that are read.
pub(crate) async fn joins(world: &World, caller: &mut Talker, local: &'static str) -> Talker {
    let mut session = world.online(local).await;
    let ring = calls(&mut caller.talk, (local, &mut session)).await;
    let mut talk = world.switchboard();
    talk.send(&answer(local, &ring)).await;
    while !matches!(talk.next_event().await, Event::Ans(_)) {}
    assert!(matches!(caller.talk.next_event().await, Event::Joi(_)));
    pass(ANSWERED).await;
    Talker { local, session, talk }
}
