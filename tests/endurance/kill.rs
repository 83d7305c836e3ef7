//! The server is killed during edits.

use std::sync::atomic::Ordering::Relaxed;
use std::thread;
use std::time::{Duration, Instant};

use crate::chance::{Chance, pass, rounds};
use crate::household::{Household, edit_during};
use crate::support::connection::TIMEOUT;

/// The latest moment of the kill, after the first edit.
const LATEST: Duration = Duration::from_millis(60);

#[test]
fn every_confirmed_change_survives_kill_9() {
    let mut chance = Chance::new();
    let mut household = Household::with_strangers(0);
    let (mut acknowledged, mut unanswered) = (0, 0);
    for round in 1..=rounds(6) {
        chance.round(round);
        let (mut server, mut editors) = household.start();
        let progress: Vec<_> = editors.iter().map(|editor| editor.progress.clone()).collect();
        edit_during(&mut editors, &mut chance.rng, |rng| {
            // However slow the disk is, an edit is confirmed in the first round.
            let begin = Instant::now();
            while round == 1 && progress.iter().all(|one| one.answered.load(Relaxed) == 0) {
                assert!(begin.elapsed() < TIMEOUT, "nothing is acknowledged");
                thread::yield_now();
            }
            pass(rng, LATEST);
            server.process.kill().expect("killing msnpd");
        });
        server.process.wait().expect("waiting for msnpd");
        acknowledged += editors.iter().map(|editor| editor.diary.answered).sum::<usize>();
        unanswered += editors.iter().map(|editor| editor.diary.unanswered()).sum::<usize>();
        household.sign_off(editors);
    }
    household.start().0.stop();
    println!("{acknowledged} edits were acknowledged, {unanswered} were not");
    assert!(acknowledged > 0);
}
