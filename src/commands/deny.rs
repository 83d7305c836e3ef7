use crate::config::Loaded;
use crate::control::Control;
use crate::control::client::{Client, Needs, refuse_missing};
use crate::control::wire::{Answer, Request};
use crate::error::CommandError;
use actors::operator::{self, DenyOutcome};
use actors::port::DenyError;
use actors::rules::parse_network;
use ipnet::IpNet;

/// `deny`: denies `network`, or allows the network `remove` again. With neither, lists the denied
/// networks.
pub(super) async fn run(
    loaded: &Loaded,
    network: Option<&str>,
    remove: Option<&str>,
) -> Result<(), CommandError> {
    let (request, needs) = match (network, remove) {
        (Some(network), _) => (Request::Deny { network: network.to_owned() }, Needs::Folder),
        (None, Some(network)) => {
            (Request::DenyRemove { network: network.to_owned() }, Needs::Accounts)
        }
        (None, None) => (Request::DenyList, Needs::Accounts),
    };
    // A mistyped network must not create a data folder.
    if let Some(text) = network.or(remove) {
        parse(text)?;
    }
    if needs == Needs::Folder {
        refuse_missing(loaded)?;
    }
    let mut client = Client::connect(loaded, needs).await?;
    match client.ask(&request).await? {
        Answer::Networks(networks) => {
            if networks.is_empty() {
                crate::stderr::line("no network is denied");
            }
            super::print(&networks.iter().map(|network| format!("{network}\n")).collect::<String>())
        }
        answer => {
            super::print_answer(&answer);
            Ok(())
        }
    }
}

fn parse(text: &str) -> Result<IpNet, CommandError> {
    parse_network(text).map_err(|error| CommandError::Other(error.to_string()))
}

/// Denies a network at once; its connections end.
pub(super) async fn serve(control: &Control, network: &str) -> Result<Answer, CommandError> {
    let _one_at_a_time = control.changes_lock.lock().await;
    let network = parse(network)?;
    match operator::deny(control.node.clone(), network).await {
        Ok(DenyOutcome { is_new: false, .. }) => {
            Ok(Answer::Words(format!("{network} is denied already")))
        }
        Ok(DenyOutcome { is_new: true, ended }) => {
            log::info!("network {network} denied");
            let closed = super::connections_closed(ended);
            Ok(Answer::Words(format!("{network} is denied: no one can connect from there{closed}")))
        }
        Err(DenyError::Store(error)) => Err(error.into()),
        Err(error) => Err(CommandError::Other(error.to_string())),
    }
}

/// Allows a network again.
pub(super) async fn serve_remove(control: &Control, network: &str) -> Result<Answer, CommandError> {
    let _one_at_a_time = control.changes_lock.lock().await;
    let network = parse(network)?;
    if operator::undeny(control.node.clone(), network).await? {
        log::info!("network {network} no longer denied");
        let wider = control.node.exclusions.find_denied(network.addr());
        let still_denied = wider
            .map(|wider| format!(", but it is part of {wider}, which is still denied"))
            .unwrap_or_default();
        return Ok(Answer::Words(format!("{network} is no longer denied{still_denied}")));
    }
    let wider = control.node.exclusions.denied().into_iter().find(|wider| wider.contains(&network));
    Err(CommandError::Other(match wider {
        Some(wider) => format!("{network} is part of {wider}, which is denied: remove that one"),
        None => format!("{network} is not denied: `msnpd deny` lists the denied networks"),
    }))
}

/// Returns all denied networks.
pub(super) fn serve_list(control: &Control) -> Answer {
    let denied = control.node.exclusions.denied();
    Answer::Networks(denied.iter().map(ToString::to_string).collect())
}
