//! A day of a household in virtual time: nothing grows.
//!
//! Eight principals spend 24 hours in which they use every command, correctly and incorrectly.
//! Every three hours all of them leave, and all temporary state expires. The node must then be as
//! at the start, without more heap than the time before. This is a test program of its own because
//! it counts the heap.

#[cfg(test)]
mod actions;
#[cfg(test)]
mod client;
#[cfg(test)]
mod household;
#[cfg(test)]
mod idle;
#[cfg(test)]
#[path = "../support/settings.rs"]
mod settings;

#[cfg(test)]
mod day {
    use crate::household::Household;
    use crate::idle::IdleState;
    use std::sync::Arc;
    use std::time::Duration;
    use tokio::time::Instant;

    #[global_allocator]
    static HEAP: dhat::Alloc = dhat::Alloc;

    const HOUR: Duration = Duration::from_secs(3600);

    /// The number of parts of the day, of three hours each.
    const PARTS: u32 = 8;

    /// How long no one is there at the end of a part, so that cookies, notes and counts of failed
    /// sign-ins expire.
    const QUIET: Duration = Duration::from_secs(900);

    /// How many more bytes of heap the end of the day may have than its first quarter. Lists and
    /// the number of pooled frames vary. A leak of 20 bytes for each connection is more than this.
    const BOUND: usize = 16 * 1024;

    /// The minimum number of connections that end for each reason.
    const ENDS: [(&str, u64); 16] = [
        ("left", 100),
        ("hangup", 100),
        ("lost", 30),
        ("referred", 100),
        ("elsewhere", 20),
        ("wrong_password", 20),
        ("throttled", 5),
        ("sign_in_time", 10),
        ("wrong_cookie", 10),
        ("inactive", 50),
        ("program_silent", 5),
        ("unknown_program", 5),
        ("rejected", 10),
        ("unreadable", 5),
        ("kicked", 20),
        ("too_slow", 1),
    ];

    /// The commands that a client receives at least once.
    const HEARD: &str = "200 201 207 209 215 216 217 218 224 540 911 913 ACK ADD ADG ANS BLP BPR BYE CAL \
                         CHG CHL FLN FND GTC ILN IMS IRO JOI LSG LST MSG NAK NLN OUT PRP QNG QRY REA \
                         REG REM RMG RNG SYN URL XFR";

    fn heap() -> usize {
        dhat::HeapStats::get().curr_bytes
    }

    async fn live() {
        let store = Arc::new(store::Memory::new(|| 0).unwrap());
        let mut household = Household::new(store);
        let node = household.node.clone();
        let fresh = IdleState::of(&node).await;
        household.fill_the_pools().await;
        let (began, mut heaps) = (Instant::now(), Vec::new());
        for part in 1..=PARTS {
            let end = began + HOUR * 3 * part;
            household.run_until(end - QUIET).await;
            household.all_leave();
            tokio::time::sleep_until(end).await;
            assert_eq!(IdleState::of(&node).await, fresh, "after part {part}");
            heaps.push(heap());
        }
        println!("bytes of heap: {heaps:?}");
        check_that_the_day_was_full(&household);
        let (early, last) = (heaps[1], heaps[heaps.len() - 1]);
        assert!(last <= early + BOUND, "{last} bytes at the end, {early} after the first quarter");
    }

    fn check_that_the_day_was_full(household: &Household) {
        let counts = household.node.endings.counts();
        for (reason, least) in ENDS {
            let count = counts.get(reason).copied().unwrap_or_default();
            assert!(count >= least, "{count} connections ended for the reason {reason:?}");
        }
        for command in HEARD.split(' ') {
            assert!(household.received.contains(command), "no client received {command}");
        }
    }

    #[test]
    fn nothing_grows_in_a_day() {
        let _profiler = dhat::Profiler::builder().testing().build();
        let runtime = || {
            let mut runtime = tokio::runtime::Builder::new_current_thread();
            // One thread for the store: otherwise threads would start and stop in real time.
            runtime.max_blocking_threads(1).thread_keep_alive(HOUR);
            runtime.enable_time().start_paused(true).build().unwrap()
        };
        actix::System::with_tokio_rt(runtime).block_on(live());
    }
}
