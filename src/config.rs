//! The configuration: one file in RON, every key optional, unknown keys refused.

mod greeter;
pub(crate) mod keys;
mod limits;
pub(crate) mod origins;
mod pages;
pub(crate) mod places;

use self::greeter::Greeter;
use self::keys::{Key, keys};
use self::limits::Limits;
use self::pages::{SignUp, SignUpMode, Web};
use self::places::{DATA, Named};
use crate::failure::Failure;
use crate::system;
use actors::connection::Crowd;
use actors::settings::{Advertised, MAX_LIST_ENTRIES, MAX_PARTICIPANTS, Settings};
use ipnet::IpNet;
use msnp::command::VerForm;
use msnp::{Endpoint, Handle, Server, Token};
use ron::extensions::Extensions;
use serde::de::Error as _;
use serde::{Deserialize, Deserializer, Serialize};
use std::net::{IpAddr, Ipv4Addr, SocketAddr, SocketAddrV4};
use std::path::{Path, PathBuf};
use std::time::Duration;

/// The file that explains each key and says what is built in.
pub(crate) const SHIPPED: &str = include_str!("../config.ron");

/// How many characters of a line a message quotes.
const QUOTED: usize = 60;

/// How many Notification Servers besides its own a Dispatch Server refers to at most.
const MAX_NOTIFICATION_SERVERS: usize = 15;

/// What an operator can set. The file `config.ron` of the project explains each key.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Config {
    pub(crate) dispatch: Option<Listener>,
    pub(crate) notification: Option<Listener>,
    pub(crate) switchboard: Option<Listener>,
    #[serde(deserialize_with = "all_told")]
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
    pub(crate) repeated_blp: RepeatedBlp,
    pub(crate) ver_reply: VerForm,
    pub(crate) challenge: bool,
    #[serde(deserialize_with = "networks")]
    pub(crate) allow: Vec<IpNet>,
    pub(crate) greeter: Option<Greeter>,
    pub(crate) limits: Limits,
}

/// One of the three servers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Listener {
    pub(crate) listen: SocketAddr,
    #[serde(default, deserialize_with = "told")]
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

/// What a `BLP` that changes nothing is answered with.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum RepeatedBlp {
    Accept,
    Refuse,
}

impl Default for Config {
    fn default() -> Config {
        let any = |port| {
            let listen = SocketAddr::from((Ipv4Addr::UNSPECIFIED, port));
            Some(Listener { listen, advertise: None })
        };
        Config {
            dispatch: any(1863),
            notification: any(1864),
            switchboard: any(1865),
            notification_servers: Vec::new(),
            web: Some(Web {
                listen: SocketAddr::from((Ipv4Addr::UNSPECIFIED, 8080)),
                who_is_online: false,
                metrics: true,
                names: Vec::new(),
            }),
            sign_up: SignUp::default(),
            data: PathBuf::from(DATA),
            domains: vec!["hotmail.com".into()],
            site: "http://messenger.hotmail.com/".into(),
            log: Verbosity::Info,
            list_entries: 150,
            participants: MAX_PARTICIPANTS,
            conversation_idle_minutes: None,
            repeated_blp: RepeatedBlp::Accept,
            ver_reply: VerForm::List,
            challenge: false,
            allow: Vec::new(),
            greeter: Some(Greeter::default()),
            limits: Limits::default(),
        }
    }
}

/// Networks; a single address is one, too.
fn networks<'de, D: Deserializer<'de>>(text: D) -> Result<Vec<IpNet>, D::Error> {
    let words = Vec::<String>::deserialize(text)?;
    let network = |word: &String| {
        let found = word.parse().or_else(|_| word.parse().map(|one: IpAddr| one.into()));
        found.map_err(|_| {
            format!("{word:?} is neither a network like 203.0.113.0/24 nor an address")
        })
    };
    words.iter().map(network).collect::<Result<_, _>>().map_err(D::Error::custom)
}

/// An address that clients are told, if there is one.
fn told<'de, D: Deserializer<'de>>(text: D) -> Result<Option<SocketAddrV4>, D::Error> {
    let word = Option::<String>::deserialize(text)?;
    word.map(|word| address(&word)).transpose().map_err(D::Error::custom)
}

