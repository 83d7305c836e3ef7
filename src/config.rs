//! The configuration: one RON file. Every key is optional, unknown keys are errors.

mod greeter;
pub(crate) mod keys;
pub(crate) mod messages;
mod pages;
pub(crate) mod paths;
pub(crate) mod provenance;
mod ranges;
mod reading;
mod settings;

pub use self::reading::parse;
pub(crate) use self::reading::{Loaded, is_older_name, load};

use self::greeter::Greeter;
use self::pages::{SignUp, Web};
use self::paths::DEFAULT_DATA;
use actors::limit::{LimitError, Limits};
use actors::settings::MAX_PARTICIPANTS;
use ipnet::IpNet;
use msnp::command::VerReplyForm;
use msnp::{Handle, Token};
use serde::de::Error as _;
use serde::{Deserialize, Deserializer, Serialize};
use std::net::{IpAddr, Ipv4Addr, SocketAddr, SocketAddrV4};
use std::path::PathBuf;

/// The text of the default configuration, with each key explained.
pub(crate) const DEFAULT_TEXT: &str = include_str!("../config.ron");

/// The ports of the web pages if none is configured: the first available one is used. Port 8080 is not
/// among them, since other programs often use it.
pub(crate) const USUAL_WEB_PORTS: [u16; 2] = [80, 8086];

/// How many other Notification Servers a Dispatch Server can refer clients to.
const MAX_NOTIFICATION_SERVERS: usize = 15;

/// The configuration. The project's file `config.ron` explains each key.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Config {
    pub(crate) dispatch: Option<Listener>,
    pub(crate) notification: Option<Listener>,
    pub(crate) switchboard: Option<Listener>,
    #[serde(deserialize_with = "parse_advertised_list")]
    pub(crate) notification_servers: Vec<SocketAddrV4>,
    pub(crate) web: Option<Web>,
    pub(crate) sign_up: SignUp,
    pub(crate) data: PathBuf,
    pub(crate) domains: Vec<String>,
    pub(crate) site: String,
    pub(crate) log: Verbosity,
    pub(crate) list_entries: u16,
    pub(crate) participants: usize,
    pub(crate) conversation_idle_minutes: Option<u32>,
    #[serde(alias = "repeated_blp")]
    pub(crate) repeated: RepeatedSettings,
    pub(crate) ver_reply: VerReplyForm,
    pub(crate) challenge: bool,
    #[serde(deserialize_with = "parse_networks")]
    pub(crate) allow: Vec<IpNet>,
    pub(crate) greeter: Option<Greeter>,
    pub(crate) limits: Limits,
}

/// One of the three servers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Listener {
    #[serde(deserialize_with = "parse_listen")]
    pub(crate) listen: SocketAddr,
    #[serde(default, deserialize_with = "parse_advertised")]
    pub(crate) advertise: Option<SocketAddrV4>,
}

/// Which log lines are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Verbosity {
    Error,
    Warn,
    Info,
    Debug,
}

/// The answer to a `BLP`, an `ADD AL` or an `ADD BL` that changes nothing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum RepeatedSettings {
    Accept,
    Refuse,
}

impl Default for Config {
    fn default() -> Config {
        let on_all_addresses = |port| {
            let listen = SocketAddr::from((Ipv4Addr::UNSPECIFIED, port));
            Some(Listener { listen, advertise: None })
        };
        Config {
            dispatch: on_all_addresses(1863),
            notification: on_all_addresses(1864),
            switchboard: on_all_addresses(1865),
            notification_servers: Vec::new(),
            web: Some(Web { listen: None, who_is_online: false, metrics: true, names: Vec::new() }),
            sign_up: SignUp::default(),
            data: PathBuf::from(DEFAULT_DATA),
            domains: vec!["hotmail.com".into()],
            site: "http://messenger.hotmail.com/".into(),
            log: Verbosity::Info,
            list_entries: 150,
            participants: MAX_PARTICIPANTS,
            conversation_idle_minutes: None,
            repeated: RepeatedSettings::Accept,
            ver_reply: VerReplyForm::List,
            challenge: false,
            allow: Vec::new(),
            greeter: Some(Greeter::default()),
            limits: Limits::default(),
        }
    }
}

/// Parses networks; a single address counts as a network.
fn parse_networks<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<IpNet>, D::Error> {
    let texts = Vec::<String>::deserialize(deserializer)?;
    let parse_network = |text: &String| {
        let network = text.parse().or_else(|_| text.parse().map(|address: IpAddr| address.into()));
        network.map_err(|_| {
            format!("{text:?} is not a network such as 203.0.113.0/24, and not an address")
        })
    };
    texts.iter().map(parse_network).collect::<Result<_, _>>().map_err(D::Error::custom)
}

/// Parses an address to listen on.
fn parse_listen<'de, D: Deserializer<'de>>(deserializer: D) -> Result<SocketAddr, D::Error> {
    parse_socket_address(&String::deserialize(deserializer)?).map_err(D::Error::custom)
}

