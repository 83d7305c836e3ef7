//! Whether a read may return bytes, so that a turn for another reason does not ask the socket.

use futures::task::AtomicWaker;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::task::{Context, Poll, Wake, Waker};

struct Signal {
    is_ready: AtomicBool,
    task: AtomicWaker,
}

impl Wake for Signal {
    fn wake(self: Arc<Signal>) {
        self.is_ready.store(true, Ordering::Release);
        self.task.wake();
    }
}

/// Gives a transport a waker for reads, which wakes the connection's task and records that.
pub(super) struct ReadSignal(Arc<Signal>);

impl ReadSignal {
    pub(super) fn new() -> ReadSignal {
        let (is_ready, task) = (AtomicBool::new(true), AtomicWaker::new());
        ReadSignal(Arc::new(Signal { is_ready, task }))
    }

    /// Returns whether the transport was not asked yet, has returned bytes, or has asked for a read.
    pub(super) fn is_ready(&self) -> bool {
        self.0.is_ready.load(Ordering::Acquire)
    }

    /// Reads with `read`.
    pub(super) fn poll<T>(
        &self,
        cx: &Context<'_>,
        read: impl FnOnce(&mut Context<'_>) -> Poll<T>,
    ) -> Poll<T> {
        self.0.task.register(cx.waker());
        self.0.is_ready.store(false, Ordering::Release);
        let read = read(&mut Context::from_waker(&Waker::from(self.0.clone())));
        if read.is_ready() {
            self.0.is_ready.store(true, Ordering::Release);
        }
        read
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_read_that_waits_is_repeated_after_its_wake_only() {
        let (signal, cx) = (ReadSignal::new(), Context::from_waker(Waker::noop()));
        assert!(signal.is_ready(), "the first read");
        assert!(signal.poll(&cx, |_| Poll::Ready(())).is_ready());
        assert!(signal.is_ready(), "there may be more");
        let mut waker = None;
        let waits = signal.poll(&cx, |cx| {
            waker = Some(cx.waker().clone());
            Poll::<()>::Pending
        });
        assert!(waits.is_pending() && !signal.is_ready());
        waker.unwrap().wake();
        assert!(signal.is_ready());
    }
}
