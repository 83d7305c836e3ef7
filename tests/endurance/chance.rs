//! Random edits and moments that can be repeated.

use std::fmt::Debug;
use std::str::FromStr;
use std::thread;
use std::time::{Duration, SystemTime};

use fastrand::Rng;

/// Returns the number of rounds: `MSNPD_ROUNDS`, or this default.
pub(crate) fn rounds(otherwise: u32) -> u32 {
    variable("MSNPD_ROUNDS").unwrap_or(otherwise)
}

fn variable<T: FromStr<Err: Debug>>(name: &str) -> Option<T> {
    let text = std::env::var(name).ok()?;
    Some(text.parse().unwrap_or_else(|why| panic!("{name}={text}: {why:?}")))
}

/// The random numbers of one test. If the test fails, prints how to repeat it.
pub(crate) struct Chance {
    pub(crate) rng: Rng,
    seed: u64,
    round: u32,
}

impl Chance {
    pub(crate) fn new() -> Self {
        let since = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH);
        let by_clock = since.expect("a clock after 1970").subsec_nanos().into();
        let seed = variable("MSNPD_SEED").unwrap_or(by_clock);
        Self { rng: Rng::with_seed(seed), seed, round: 0 }
    }

    /// Begins a round. Its random numbers do not depend on earlier rounds.
    pub(crate) fn round(&mut self, round: u32) {
        self.round = round;
        self.rng = Rng::with_seed(self.seed.wrapping_add(u64::from(round) << 32));
    }
}

/// Waits for a random time shorter than `span`, so that the next kill comes at a random moment.
pub(crate) fn pass(rng: &mut Rng, span: Duration) {
    let most = u64::try_from(span.as_micros()).expect("a short time");
    thread::sleep(Duration::from_micros(rng.u64(0..most.max(1))));
}

impl Drop for Chance {
    fn drop(&mut self) {
        if thread::panicking() {
            let (seed, round) = (self.seed, self.round);
            eprintln!("it failed in round {round}; the same edits: MSNPD_SEED={seed}");
        }
    }
}
