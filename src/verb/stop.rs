use crate::config::Loaded;
use crate::control::Control;
use crate::control::client::{Client, Needs};
use crate::control::wire::{Answer, Request};
use crate::failure::Failure;
use actors::operator;
use std::time::Duration;
use tokio::time::Instant;

/// `stop`: stops the server, now or in some minutes.
pub(super) async fn run(loaded: &Loaded, minutes: Option<u32>) -> Result<(), Failure> {
    let mut client = Client::connect(loaded, Needs::Server).await?;
    super::say(&client.ask(&Request::Stop { minutes }).await?);
    Ok(())
}

/// Stops it; whoever is signed in is told beforehand. A later `stop` counts instead of an earlier one.
pub(super) async fn serve(control: &Control, minutes: Option<u32>) -> Result<Answer, Failure> {
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
    Ok(Answer::Words(format!("the server stops in {minutes} minutes; {told} principal{s} told")))
}
