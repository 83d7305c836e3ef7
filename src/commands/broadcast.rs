use crate::config::Loaded;
use crate::control::Control;
use crate::control::client::{Client, Needs};
use crate::control::wire::{Answer, Request};
use crate::error::CommandError;
use actors::operator;

/// `broadcast`: warns all signed-in users that the server will go down soon.
pub(super) async fn run(loaded: &Loaded, minutes: u32, text: &str) -> Result<(), CommandError> {
    let mut client = Client::connect(loaded, Needs::Server).await?;
    let request = Request::Broadcast { minutes, text: text.to_owned() };
    super::print_answer(&client.ask(&request).await?);
    Ok(())
}

/// Sends the warning. The protocol's system message has minutes and no text.
pub(super) async fn serve(
    control: &Control,
    minutes: u32,
    text: &str,
) -> Result<Answer, CommandError> {
    super::check_minutes(minutes)?;
    let count = operator::broadcast(&control.node, minutes).await?;
    let s = super::plural(count);
    let duration = super::minutes_text(minutes);
    log::info!("broadcast to {count} user{s}, {duration}: {}", text.escape_debug());
    Ok(Answer::Words(format!(
        "{count} user{s} warned that the server goes down in {duration}; clients show this in their own \
         words, and the text is in the log"
    )))
}
