use crate::config::Loaded;
use crate::control::Control;
use crate::control::client::{Client, Needs};
use crate::control::wire::{Answer, Request};
use crate::error::CommandError;
use actors::operator;
use actors::stats::span;
use std::time::Duration;
use tokio::time::Instant;

/// `stop`: stops the server, now or after some minutes.
pub(super) async fn run(
    loaded: &Loaded,
    minutes: Option<u32>,
    cancel: bool,
) -> Result<(), CommandError> {
    let mut client = Client::connect(loaded, Needs::Server).await?;
    let request = if cancel { Request::CancelStop } else { Request::Stop { minutes } };
    super::print_answer(&client.ask(&request).await?);
    Ok(())
}

/// Cancels a pending stop. Clients are not notified: the protocol has no message that takes the warning
/// back. The next `stop` warns all users again.
pub(super) fn cancel(control: &Control) -> Result<Answer, CommandError> {
    let left = control.stop_at.borrow().map(|stop_at| stop_at.duration_since(Instant::now()));
    let Some(left) = left else {
        return Err(CommandError::Other("no stop is pending: nothing was changed".to_owned()));
    };
    if left.is_zero() {
        return Err(CommandError::Other("the server is stopping already".to_owned()));
    }
    control.stop_at.send_replace(None);
    let left = span(left.as_secs());
    log::info!("the stop in {left} was cancelled");
    Ok(Answer::Words(format!(
        "the stop in {left} is cancelled; clients that were warned do not learn of this, since the \
         protocol has no message for it"
    )))
}

/// Stops the server, after a warning to all users who are signed in. A later `stop` replaces an earlier one.
pub(super) async fn serve(control: &Control, minutes: Option<u32>) -> Result<Answer, CommandError> {
    let Some(minutes) = minutes.filter(|minutes| *minutes > 0) else {
        log::info!("stop requested by `msnpd stop`");
        control.stop_at.send_replace(Some(Instant::now()));
        return Ok(Answer::Words("the server is stopping".to_owned()));
    };
    super::check_minutes(minutes)?;
    let count = operator::broadcast(&control.node, minutes).await?;
    let s = super::plural(count);
    let duration = super::minutes_text(minutes);
    log::info!("stop in {duration} requested by `msnpd stop`; {count} user{s} warned");
    let stop_at = Instant::now().checked_add(Duration::from_secs(60 * u64::from(minutes)));
    control.stop_at.send_replace(stop_at);
    Ok(Answer::Words(format!("the server stops in {duration}; {count} user{s} warned")))
}