/// Several of them.
fn all_told<'de, D: Deserializer<'de>>(text: D) -> Result<Vec<SocketAddrV4>, D::Error> {
    let words = Vec::<String>::deserialize(text)?;
    words.iter().map(|word| address(word)).collect::<Result<_, _>>().map_err(D::Error::custom)
}

/// The protocol tells addresses as dotted IPv4 with a port (the draft §7.2), so a name is none.
fn address(word: &str) -> Result<SocketAddrV4, String> {
    word.parse().map_err(|_| {
        format!(
            "{word:?} is not an IPv4 address with a port, such as \"192.168.1.10:1864\": clients \
             are told no names"
        )
    })
}

/// A configuration, and where it comes from.
#[derive(Debug, Clone)]
pub(crate) struct Loaded {
    pub(crate) config: Config,
    /// The file; `None` if what is built in applies.
    pub(crate) file: Option<PathBuf>,
    /// Whether that file was named, not found.
    pub(crate) named: bool,
    /// How the data folder was named, if it was: `--data` or `MSNPD_DATA`.
    pub(crate) data_named: Option<&'static str>,
    /// What the file sets, and where.
    pub(crate) keys: Vec<Key>,
}

impl Loaded {
    /// No configuration but the data folder.
    pub(crate) fn of_folder(data: &Path) -> Loaded {
        Loaded {
            config: Config { data: data.to_owned(), ..Config::default() },
            file: None,
            named: false,
            data_named: None,
            keys: Vec::new(),
        }
    }
}

/// A value that cannot be run with.
struct Wrong {
    key: &'static str,
    why: String,
}

/// Reads the configuration that applies (see [`Named::file`]). A data folder that is named on the
/// command line or in the environment wins.
pub(crate) fn load(named: &Named) -> Result<Loaded, Failure> {
    let file = named.file();
    let (mut config, keys) = match &file {
        Some(file) => read(file)?,
        None => (Config::default(), Vec::new()),
    };
    if let Some((data, _)) = &named.data {
        config.data.clone_from(data);
    }
    let data_named = named.data.as_ref().map(|(_, how)| *how);
    Ok(Loaded { config, file, named: named.config.is_some(), data_named, keys })
}

fn read(file: &Path) -> Result<(Config, Vec<Key>), Failure> {
    let unreadable = |error| Failure::Unreadable { file: file.to_path_buf(), error };
    let invalid = |reason| Failure::Configuration { file: file.to_path_buf(), reason };
    let text = std::fs::read_to_string(file).map_err(unreadable)?;
    Ok((parse(&text).map_err(invalid)?, keys(&text)))
}

/// A configuration that can be run with, or where in the text it is wrong, and why.
///
/// # Errors
/// The place and the reason, in words.
pub fn parse(text: &str) -> Result<Config, String> {
    let options = ron::Options::default().with_default_extension(Extensions::IMPLICIT_SOME);
    let config: Config = options.from_str(text).map_err(|error| {
        let start = error.span.start;
        format!("{}: {}", place(text, start.line, start.col), error.code)
    })?;
    config.check().map_err(|Wrong { key, why }| {
        match keys(text).into_iter().find(|found| found.is(key)) {
            Some(found) => format!("{}: {why}", place(text, found.line, found.column)),
            None => format!("{key}: {why}"),
        }
    })?;
    Ok(config)
}

/// A place in the file with what stands there: the parser does not say which key it was at.
fn place(text: &str, line: usize, column: usize) -> String {
    let found = text.lines().nth(line.saturating_sub(1)).map(str::trim).unwrap_or_default();
    let shown: String = found.chars().take(QUOTED).collect();
    match shown.as_str() {
        "" => format!("line {line}, column {column}"),
        shown => format!("line {line}, column {column}, at `{shown}`"),
    }
}

impl Config {
    /// Whether the Dispatch Server has the port of the Notification Server.
    pub(crate) fn is_one_port(&self, dispatch: &Listener) -> bool {
        let notification = self.notification.map(|notification| notification.listen);
        dispatch.listen.port() != 0 && Some(dispatch.listen) == notification
    }

