#!/usr/bin/env bash
# actix 0.13.5 under the paused clock of tokio 1.54.1: a request to an actor on another thread times out at once.
#
# What happens: an actor in a `SyncArbiter`, or in an `Arbiter` of its own, works for two seconds. The caller waits up to
# 60 s. With the clock paused, the 60 s pass before the actor has done anything, and the caller gets `Elapsed`. The same work
# in `spawn_blocking` takes no virtual time, and its result arrives.
# Why it is unexpected: actix does blocking work in a `SyncArbiter`, as tokio does in `spawn_blocking`. But tokio advances a
# paused clock whenever its own runtime is idle. Only its own blocking threads prevent that, not those of actix. Neither
# documentation mentions it.
# Who is affected: programs whose store or password hashing is a `SyncArbiter`. Their tests with a paused clock fail, or pass
# for the wrong reason, since every wait with a limit reaches its limit. Such tests need `spawn_blocking`, or an actor on the
# same thread.
set -euo pipefail

folder="$(mktemp -d)"
trap 'rm -rf "$folder"' EXIT
export CARGO_TARGET_DIR="$folder/target"
mkdir "$folder/src"

cat > "$folder/Cargo.toml" << 'TOML'
[package]
name = "finding"
version = "0.0.0"
edition = "2024"

[dependencies]
actix = { version = "=0.13.5", default-features = false, features = ["macros"] }
tokio = { version = "=1.54.1", features = ["rt", "time", "test-util"] }

[workspace]

[profile.dev]
debug = false
TOML

cat > "$folder/src/main.rs" << 'RUST'
use actix::prelude::*;
use std::future::Future;
use std::thread;
use std::time::{Duration, Instant};
use tokio::runtime::Builder;

const WORK: Duration = Duration::from_secs(2);
const ALLOWED: Duration = Duration::from_secs(60);

#[derive(Message)]
#[rtype(result = "()")]
struct Work;

struct Blocking;
impl Actor for Blocking {
    type Context = SyncContext<Self>;
}
impl Handler<Work> for Blocking {
    type Result = ();
    fn handle(&mut self, _: Work, _: &mut Self::Context) {
        thread::sleep(WORK);
    }
}

struct OtherThread;
impl Actor for OtherThread {
    type Context = Context<Self>;
}
impl Handler<Work> for OtherThread {
    type Result = ();
    fn handle(&mut self, _: Work, _: &mut Self::Context) {
        thread::sleep(WORK);
    }
}

async fn ask<E: std::fmt::Debug>(whom: &str, reply: impl Future<Output = Result<(), E>>) {
    let (real, paused) = (Instant::now(), tokio::time::Instant::now());
    let result = match tokio::time::timeout(ALLOWED, reply).await {
        Ok(result) => {
            result.unwrap();
            "done"
        }
        Err(_) => "timed out",
    };
    let waited = if real.elapsed() < WORK { "before" } else { "after" };
    println!("{whom}: {result} {waited} 2 s, {} s of virtual time", paused.elapsed().as_secs());
}

fn main() {
    let runtime = || Builder::new_current_thread().enable_all().start_paused(true).build().unwrap();
    System::with_tokio_rt(runtime).block_on(async {
        ask("SyncArbiter", SyncArbiter::start(1, || Blocking).send(Work)).await;
        let arbiter = Arbiter::new();
        ask("another Arbiter", OtherThread::start_in_arbiter(&arbiter.handle(), |_| OtherThread).send(Work)).await;
        ask("spawn_blocking", tokio::task::spawn_blocking(|| thread::sleep(WORK))).await;
    });
}
RUST

cat > "$folder/expected" << 'TEXT'
SyncArbiter: timed out before 2 s, 60 s of virtual time
another Arbiter: timed out before 2 s, 60 s of virtual time
spawn_blocking: done after 2 s, 0 s of virtual time
TEXT

cargo run --quiet --manifest-path "$folder/Cargo.toml" > "$folder/seen"
echo "actix 0.13.5 under a paused clock of tokio 1.54.1, work of 2 s, 60 s allowed:"
cat "$folder/seen"
diff "$folder/expected" "$folder/seen" || { echo "it behaves otherwise now" >&2; exit 1; }
echo "as stated: the paused clock does not wait for actors on other threads"
