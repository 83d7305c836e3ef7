//! What systemd hears of the server, if it has started it as a service of `Type=notify`: that it is
//! ready, that it lives, and that it stops. Without `NOTIFY_SOCKET` in the environment nobody is told.

use sd_notify::NotifyState;
use std::time::Duration;

/// Says that everything is listened to.
pub(crate) fn ready() {
    tell(&NotifyState::Ready);
}

/// Says that the server has begun to stop.
pub(crate) fn stopping() {
    tell(&NotifyState::Stopping);
}

/// If systemd watches the server (`WatchdogSec=`), says from now on that it lives, twice in the time
/// after which it would be started again. It is said between the work for all clients: a server that
/// does nothing else any more says nothing either. The store has threads of its own, of which this says
/// nothing: a disk that hangs would hang after a new start as well.
pub(crate) fn keep_alive() {
    let Some(within) = sd_notify::watchdog_enabled() else { return };
    let every = (within / 2).max(Duration::from_millis(1));
    actix_rt::spawn(async move {
        let mut beat = tokio::time::interval(every);
        loop {
            beat.tick().await;
            tell(&NotifyState::Watchdog);
        }
    });
}

fn tell(state: &NotifyState<'_>) {
    if let Err(error) = sd_notify::notify(std::slice::from_ref(state)) {
        log::warn!("systemd does not hear from this server: {error}");
    }
}
