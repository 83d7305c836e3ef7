//! A node to test, its clients, and the store behind it.

mod cluster;
mod gate;
mod lines;
mod log_lines;
mod probe;
mod recorder;
mod settings;
mod wire;
mod world;

pub(crate) use cluster::{Cluster, crossed};
pub(crate) use gate::Gate;
pub(crate) use log_lines::{end_lines, record_log};
pub(crate) use probe::{Probe, Received};
pub(crate) use recorder::Recorder;
pub(crate) use wire::PanicAt;
pub(crate) use world::{PEER, Plan, STARTED, VERSION, World};

use actors::message::Client;
use msnp::{Cookie, Dialect, Endpoint, Event, FriendlyName, Handle, SessionId};
use std::future::Future;
use std::sync::mpsc;
use std::thread;
use std::time::Duration;

/// How long [`settle`] waits. Any time is long enough: virtual time passes only when nothing else
/// can happen.
pub(crate) const MOMENT: Duration = Duration::from_millis(1);

/// How long a test may take in real time. Virtual time stands still while the store works, so a
/// test that waits for something that never comes would wait forever.
const GUARD: Duration = Duration::from_secs(120);

/// Aborts the test program if a test does not end in time. Dropping the sender marks the end of the
/// test.
fn guard() -> mpsc::Sender<()> {
    let (running, ended) = mpsc::channel();
    let name = thread::current().name().unwrap_or("a test").to_owned();
    thread::spawn(move || {
        if ended.recv_timeout(GUARD) == Err(mpsc::RecvTimeoutError::Timeout) {
            eprintln!("{name} waited {GUARD:?} for something that never came");
            std::process::abort();
        }
    });
    running
}

/// Runs a test on an arbiter whose clock is paused.
pub(crate) fn run<F: Future>(test: F) -> F::Output {
    let _running = guard();
    let runtime = || {
        let mut runtime = tokio::runtime::Builder::new_current_thread();
        runtime.enable_time().start_paused(true).build().unwrap()
    };
    actix::System::with_tokio_rt(runtime).block_on(test)
}

/// Lets this much virtual time pass.
pub(crate) async fn pass(time: Duration) {
    tokio::time::sleep(time).await;
}

/// Waits until every actor is idle.
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

/// The client of a session without a connection, as if it were over IPv4.
pub(crate) fn client(dialect: Dialect) -> Option<Client> {
    Some(Client { dialect, has_ipv4: true })
}

/// What a principal needs to join a conversation.
pub(crate) struct Invitation {
    pub(crate) session: SessionId,
    pub(crate) endpoint: Endpoint,
    pub(crate) cookie: Cookie,
}

/// Returns the invitation in a `RNG`.
pub(crate) fn invitation(event: Event<'static>) -> Invitation {
    let Event::Rng(ring) = event else { panic!("RNG expected, not {event:?}") };
    Invitation { session: ring.session, endpoint: ring.endpoint, cookie: ring.cookie }
}