/// Parses an address with a port. If the text has only one of the two, the example in the error completes
/// it.
fn parse_socket_address(text: &str) -> Result<SocketAddr, String> {
    text.parse().map_err(|_| {
        let example = match (text.parse::<u16>(), text.parse::<IpAddr>()) {
            (Ok(port), _) => SocketAddr::from((Ipv4Addr::UNSPECIFIED, port)),
            (_, Ok(address)) => SocketAddr::from((address, 1863)),
            _ => SocketAddr::from((Ipv4Addr::UNSPECIFIED, 1863)),
        };
        let fault = address_fault(text).map(|fault| format!("; {fault}")).unwrap_or_default();
        format!("{text:?} is not an address with a port, such as \"{example}\"{fault}")
    })
}

/// Returns which usual mistake makes a text no valid address with a port; `None` for any other mistake.
pub(crate) fn address_fault(text: &str) -> Option<&'static str> {
    let (host, port) = text.rsplit_once(':').unwrap_or((text, ""));
    let is_address = host.trim_matches(['[', ']']).parse::<IpAddr>().is_ok();
    let is_number = !port.is_empty() && port.bytes().all(|digit| digit.is_ascii_digit());
    if is_address && is_number && port.parse::<u16>().is_err() {
        return Some("the port is at most 65535");
    }
    let is_name = !is_address && host.contains(|letter: char| letter.is_ascii_alphabetic());
    is_name.then_some("names are not possible here")
}

/// Parses an address to advertise, if there is one.
fn parse_advertised<'de, D: Deserializer<'de>>(
    deserializer: D,
) -> Result<Option<SocketAddrV4>, D::Error> {
    let text = Option::<String>::deserialize(deserializer)?;
    text.map(|text| parse_ipv4_address(&text)).transpose().map_err(D::Error::custom)
}

/// Parses several addresses to advertise.
fn parse_advertised_list<'de, D: Deserializer<'de>>(
    deserializer: D,
) -> Result<Vec<SocketAddrV4>, D::Error> {
    let texts = Vec::<String>::deserialize(deserializer)?;
    let addresses = texts.iter().map(|text| parse_ipv4_address(text));
    addresses.collect::<Result<_, _>>().map_err(D::Error::custom)
}

/// Parses an address as the protocol sends it: dotted IPv4 with a port (draft §7.2), never a name.
fn parse_ipv4_address(text: &str) -> Result<SocketAddrV4, String> {
    text.parse().map_err(|_| {
        let fault = address_fault(text).unwrap_or("names are not possible here");
        format!(
            "{text:?} is not an IPv4 address with a port, such as \"192.168.1.10:1864\"; {fault}"
        )
    })
}

/// An invalid value.
struct ConfigError {
    key: &'static str,
    /// The rest of the message, which begins with the key.
    why: String,
}

impl Config {
    /// Whether this listener of the Dispatch Server is also that of the Notification Server. With port 0,
    /// each has its own: the system chooses two ports.
    pub(crate) fn is_shared_listener(&self, dispatch: &Listener) -> bool {
        let notification = self.notification.map(|notification| notification.listen);
        dispatch.listen.port() != 0 && Some(dispatch.listen) == notification
    }

    /// Returns Greeter's handle, if Greeter is configured.
    pub(crate) fn greeter_handle(&self) -> Option<Handle> {
        let greeter = self.greeter.as_ref()?;
        greeter.principal(&self.domains).ok().map(|principal| principal.handle)
    }

    /// Whether this is Greeter's handle.
    pub(crate) fn is_greeter(&self, handle: &Handle) -> bool {
        self.greeter_handle().is_some_and(|of_greeter| of_greeter == *handle)
    }

    /// Returns the Notification Servers of other programs to which the Dispatch Server refers clients: none
    /// if this program has a Notification Server, since it would share no accounts with them.
    pub(crate) fn other_notification_servers(&self) -> &[SocketAddrV4] {
        match self.notification {
            Some(_) => &[],
            None => &self.notification_servers,
        }
    }

    /// Returns a warning if `notification_servers` is set but not used.
    pub(crate) fn ignored_servers_warning(&self) -> Option<String> {
        let is_ignored = self.notification.is_some() && !self.notification_servers.is_empty();
        is_ignored.then(|| {
            "`notification_servers` is ignored, because there is a Notification Server here: they \
             would share no accounts"
                .to_owned()
        })
    }

    /// Returns the configured servers.
    pub(crate) fn listeners(&self) -> impl Iterator<Item = Listener> {
        [self.dispatch, self.notification, self.switchboard].into_iter().flatten()
    }

