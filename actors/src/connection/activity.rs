//! When a connection was last used, and one timer, while what its actor sends depends on them. Neither
//! is kept longer: an idle connection has no timer.

use crate::connection::Link;
use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;
use tokio::time::{Instant, Sleep, sleep_until};

/// What a link notes while it is watched.
pub(super) struct Activity {
    /// The last read or write.
    last: Instant,
    deadline: Instant,
    timer: Option<Pin<Box<Sleep>>>,
}

impl Activity {
    /// Bytes were read or written.
    pub(super) fn record(&mut self) {
        self.last = Instant::now();
    }
}

impl Link {
    /// Notes from now on when bytes are read or written. What is waited for is due after this time.
    pub fn watch(&mut self, time: Duration) {
        let last = Instant::now();
        self.activity = Some(Box::new(Activity { last, deadline: last + time, timer: None }));
    }

    /// Stops that, and drops the timer.
    pub fn unwatch(&mut self) {
        self.activity = None;
    }

    /// Whether the link is watched.
    pub fn is_watched(&self) -> bool {
        self.activity.is_some()
    }

    /// Moves the deadline, if there is one, so that it is no sooner than after this time.
    pub fn postpone(&mut self, time: Duration) {
        if let Some(activity) = &mut self.activity {
            activity.deadline = activity.deadline.max(Instant::now() + time);
        }
    }

    /// The time of the last read or write, and the deadline, if the link is watched.
    pub fn activity(&self) -> Option<(Instant, Instant)> {
        self.activity.as_ref().map(|activity| (activity.last, activity.deadline))
    }

    /// Ready if that time has come, or nothing is watched; otherwise the task is woken then.
    pub fn poll_timer(&mut self, at: Instant, cx: &mut Context<'_>) -> Poll<()> {
        let Some(activity) = &mut self.activity else { return Poll::Ready(()) };
        while Instant::now() < at {
            let timer = activity.timer.get_or_insert_with(|| Box::pin(sleep_until(at)));
            // A timer that fires too soon is set again then, not at each use.
            if timer.is_elapsed() || timer.deadline() > at {
                timer.as_mut().reset(at);
            }
            std::task::ready!(timer.as_mut().poll(cx));
        }
        Poll::Ready(())
    }
}
