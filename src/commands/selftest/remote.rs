//! A remote server and its accounts.

use super::error::SelftestError;
use super::report::Report;
use super::wire::TIMEOUT;
use super::{Account, Target, password};
use crate::config::Loaded;
use crate::error::{CommandError, USAGE};
use crate::text::{Lines, invalid_sign_in_name};
use msnp::Handle;
use std::net::{IpAddr, Ipv4Addr, SocketAddr, SocketAddrV4, ToSocketAddrs};
use tokio::sync::oneshot;
use tokio::time::timeout;
use web::client_setup::DEFAULT_PORT;

/// Returns the named accounts, with their passwords.
pub(super) fn accounts(loaded: &Loaded, names: [&String; 2]) -> Result<[Account; 2], CommandError> {
    let usage_error = |message: String| CommandError::Refused { code: USAGE, message };
    let parse_handle = |name: &String| {
        let domain = loaded.config.domains.first().map_or("hotmail.com", String::as_str);
        let full_name = if name.contains('@') { name.clone() } else { format!("{name}@{domain}") };
        Handle::new(&full_name).map_err(|error| usage_error(invalid_sign_in_name(name, &error)))
    };
    let [first, second] = [parse_handle(names[0])?, parse_handle(names[1])?];
    if first == second {
        return Err(usage_error("give two different accounts: they talk to each other".to_owned()));
    }
    let mut lines = Lines::new(std::io::stdin().lock());
    let mut account = |handle: Handle| {
        let password = password::ask(&handle, &mut lines)?;
        Ok::<_, CommandError>(Account { handle, password })
    };
    Ok([account(first)?, account(second)?])
}

/// Returns the server with this address or name, with or without a port.
pub(super) async fn target(report: &mut Report, text: &str) -> Result<Target, CommandError> {
    let (host, port) = match text.rsplit_once(':') {
        Some((host, port)) => (host, port.parse().ok()),
        None => (text, Some(DEFAULT_PORT)),
    };
    let port =
        port.filter(|port| *port > 0 && !host.is_empty()).ok_or_else(|| CommandError::Refused {
            code: USAGE,
            message: format!(
                "{text:?} is not an address with a port, such as 192.168.1.10:{DEFAULT_PORT}; the port \
                 is at most {}",
                u16::MAX
            ),
        })?;
    if let Ok(ip) = host.parse::<Ipv4Addr>() {
        return Ok(Target { address: SocketAddrV4::new(ip, port), name: None, is_local: false });
    }
    let lookup =
        report.step(look_up(host, port), |address| format!("{host} resolves to {}", address.ip()));
    let address = lookup.await?;
    Ok(Target { address, name: Some(host.to_owned()), is_local: false })
}

/// Returns the IPv4 address of a name: clients use IPv4 only.
async fn look_up(host: &str, port: u16) -> Result<SocketAddrV4, SelftestError> {
    let unresolved =
        |why: &str| SelftestError::NoAddress { name: host.to_owned(), why: why.to_owned() };
    let (sender, receiver) = oneshot::channel();
    let name = host.to_owned();
    // The lookup may take long. When the program ends, it does not wait for a detached thread.
    std::thread::spawn(move || {
        let result = (name.as_str(), port).to_socket_addrs();
        // The receiver may be gone.
        let _ = sender.send(result.map(Iterator::collect::<Vec<SocketAddr>>));
    });
    let received = timeout(TIMEOUT, receiver).await.map_err(|_| unresolved("timed out"))?;
    let result = received.map_err(|_| unresolved("the lookup failed"))?;
    let addresses = result.map_err(|error| unresolved(&error.to_string()))?;
    let addresses = addresses.iter().map(|address| address.ip().to_canonical());
    let mut ipv4 = addresses.filter_map(|ip| match ip {
        IpAddr::V4(ip) => Some(ip),
        IpAddr::V6(_) => None,
    });
    ipv4.next()
        .map(|ip| SocketAddrV4::new(ip, port))
        .ok_or_else(|| unresolved("it has IPv6 addresses only, which clients cannot use"))
}