    /// The greeter's handle, if there is to be one.
    pub(crate) fn greeters_handle(&self) -> Option<Handle> {
        let greeter = self.greeter.as_ref().and_then(|one| one.principal(&self.domains).ok());
        greeter.map(|greeter| greeter.handle)
    }

    /// Whether it is the greeter's handle.
    pub(crate) fn is_greeter(&self, handle: &Handle) -> bool {
        self.greeters_handle().is_some_and(|greeters| greeters == *handle)
    }

    /// The servers that are configured.
    pub(crate) fn listeners(&self) -> impl Iterator<Item = Listener> {
        [self.dispatch, self.notification, self.switchboard].into_iter().flatten()
    }

    /// What is wrong with it beyond its types.
    fn check(&self) -> Result<(), Wrong> {
        let wrong = |key, why: &str| Err(Wrong { key, why: why.to_owned() });
        if self.dispatch.is_none() && self.notification.is_none() && self.switchboard.is_none() {
            return wrong("dispatch", "no server is configured, neither here nor further down");
        }
        if self.dispatch.is_some()
            && self.notification.is_none()
            && self.notification_servers.is_empty()
        {
            let why = "a Dispatch Server alone needs notification_servers to refer to";
            return wrong("notification", why);
        }
        if self.notification_servers.len() > MAX_NOTIFICATION_SERVERS {
            let why = format!("there are at most {MAX_NOTIFICATION_SERVERS}");
            return wrong("notification_servers", &why);
        }
        let dispatch = self.dispatch.filter(|dispatch| dispatch.advertise.is_some());
        if dispatch.is_some_and(|dispatch| !self.is_one_port(&dispatch)) {
            let why = "nobody is told where the Dispatch Server is: set it for the two others";
            return wrong("dispatch.advertise", why);
        }
        self.web.as_ref().map_or(Ok(()), Web::check)?;
        self.sign_up.check()?;
        if self.domains.is_empty() {
            return wrong("domains", "at least one is needed to make accounts in");
        }
        for domain in &self.domains {
            if Handle::new(&format!("a@{domain}")).is_err() {
                return wrong("domains", &format!("{domain:?} is not a domain like hotmail.com"));
            }
        }
        if let Some(Err(why)) =
            self.greeter.as_ref().map(|greeter| greeter.principal(&self.domains))
        {
            return wrong("greeter", &why);
        }
        if Token::<64>::parse(self.site.as_bytes()).is_none() {
            return wrong("site", "it has 1 to 64 characters without blanks");
        }
        if self.list_entries == 0 || self.list_entries > MAX_LIST_ENTRIES {
            return wrong("list_entries", &format!("it is between 1 and {MAX_LIST_ENTRIES}"));
        }
        if self.participants < 2 || self.participants > MAX_PARTICIPANTS {
            return wrong("participants", &format!("it is between 2 and {MAX_PARTICIPANTS}"));
        }
        if self.conversation_idle_minutes.is_some_and(|minutes| minutes < 5) {
            return wrong("conversation_idle_minutes", "it is at least 5, or None for never");
        }
        self.limits.check()
    }

