//! The greeter: which accounts have it as a contact, what it sends and what it ignores.

mod account;
mod talk;

use crate::support::{Plan, Probe, World, handle, invitation, name, pass, settle};
use actors::message::{GreeterState, Observe};
use actors::notification::Session;
use actors::participant::Participant;
use actors::port::store::Principal;
use msnp::Event;
use std::time::Duration;

/// The headers of a text message.
const HEADERS: &str = "MIME-Version: 1.0\r\nContent-Type: text/plain; charset=UTF-8\r\n\r\n";

/// The greeting for a user who sees no contacts.
const HELLO: &str = "Hello Alice! This is msnpd, the Messenger server of example.com. None of your \
                     contacts are online right now. Write something and I will echo it.";

fn wanted(plan: &mut Plan) {
    plan.settings.greeter = Some(Principal { handle: handle("greeter"), name: name("Greeter") });
}

/// Runs a test on a node whose greeter is no one's contact.
fn with_greeter<F: Future<Output = ()>>(test: impl FnOnce(World) -> F) {
    with_greeter_and(|_| {}, test);
}

fn with_greeter_and<F: Future<Output = ()>>(
    change: impl FnOnce(&mut Plan),
    test: impl FnOnce(World) -> F,
) {
    let change = |plan: &mut Plan| {
        wanted(plan);
        change(plan);
    };
    World::run_with(change, |world| async {
        world.node.start_greeter();
        settle().await;
        test(world).await;
    });
}

async fn state(world: &World) -> GreeterState {
    world.node.start_greeter().send(Observe::default()).await.unwrap()
}

/// Whether the greeter is signed in.
async fn is_online(world: &World) -> bool {
    settle().await;
    let account = state(world).await.account;
    let online = world.registry().await.online;
    let answers_ping =
        account.is_some_and(|account| online.iter().any(|one| one.account == account));
    assert_eq!(account.is_some(), answers_ping);
    answers_ping
}

/// A user calls the greeter, who joins.
async fn calls(world: &World, local: &str, session: &mut Probe<Session>) -> Probe<Participant> {
    let mut talk = world.conversation(local, session).await;
    talk.send("CAL 2 greeter@example.com").await;
    assert!(matches!(talk.next_event().await, Event::Cal(_)));
    talk.expect("JOI greeter@example.com Greeter").await;
    talk
}

/// Alice is online and in a conversation with the greeter, which has greeted her.
async fn talks(world: &World) -> (Probe<Session>, Probe<Participant>) {
    let mut alice = world.online("alice").await;
    let mut talk = calls(world, "alice", &mut alice).await;
    expects_text(&mut talk, HELLO).await;
    (alice, talk)
}

async fn sends_text(talk: &mut Probe<Participant>, text: &str) {
    talk.send_message(9, "N", format!("{HEADERS}{text}").as_bytes()).await;
}

async fn expects_text(talk: &mut Probe<Participant>, text: &str) {
    let payload = format!("{HEADERS}{text}");
    talk.expect_message("greeter@example.com Greeter", payload.as_bytes()).await;
}

/// Another user joins a conversation. All events about that are read.
async fn joins(
    world: &World,
    talk: &mut Probe<Participant>,
    local: &str,
    session: &mut Probe<Session>,
) -> Probe<Participant> {
    talk.send(&format!("CAL 3 {local}@example.com")).await;
    assert!(matches!(talk.next_event().await, Event::Cal(_)));
    let ring = invitation(session.next_event().await);
    let mut other = world.switchboard();
    other
        .send(&format!("ANS 1 {local}@example.com {} {}", ring.cookie.as_str(), ring.session))
        .await;
    while !matches!(other.next_event().await, Event::Ans(_)) {}
    assert!(matches!(talk.next_event().await, Event::Joi(_)));
    // After `ANS`, deliveries wait for a moment.
    pass(Duration::from_millis(50)).await;
    other
}
