//! A day of a household in virtual time: nothing grows.
//!
//! Eight principals live through 24 hours, in which they do everything, and everything badly too. Every
//! three hours all have left, and what the node remembers for a while is forgotten: then it is as it was
//! before anybody came, and so is its heap. A test program of its own, since it counts the heap.

#[cfg(test)]
#[path = "day/client.rs"]
mod client;
#[cfg(test)]
#[path = "day/deeds.rs"]
mod deeds;
#[cfg(test)]
#[path = "day/household.rs"]
mod household;
#[cfg(test)]
#[path = "day/rest.rs"]
mod rest;

#[cfg(test)]
mod day {
    use crate::household::{Household, NAMES};
    use crate::rest::Rest;
    use actors::Node;
    use std::rc::Rc;
    use std::sync::Arc;
    use std::time::Duration;
    use tokio::time::Instant;

    #[global_allocator]
    static HEAP: dhat::Alloc = dhat::Alloc;

    const HOUR: Duration = Duration::from_secs(3600);

    /// How many parts the day has, of three hours each.
    const PARTS: u32 = 8;

    /// For so long nobody is there at the end of a part: cookies, notes and counts of failed sign-ins
    /// are forgotten.
    const QUIET: Duration = Duration::from_secs(900);

    /// How many bytes more there may be at the end of the day than after its first part: what the
    /// accounts have on their lists, and how full the pools of buffers are, is not the same.
    const BOUND: usize = 64 * 1024;

    /// How often what must happen in a day happens at least.
    const ENDS: [(&str, u64); 13] = [
        ("left", 100),
        ("hangup", 100),
        ("elsewhere", 10),
        ("wrong_password", 10),
        ("throttled", 1),
        ("sign_in_time", 10),
        ("wrong_cookie", 10),
        ("program_silent", 3),
        ("unknown_program", 3),
        ("rejected", 10),
        ("unreadable", 3),
        ("kicked", 3),
        ("too_slow", 1),
    ];

    fn heap() -> usize {
        dhat::HeapStats::get().curr_bytes
    }

    async fn live() {
        let store = Arc::new(store::Memory::new().unwrap());
        let mut household = Household::new(store);
        let node = household.node.clone();
        let fresh = Rest::of(&node).await;
        let (began, mut heaps) = (Instant::now(), Vec::new());
        for part in 1..=PARTS {
            let end = began + HOUR * 3 * part;
            household.lives_until(end - QUIET).await;
            household.all_leave();
            tokio::time::sleep_until(end).await;
            assert_eq!(Rest::of(&node).await, fresh, "after part {part}");
            heaps.push(heap());
        }
        println!("bytes of heap: {heaps:?}");
        println!("{:?}", household.heard);
        println!("{:?}", node.endings.counts());
        happened(&node);
        let (first, last) = (heaps[0], heaps[heaps.len() - 1]);
        assert!(last <= first + BOUND, "{last} bytes at the end, {first} after the first part");
        assert_eq!(node.directory.len(), NAMES.len());
    }

    fn happened(node: &Rc<Node>) {
        let counts = node.endings.counts();
        for (reason, least) in ENDS {
            let count = counts.get(reason).copied().unwrap_or_default();
            assert!(count >= least, "{count} connections ended for the reason {reason:?}");
        }
    }

    #[test]
    fn nothing_grows_in_a_day() {
        let _profiler = dhat::Profiler::builder().testing().build();
        let runtime = || {
            let mut runtime = tokio::runtime::Builder::new_current_thread();
            // One thread for the store: in real time, threads would come and go.
            runtime.max_blocking_threads(1).thread_keep_alive(HOUR);
            runtime.enable_time().start_paused(true).build().unwrap()
        };
        actix::System::with_tokio_rt(runtime).block_on(live());
    }
}
