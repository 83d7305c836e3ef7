use super::user::find;
use crate::config::Loaded;
use crate::control::client::{Client, Needs};
use crate::control::wire::{Answer, Request};
use crate::control::{Channel, Control};
use crate::failure::Failure;

/// `trace`: shows the lines of a principal's connections as they come and go.
pub(super) async fn run(loaded: &Loaded, handle: &str) -> Result<(), Failure> {
    let mut client = Client::connect(loaded, Needs::Server).await?;
    super::say(&client.ask(&Request::Trace { handle: handle.to_owned() }).await?);
    Ok(())
}

/// Shows them until the operator has seen enough. What proves who somebody is, is masked, and so is
/// what people say to each other.
pub(super) async fn serve(
    control: &Control,
    handle: &str,
    channel: &mut Channel,
) -> Result<Answer, Failure> {
    let (account, handle) = find(control, handle)?;
    let Some(mut trace) = control.node.traces.begin(account) else {
        return Err(Failure::Other("there are as many traces already as there may be".to_owned()));
    };
    log::info!("the connections of {handle} are traced");
    super::show(channel, format!("tracing {handle}; Ctrl-C ends it")).await?;
    loop {
        tokio::select! {
            line = trace.next() => match line {
                Some(line) => super::show(channel, line).await?,
                None => break,
            },
            () = channel.closed() => break,
        }
    }
    log::info!("the connections of {handle} are traced no more");
    Ok(Answer::Words("the trace has ended".to_owned()))
}
