use super::user::find;
use crate::config::Loaded;
use crate::control::client::{Client, Needs};
use crate::control::wire::{Answer, Request};
use crate::control::{Channel, Control};
use crate::error::CommandError;
use crate::timestamp;
use actors::connection::TracedLine;
use std::time::SystemTime;

/// `trace`: prints what a user's client sends and receives, live.
pub(super) async fn run(loaded: &Loaded, handle: &str) -> Result<(), CommandError> {
    let mut client = Client::connect(loaded, Needs::Server).await?;
    let without_time = timestamp::is_read_by_journal(std::io::stdout());
    let request = Request::Trace { handle: handle.to_owned(), without_time };
    super::print_answer(&client.ask(&request).await?);
    Ok(())
}

/// Returns a line with the time of its event. That is not the present time: a slow terminal delays the lines.
fn with_time(TracedLine { at, text }: TracedLine) -> String {
    let time_of_event = SystemTime::now().checked_sub(at.elapsed());
    match time_of_event.map(timestamp::rfc3339) {
        Some(time) => format!("{time} {text}"),
        None => text,
    }
}

/// Sends the lines until the operator ends the trace. Secrets and the texts of messages are masked.
pub(super) async fn serve(
    control: &Control,
    handle: &str,
    without_time: bool,
    channel: &mut Channel,
) -> Result<Answer, CommandError> {
    let (account, handle) = find(control, handle)?;
    let Some(mut trace) = control.node.traces.begin(account) else {
        return Err(CommandError::Other(
            "too many traces are running: end another one first".to_owned(),
        ));
    };
    log::info!("trace of {handle} started");
    super::send_line(channel, format!("tracing {handle}; Ctrl-C ends it")).await?;
    loop {
        tokio::select! {
            line = trace.next() => match line {
                Some(line) => {
                    let shown = if without_time { line.text } else { with_time(line) };
                    super::send_line(channel, shown).await?;
                }
                None => break,
            },
            () = channel.wait_until_closed() => break,
        }
    }
    log::info!("trace of {handle} ended");
    Ok(Answer::Words("the trace has ended".to_owned()))
}
