use super::user::find;
use crate::config::Loaded;
use crate::control::client::{Client, Needs};
use crate::control::wire::{Answer, Request};
use crate::control::{Channel, Control};
use crate::error::CommandError;
use crate::timestamp;
use actors::connection::TracedLine;
use std::time::SystemTime;

/// `trace`: shows the lines of a principal's connections as they come and go.
pub(super) async fn run(loaded: &Loaded, handle: &str) -> Result<(), CommandError> {
    let mut client = Client::connect(loaded, Needs::Server).await?;
    let without_time = timestamp::is_of_journal(std::io::stdout());
    let request = Request::Trace { handle: handle.to_owned(), without_time };
    super::say(&client.ask(&request).await?);
    Ok(())
}

/// A line with the time at which it went by, which may be a while ago if the terminal is slow.
fn shown(TracedLine { at, text: words }: TracedLine, without_time: bool) -> String {
    let at = SystemTime::now().checked_sub(at.elapsed()).filter(|_| !without_time);
    match at.map(timestamp::rfc3339) {
        Some(time) => format!("{time} {words}"),
        None => words,
    }
}

/// Shows them until the operator has seen enough. What proves who somebody is, is masked, and so is
/// what people say to each other.
pub(super) async fn serve(
    control: &Control,
    handle: &str,
    without_time: bool,
    channel: &mut Channel,
) -> Result<Answer, CommandError> {
    let (account, handle) = find(control, handle)?;
    let Some(mut trace) = control.node.traces.begin(account) else {
        return Err(CommandError::Other(
            "there are as many traces already as there may be".to_owned(),
        ));
    };
    log::info!("the connections of {handle} are traced");
    super::show(channel, format!("tracing {handle}; Ctrl-C ends it")).await?;
    loop {
        tokio::select! {
            line = trace.next() => match line {
                Some(line) => super::show(channel, shown(line, without_time)).await?,
                None => break,
            },
            () = channel.closed() => break,
        }
    }
    log::info!("the connections of {handle} are traced no more");
    Ok(Answer::Words("the trace has ended".to_owned()))
}
