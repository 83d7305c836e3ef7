//! The time of the last activity of a connection, and a timer. Both exist only while the actor needs
//! them: an idle connection has no timer.

use crate::connection::Link;
use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;
use tokio::time::{Instant, Sleep, sleep_until};

/// The state of a watched link.
pub(super) struct Activity {
    /// The last read or write.
    last: Instant,
    deadline: Instant,
    timer: Option<Pin<Box<Sleep>>>,
}

impl Activity {
    /// Records a read or write.
    pub(super) fn record(&mut self) {
        self.last = Instant::now();
    }
}

impl Link {
    /// Starts to record reads and writes, with a deadline after `time`.
    pub fn watch(&mut self, time: Duration) {
        let last = Instant::now();
        self.activity = Some(Box::new(Activity { last, deadline: last + time, timer: None }));
    }

    /// Stops recording and drops the timer.
    pub fn unwatch(&mut self) {
        self.activity = None;
    }

    pub fn is_watched(&self) -> bool {
        self.activity.is_some()
    }

    /// Moves the deadline to at least `time` from now, if the link is watched.
    pub fn postpone(&mut self, time: Duration) {
        if let Some(activity) = &mut self.activity {
            activity.deadline = activity.deadline.max(Instant::now() + time);
        }
    }

    /// Returns the time of the last read or write and the deadline, if the link is watched.
    pub fn activity(&self) -> Option<(Instant, Instant)> {
        self.activity.as_ref().map(|activity| (activity.last, activity.deadline))
    }

    /// Returns ready at the time `at`, or at once if the link is not watched.
    pub fn poll_timer(&mut self, at: Instant, cx: &mut Context<'_>) -> Poll<()> {
        let Some(activity) = &mut self.activity else { return Poll::Ready(()) };
        while Instant::now() < at {
            let timer = activity.timer.get_or_insert_with(|| Box::pin(sleep_until(at)));
            // A timer that is set too early is reset when it fires, which is cheaper than at each
            // call.
            if timer.is_elapsed() || timer.deadline() > at {
                timer.as_mut().reset(at);
            }
            std::task::ready!(timer.as_mut().poll(cx));
        }
        Poll::Ready(())
    }
}
