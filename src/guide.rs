//! What the operator does next, in words and in commands that he can type where he is.

use crate::config::Loaded;
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::path::Path;

/// The command that makes the next of the two accounts that a first conversation needs.
pub(crate) fn add_account(loaded: &Loaded, accounts: usize) -> Option<String> {
    let who = match accounts {
        0 => "alice",
        1 => "bob",
        _ => return None,
    };
    let domain = loaded.config.domains.first().map_or("hotmail.com", String::as_str);
    Some(command(loaded, &format!("user add {who}@{domain}")))
}

/// A command for the same program, configuration and data.
pub(crate) fn command(loaded: &Loaded, verb: &str) -> String {
    let program = std::env::args_os().next().unwrap_or_else(|| "msnpd".into());
    let mut command = format!("{} {verb}", word(Path::new(&program)));
    if let Some(file) = loaded.file.as_deref().filter(|_| loaded.named) {
        command.push_str(&format!(" --config {}", word(file)));
    }
    if loaded.data_named.is_some() {
        command.push_str(&format!(" --data {}", word(&loaded.config.data)));
    }
    command
}

/// A path as a shell takes it for one word.
fn word(path: &Path) -> String {
    let text = path.display().to_string();
    let is_plain = |letter: char| letter.is_alphanumeric() || "/._-+=:@%,".contains(letter);
    if !text.is_empty() && text.chars().all(is_plain) {
        return text;
    }
    format!("'{}'", text.replace('\'', r"'\''"))
}

/// Where a client finds the server that listens there.
pub(crate) fn client(listening: SocketAddr) -> String {
    format!(
        "in the client, set the server to {}, port {}; or have the name messenger.hotmail.com lead \
         there",
        reachable(listening).join(" or "),
        listening.port()
    )
}

/// The addresses that other machines reach a listener at.
fn reachable(listening: SocketAddr) -> Vec<String> {
    if !listening.ip().is_unspecified() {
        return vec![listening.ip().to_canonical().to_string()];
    }
    let found: Vec<String> = addresses().iter().map(Ipv4Addr::to_string).collect();
    if found.is_empty() { vec!["this machine's address".into()] } else { found }
}

/// The IPv4 addresses of this machine that others may reach it at.
pub(crate) fn addresses() -> Vec<Ipv4Addr> {
    let interfaces = if_addrs::get_if_addrs().unwrap_or_default();
    let others = interfaces.iter().filter(|interface| !interface.is_loopback());
    let addresses = others.filter_map(|interface| match interface.ip() {
        IpAddr::V4(address) => Some(address),
        IpAddr::V6(_) => None,
    });
    addresses.collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_are_one_word_of_a_shell() {
        assert_eq!(word(Path::new("/srv/msn-1.0")), "/srv/msn-1.0");
        assert_eq!(word(Path::new("my data")), "'my data'");
        assert_eq!(word(Path::new("it's")), r"'it'\''s'");
    }
}
