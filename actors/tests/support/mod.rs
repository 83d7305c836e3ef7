//! A node to play on, and who takes part.

mod gate;
mod lines;
mod probe;
mod recorder;
mod said;
mod settings;
mod wire;
mod world;

pub(crate) use gate::Gate;
pub(crate) use probe::{Heard, Probe};
pub(crate) use recorder::Recorder;
pub(crate) use said::{ends, listen};
pub(crate) use wire::Torn;
pub(crate) use world::{PEER, Plan, STARTED, VERSION, World};

use msnp::{Cookie, Endpoint, Event, FriendlyName, Handle, SessionId};
use std::future::Future;
use std::sync::mpsc;
use std::thread;
use std::time::Duration;

/// Long enough for everything to come to rest, however short: virtual time passes only when
/// nothing else can happen.
pub(crate) const MOMENT: Duration = Duration::from_millis(1);

/// How long a play may take in real time: while the store works virtual time stands still, so a play
/// that waits for what never comes would wait for ever.
const GUARD: Duration = Duration::from_secs(120);

/// Ends the test program if a play does not end. Dropping the sender is the sign that it has.
fn guard() -> mpsc::Sender<()> {
    let (playing, ended) = mpsc::channel();
    let name = thread::current().name().unwrap_or("a play").to_owned();
    thread::spawn(move || {
        if ended.recv_timeout(GUARD) == Err(mpsc::RecvTimeoutError::Timeout) {
            eprintln!("{name} has waited {GUARD:?} for what never came");
            std::process::abort();
        }
    });
    playing
}

/// Plays on an arbiter whose clock is paused.
pub(crate) fn run<F: Future>(play: F) -> F::Output {
    let _playing = guard();
    let runtime = || {
        let mut runtime = tokio::runtime::Builder::new_current_thread();
        runtime.enable_time().start_paused(true).build().unwrap()
    };
    actix::System::with_tokio_rt(runtime).block_on(play)
}

/// Lets virtual time pass.
pub(crate) async fn pass(time: Duration) {
    tokio::time::sleep(time).await;
}

/// Lets everything come to rest.
pub(crate) async fn settle() {
    pass(MOMENT).await;
}

pub(crate) const fn seconds(seconds: u64) -> Duration {
    Duration::from_secs(seconds)
}

pub(crate) const fn milliseconds(milliseconds: u64) -> Duration {
    Duration::from_millis(milliseconds)
}

/// `name@example.com`
pub(crate) fn handle(name: &str) -> Handle {
    Handle::new(&format!("{name}@example.com")).unwrap()
}

pub(crate) fn name(text: &str) -> FriendlyName {
    FriendlyName::new(text).unwrap()
}

/// What a principal needs to get into a conversation.
pub(crate) struct Invitation {
    pub(crate) session: SessionId,
    pub(crate) endpoint: Endpoint,
    pub(crate) cookie: Cookie,
}

/// The invitation that a `RNG` is.
pub(crate) fn invitation(event: Event<'static>) -> Invitation {
    let Event::Rng(ring) = event else { panic!("RNG expected, not {event:?}") };
    Invitation { session: ring.session, endpoint: ring.endpoint, cookie: ring.cookie }
}