    /// Checks the rules that the types of the fields do not express.
    fn check(&self) -> Result<(), ConfigError> {
        let invalid = |key, why: &str| Err(ConfigError { key, why: why.to_owned() });
        if self.dispatch.is_none() && self.notification.is_none() && self.switchboard.is_none() {
            return invalid(
                "dispatch",
                ": no server is configured: set at least one of dispatch, notification and \
                 switchboard",
            );
        }
        if self.dispatch.is_some()
            && self.notification.is_none()
            && self.notification_servers.is_empty()
        {
            let why =
                ": a Dispatch Server without a Notification Server needs notification_servers";
            return invalid("notification", why);
        }
        if self.notification_servers.len() > MAX_NOTIFICATION_SERVERS {
            let why = format!(" must have at most {MAX_NOTIFICATION_SERVERS} entries");
            return invalid("notification_servers", &why);
        }
        let advertised = self.dispatch.filter(|dispatch| dispatch.advertise.is_some());
        if advertised.is_some_and(|dispatch| !self.is_shared_listener(&dispatch)) {
            let why = " has no effect: no client is sent to the Dispatch Server; set it for \
                       notification and switchboard";
            return invalid("dispatch.advertise", why);
        }
        self.web.as_ref().map_or(Ok(()), Web::check)?;
        self.sign_up.check()?;
        if self.domains.is_empty() {
            return invalid("domains", " must have at least one entry");
        }
        for domain in &self.domains {
            if Handle::new(&format!("a@{domain}")).is_err() {
                return invalid(
                    "domains",
                    &format!(": {domain:?} is not a domain such as hotmail.com"),
                );
            }
        }
        if let Some(Err(why)) =
            self.greeter.as_ref().map(|greeter| greeter.principal(&self.domains))
        {
            return invalid("greeter", &format!(": {why}"));
        }
        if Token::<64>::parse(self.site.as_bytes()).is_none() {
            return invalid("site", " must have 1 to 64 characters without spaces");
        }
        ranges::check(self)?;
        self.limits.check().map_err(|LimitError { key, reason }| ConfigError { key, why: reason })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refusal(text: &str) -> String {
        parse(text).unwrap_err()
    }

    #[test]
    fn the_file_config_ron_is_the_built_in_configuration() {
        assert_eq!(parse(DEFAULT_TEXT).unwrap(), Config::default());
    }

    #[test]
    fn the_file_config_ron_names_every_key() {
        let built_in = ron::ser::to_string_pretty(&Config::default(), Default::default()).unwrap();
        for line in built_in.lines() {
            if let Some((key, _)) = line.trim().split_once(':') {
                assert!(
                    DEFAULT_TEXT.contains(&format!("{key}:")),
                    "config.ron does not name {key}"
                );
            }
        }
    }

    #[test]
    fn an_empty_file_is_the_default() {
        assert_eq!(parse("()").unwrap(), Config::default());
    }

    #[test]
    fn values_out_of_range_are_refused() {
        for (text, key) in [
            ("(list_entries: 601)", "list_entries"),
            ("(participants: 31)", "participants"),
            ("(participants: 1)", "participants"),
            ("(domains: [])", "domains"),
            ("(domains: [\"a b\"])", "domains"),
            ("(conversation_idle_minutes: 1)", "conversation_idle_minutes"),
            ("(limits: (buffers: 0))", "buffers"),
            ("(limits: (per_address: 0))", "per_address"),
            ("(limits: (per_address: 512))", "less than half_open, which is 512"),
            ("(limits: (half_open: 64))", "less than half_open, which is 64"),
            ("(limits: (failed_logins: (most: 0)))", "most"),
            ("(limits: (failed_logins: (minutes: 0)))", "minutes"),
            ("(limits: (failed_logins: (free: 9, most: 3)))", "they are 9 and 3"),
            ("(limits: (failed_logins: (most: 2)))", "they are 3 and 2"),
            (
                "(notification: (listen: \"0.0.0.0:1\", advertise: \"pi.lan:1\"))",
                "names are not possible",
            ),
            ("(notification_servers: [\"pi.lan:1864\"])", "names are not possible"),
            ("(limits: (renames_per_minute: 0))", "renames_per_minute"),
            ("(limits: (failing_calls_per_minute: 0))", "failing_calls_per_minute"),
            ("(limits: (invitations: 31))", "invitations"),
            ("(limits: (states_per_second: 0))", "states_per_second"),
            ("(limits: (lines_per_second: 0))", "lines_per_second"),
            ("(limits: (buffers: 512))", "more than half_open, which is 512"),
            ("(allow: [\"203.0.113.0/33\"])", "is not a network such as"),
            ("(dispatch: None, notification: None, switchboard: None)", "no server"),
            ("(notification: None)", "notification_servers"),
            ("(sign_up: (mode: code))", "1 to 64 letters"),
            ("(sign_up: (code: \"a b\"))", "without spaces"),
            ("(sign_up: (per_hour: 0))", "at least 1"),
            ("(site: \"a b\")", "site"),
            ("(dispatch: (listen: \"0.0.0.0:1\", advertise: \"192.0.2.1:1\"))", "advertise"),
        ] {
            assert!(refusal(text).contains(key), "{text}: {}", refusal(text));
        }
    }

    #[test]
    fn networks_and_addresses_are_allowed() {
        let config = parse("(allow: [\"0.0.0.0/0\", \"203.0.113.5\", \"2001:db8::/32\"])").unwrap();
        let allowed: Vec<String> = config.allow.iter().map(IpNet::to_string).collect();
        assert_eq!(allowed, ["0.0.0.0/0", "203.0.113.5/32", "2001:db8::/32"]);
    }
}