    /// Takes over from the configuration in force what a running server cannot change. The answer is
    /// the keys that this one has otherwise.
    pub(crate) fn keep_what_is_fixed(&mut self, old: &Config) -> Vec<&'static str> {
        let mut kept = Vec::new();
        let listen = |listener: Option<Listener>| listener.map(|listener| listener.listen);
        for (key, new, old) in [
            ("dispatch.listen", &mut self.dispatch, old.dispatch),
            ("notification.listen", &mut self.notification, old.notification),
            ("switchboard.listen", &mut self.switchboard, old.switchboard),
        ] {
            if listen(*new) != listen(old) {
                let advertise = new.and_then(|new| new.advertise);
                *new = old.map(|old| Listener { advertise, ..old });
                kept.push(key);
            }
        }
        let listen = |web: &Option<Web>| web.as_ref().map(|web| web.listen);
        if listen(&self.web) != listen(&old.web) {
            let new = self.web.take();
            self.web = old.web.clone().map(|old| Web { listen: old.listen, ..new.unwrap_or(old) });
            kept.push("web.listen");
        }
        if self.data != old.data {
            self.data.clone_from(&old.data);
            kept.push("data");
        }
        if self.notification_servers != old.notification_servers {
            self.notification_servers.clone_from(&old.notification_servers);
            kept.push("notification_servers");
        }
        kept
    }

    /// What the web pages need of it.
    pub(crate) fn pages(&self) -> web::Settings {
        let sign_up = match self.sign_up.mode {
            SignUpMode::Private => web::SignUp::Private,
            SignUpMode::Code => web::SignUp::Code(self.sign_up.code.clone()),
            SignUpMode::Closed => web::SignUp::Closed,
        };
        let web = self.web.as_ref();
        let mut names = web.map(|web| web.names.clone()).unwrap_or_default();
        names.extend(system::host_name());
        web::Settings {
            domains: self.domains.clone(),
            names,
            sign_up,
            per_hour: self.sign_up.per_hour,
            who_is_online: web.is_some_and(|web| web.who_is_online),
            metrics: web.is_some_and(|web| web.metrics),
        }
    }

    /// What the actors need of it, for servers that listen there.
    pub(crate) fn settings(&self, listening: &[(Server, SocketAddr)]) -> Result<Settings, Failure> {
        let port = |wanted| {
            let found = listening.iter().find(|(server, _)| *server == wanted);
            found.map(|(_, address)| address.port())
        };
        let [dispatch_port, notification_port, switchboard_port] =
            [Server::Dispatch, Server::Notification, Server::Switchboard].map(port);
        let advertised = |advertise: Option<SocketAddrV4>, port: Option<u16>| {
            let advertise = advertise.map(Endpoint);
            port.map(|port| advertise.map_or(Advertised::Here(port), Advertised::At))
        };
        let dispatch = self.dispatch.and_then(|listener| listener.advertise);
        let notification = self.notification.and_then(|listener| listener.advertise);
        let one_port = self.dispatch.filter(|dispatch| self.is_one_port(dispatch));
        let notification = notification.or(one_port.and_then(|dispatch| dispatch.advertise));
        let switchboard = self.switchboard.and_then(|listener| listener.advertise);
        let site = Token::parse(self.site.as_bytes());
        let minutes = |minutes: u32| Duration::from_secs(60 * u64::from(minutes));
        Ok(Settings {
            crowd: Crowd {
                connections: self.limits.connections,
                per_address: self.limits.per_address,
                half_open: self.limits.half_open,
            },
            allow: self.allow.clone(),
            buffers: self.limits.buffers,
            list_entries: self.list_entries,
            participants: self.participants,
            cookies_per_session: self.limits.cookies,
            failed_logins: actors::throttle::FailedLogins {
                free: self.limits.failed_logins.free,
                most: self.limits.failed_logins.most,
                within: minutes(self.limits.failed_logins.minutes),
            },
            renames_per_minute: self.limits.renames_per_minute,
            failing_calls_per_minute: self.limits.failing_calls_per_minute,
            invitations: self.limits.invitations,
            lines_per_second: self.limits.lines_per_second,
            strict_privacy: self.repeated_blp == RepeatedBlp::Refuse,
            versions: self.ver_reply,
            challenge: self.challenge,
            site: site.ok_or_else(|| Failure::Other("site is not an address".into()))?,
            sign_in_time: Duration::from_secs(u64::from(self.limits.sign_in_seconds)),
            linger: Duration::from_secs(1),
            referral_linger: Duration::from_secs(5),
            cookie_life: Duration::from_secs(120),
            greeter: self
                .greeter
                .as_ref()
                .and_then(|greeter| greeter.principal(&self.domains).ok()),
            conversation_idle: self.conversation_idle_minutes.map(minutes),
            switchboard: advertised(switchboard, switchboard_port),
            dispatch: advertised(dispatch, dispatch_port),
            notification: advertised(notification, notification_port),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refusal(text: &str) -> String {
        parse(text).unwrap_err()
    }

    #[test]
    fn the_shipped_file_says_what_is_built_in() {
        assert_eq!(parse(SHIPPED).unwrap(), Config::default());
    }

    #[test]
    fn the_shipped_file_names_every_key() {
        let built_in = ron::ser::to_string_pretty(&Config::default(), Default::default()).unwrap();
        for line in built_in.lines() {
            if let Some((key, _)) = line.trim().split_once(':') {
                assert!(SHIPPED.contains(&format!("{key}:")), "config.ron does not name {key}");
            }
        }
    }

    #[test]
    fn an_empty_file_is_the_default() {
        assert_eq!(parse("()").unwrap(), Config::default());
    }

    #[test]
    fn unknown_keys_are_refused_with_place_and_reason() {
        let reason = refusal("(\n    list_entries: 10,\n    frobnicate: 1,\n)");
        assert!(reason.starts_with("line 3"), "{reason}");
        assert!(reason.contains("frobnicate"), "{reason}");
        let reason = refusal("(limits: (half_opened: 1))");
        assert!(reason.contains("half_opened"), "{reason}");
    }

    #[test]
    fn broken_syntax_is_refused_with_its_place() {
        assert!(refusal("(\n    list_entries: ,\n)").starts_with("line 2"));
        assert!(refusal("").starts_with("line 1"));
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
            ("(notification: (listen: \"0.0.0.0:1\", advertise: \"pi.lan:1\"))", "told no names"),
            ("(notification_servers: [\"pi.lan:1864\"])", "told no names"),
            ("(limits: (renames_per_minute: 0))", "renames_per_minute"),
            ("(limits: (failing_calls_per_minute: 0))", "failing_calls_per_minute"),
            ("(limits: (invitations: 31))", "invitations"),
            ("(limits: (lines_per_second: 0))", "lines_per_second"),
            ("(limits: (buffers: 512))", "more than half_open, which is 512"),
            ("(allow: [\"203.0.113.0/33\"])", "neither a network like"),
            ("(dispatch: None, notification: None, switchboard: None)", "no server"),
            ("(notification: None)", "notification_servers"),
            ("(sign_up: (mode: code))", "1 to 64 letters"),
            ("(sign_up: (code: \"a b\"))", "without blanks"),
            ("(sign_up: (per_hour: 0))", "at least 1"),
            ("(site: \"a b\")", "site"),
            ("(dispatch: (listen: \"0.0.0.0:1\", advertise: \"192.0.2.1:1\"))", "advertise"),
        ] {
            assert!(refusal(text).contains(key), "{text}: {}", refusal(text));
        }
    }

    #[test]
    fn refusals_say_where_and_quote_what_stands_there() {
        assert_eq!(
            refusal("(\n    // list_entries: 1 to 600\n    list_entries: 601,\n)"),
            "line 3, column 5, at `list_entries: 601,`: it is between 1 and 600"
        );
        assert_eq!(
            refusal("(limits: (half_open: 0))"),
            "line 1, column 11, at `(limits: (half_open: 0))`: it is at least 1"
        );
        let reason = refusal("(\n    list_entries: \"many\",\n)");
        assert!(reason.starts_with("line 2, column "), "{reason}");
        assert!(reason.contains("at `list_entries: \"many\",`: "), "{reason}");
    }

    #[test]
    fn networks_and_addresses_are_allowed() {
        let config = parse("(allow: [\"0.0.0.0/0\", \"203.0.113.5\", \"2001:db8::/32\"])").unwrap();
        let allowed: Vec<String> = config.allow.iter().map(IpNet::to_string).collect();
        assert_eq!(allowed, ["0.0.0.0/0", "203.0.113.5/32", "2001:db8::/32"]);
    }

    #[test]
    fn options_may_be_written_without_some() {
        let config = parse("(dispatch: (listen: \"127.0.0.1:0\"))").unwrap();
        assert_eq!(config.dispatch.unwrap().listen.to_string(), "127.0.0.1:0");
        let config = parse("(dispatch: Some((listen: \"127.0.0.1:0\")))").unwrap();
        assert_eq!(config.dispatch.unwrap().listen.port(), 0);
    }
}
