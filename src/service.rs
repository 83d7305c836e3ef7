//! Notifications to systemd, if it started the server as a service of `Type=notify`: ready, alive,
//! stopping. Without `NOTIFY_SOCKET` in the environment nothing is sent.

use sd_notify::NotifyState;
use std::time::Duration;

/// Reports that all servers listen.
pub(crate) fn ready() {
    notify(&NotifyState::Ready);
}

/// Reports that the server has begun to stop.
pub(crate) fn stopping() {
    notify(&NotifyState::Stopping);
}

/// If systemd watches the server (`WatchdogSec=`), reports from now on that it is alive, twice per watchdog
/// period. The reports come from the thread that serves clients, and stop if that thread hangs. A hanging
/// thread of the store does not stop them: a disk that hangs would also hang after a restart.
pub(crate) fn keep_alive() {
    let Some(period) = sd_notify::watchdog_enabled() else { return };
    let interval = (period / 2).max(Duration::from_millis(1));
    actix_rt::spawn(async move {
        let mut beat = tokio::time::interval(interval);
        loop {
            beat.tick().await;
            notify(&NotifyState::Watchdog);
        }
    });
}

fn notify(state: &NotifyState<'_>) {
    if let Err(error) = sd_notify::notify(std::slice::from_ref(state)) {
        log::warn!("cannot notify systemd: {error}");
    }
}
