//! Wakes the task of a connection, and records whether a read may return bytes. A turn without such
//! a record does not try to read from the socket.

use futures::task::AtomicWaker;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::task::{Context, Poll, Wake, Waker};

struct Signal {
    is_read_ready: AtomicBool,
    task: AtomicWaker,
}

impl Wake for Signal {
    fn wake(self: Arc<Signal>) {
        self.is_read_ready.store(true, Ordering::Release);
        self.task.wake();
    }
}

/// The waker of a connection's task. For reads, the transport gets a second waker, which also
/// records that there may be something to read.
pub(super) struct ReadSignal(Arc<Signal>);

impl ReadSignal {
    pub(super) fn new() -> ReadSignal {
        let (is_read_ready, task) = (AtomicBool::new(true), AtomicWaker::new());
        ReadSignal(Arc::new(Signal { is_read_ready, task }))
    }

    /// Stores the waker of the task. Called in each turn.
    pub(super) fn register(&self, waker: &Waker) {
        self.0.task.register(waker);
    }

    /// Wakes the task, if it has had a turn since the last wake.
    pub(super) fn wake(&self) {
        self.0.task.wake();
    }

    /// Returns the waker of the task.
    pub(super) fn waker(&self) -> Option<Waker> {
        let waker = self.0.task.take()?;
        self.0.task.register(&waker);
        Some(waker)
    }

    /// Returns whether a read may return bytes: it is the first read, the last one returned bytes,
    /// or the transport has woken the task since.
    pub(super) fn is_read_ready(&self) -> bool {
        self.0.is_read_ready.load(Ordering::Acquire)
    }

    /// Calls `read` with the waker for reads, and records whether another read may return bytes.
    pub(super) fn poll_read<T>(&self, read: impl FnOnce(&mut Context<'_>) -> Poll<T>) -> Poll<T> {
        self.0.is_read_ready.store(false, Ordering::Release);
        let read = read(&mut Context::from_waker(&Waker::from(self.0.clone())));
        if read.is_ready() {
            self.0.is_read_ready.store(true, Ordering::Release);
        }
        read
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_read_that_waits_is_repeated_after_its_wake_only() {
        let signal = ReadSignal::new();
        signal.register(Waker::noop());
        assert!(signal.is_read_ready(), "the first read");
        assert!(signal.poll_read(|_| Poll::Ready(())).is_ready());
        assert!(signal.is_read_ready(), "there may be more");
        let mut waker = None;
        let waits = signal.poll_read(|cx| {
            waker = Some(cx.waker().clone());
            Poll::<()>::Pending
        });
        assert!(waits.is_pending() && !signal.is_read_ready());
        waker.unwrap().wake();
        assert!(signal.is_read_ready());
    }
}
