use crate::config::Loaded;
use crate::control::Control;
use crate::control::client::{Client, Needs};
use crate::control::wire::{Answer, Request};
use crate::error::CommandError;
use actors::operator;
use actors::stats::span;
use std::time::Duration;
use tokio::time::Instant;

/// `stop`: stops the server, now or in some minutes.
pub(super) async fn run(
    loaded: &Loaded,
    minutes: Option<u32>,
    cancel: bool,
) -> Result<(), CommandError> {
    let mut client = Client::connect(loaded, Needs::Server).await?;
    let request = if cancel { Request::CancelStop } else { Request::Stop { minutes } };
    super::say(&client.ask(&request).await?);
    Ok(())
}

/// Calls off a stop in some minutes. Nobody is told: the protocol has no message that takes back the
/// one that the server goes down, and the next `stop` tells everybody anew.
pub(super) fn cancel(control: &Control) -> Result<Answer, CommandError> {
    let pending = control.stop.borrow().map(|until| until.duration_since(Instant::now()));
    let Some(left) = pending else {
        return Err(CommandError::Other("no stop is pending; nothing was changed".to_owned()));
    };
    if left.is_zero() {
        return Err(CommandError::Other("the server is stopping already".to_owned()));
    }
    control.stop.send_replace(None);
    let left = span(left.as_secs());
    log::info!("the stop in {left} is cancelled");
    Ok(Answer::Words(format!(
        "the stop in {left} is cancelled; clients that were told of it are not told otherwise, since \
         the protocol has no message for it"
    )))
}

/// Stops it; whoever is signed in is told beforehand. A later `stop` counts instead of an earlier one.
pub(super) async fn serve(control: &Control, minutes: Option<u32>) -> Result<Answer, CommandError> {
    let Some(minutes) = minutes.filter(|minutes| *minutes > 0) else {
        log::info!("told to stop");
        control.stop.send_replace(Some(Instant::now()));
        return Ok(Answer::Words("the server stops".to_owned()));
    };
    super::in_time(minutes)?;
    let told = operator::broadcast(&control.node, minutes).await?;
    let s = super::plural(told);
    let min = super::in_minutes(minutes);
    log::info!("told to stop in {min}; {told} principal{s} told");
    let until = Instant::now().checked_add(Duration::from_secs(60 * u64::from(minutes)));
    control.stop.send_replace(until);
    Ok(Answer::Words(format!("the server stops in {min}; {told} principal{s} told")))
}
