//! The settings of a node, in the form that the actors use.

use crate::limit::Limits;
use crate::port::PeerInfo;
use crate::port::store::Principal;
use ipnet::IpNet;
use msnp::command::VerReplyForm;
use msnp::{Endpoint, Token};
use std::cell::{Cell, RefCell};
use std::net::SocketAddrV4;
use std::rc::Rc;
use std::time::Duration;

/// The maximum number of participants in a conversation: their roster must fit into an output buffer.
pub const MAX_PARTICIPANTS: usize = 30;

/// The upper bound of [`Settings::list_entries`].
pub const MAX_LIST_ENTRIES: u16 = 600;

/// The settings of a node.
#[derive(Debug, Clone)]
pub struct Settings {
    pub limits: Limits,
    /// The domains of new accounts, at least one. The first is used for a handle without a domain.
    pub domains: Vec<String>,
    /// Public networks from which connections are admitted. Private ones always are.
    pub allow: Vec<IpNet>,
    /// The maximum number of entries in a forward, allow or block list, at most
    /// [`MAX_LIST_ENTRIES`].
    pub list_entries: u16,
    /// The maximum number of participants in a conversation, at most [`MAX_PARTICIPANTS`].
    pub participants: usize,
    /// Whether a command that changes nothing is refused: `BLP` with error 218, `ADD AL` and `ADD
    /// BL` with error 215. Gaim sends such commands and shows the error.
    pub refuse_repeated_settings: bool,
    /// The form of the reply to `VER`.
    pub ver_reply: VerReplyForm,
    /// Whether clients of MSNP6 and MSNP7 must answer a client challenge (`CHL`).
    pub challenge: bool,
    /// The web address in the replies to `CVR` and `URL`.
    pub site: Token<64>,
    /// How long the server waits for the client to close a connection that the server has ended.
    pub linger: Duration,
    /// How long the server waits for a referred client to close the connection.
    pub referral_linger: Duration,
    /// How long a cookie is valid.
    pub cookie_life: Duration,
    /// The greeter, a built-in contact of new accounts, if it is enabled.
    pub greeter: Option<Principal>,
    /// The time without a message after which a conversation is closed. `None` is unlimited.
    pub conversation_idle: Option<Duration>,
    /// The address of this node's Switchboard Server, if it has one.
    pub switchboard: Option<Advertised>,
    /// The address of this node's Dispatch Server, if it has one.
    pub dispatch: Option<Advertised>,
    /// The address of this node's Notification Server, if it has one.
    pub notification: Option<Advertised>,
}

/// The settings of a node, shared by all its parts. They can change while the node runs, so readers
/// call [`SharedSettings::get`] at each use.
#[derive(Debug, Clone)]
pub struct SharedSettings {
    shared: Rc<Shared>,
}

#[derive(Debug)]
struct Shared {
    current: RefCell<Rc<Settings>>,
    /// A copy of the settings that are read for each message.
    hot: Cell<HotSettings>,
}

/// The settings that are read for each message.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct HotSettings {
    /// [`Limits::buffers`]
    pub buffers: usize,
    /// [`Limits::lines_per_second`]
    pub lines_per_second: usize,
    /// Whether [`Settings::conversation_idle`] is limited.
    pub is_idle_limited: bool,
}

impl HotSettings {
    fn of(settings: &Settings) -> HotSettings {
        HotSettings {
            buffers: settings.limits.buffers,
            lines_per_second: settings.limits.lines_per_second,
            is_idle_limited: settings.conversation_idle.is_some(),
        }
    }
}

impl SharedSettings {
    pub fn new(settings: Settings) -> SharedSettings {
        let hot = Cell::new(HotSettings::of(&settings));
        SharedSettings { shared: Rc::new(Shared { current: RefCell::new(Rc::new(settings)), hot }) }
    }

    /// Returns the current settings. Does not allocate.
    pub fn get(&self) -> Rc<Settings> {
        self.shared.current.borrow().clone()
    }

    /// Returns the current values of the settings that are read for each message.
    pub fn hot(&self) -> HotSettings {
        self.shared.hot.get()
    }

    /// Replaces the settings for all who share them.
    pub fn set(&self, settings: Settings) {
        self.shared.hot.set(HotSettings::of(&settings));
        *self.shared.current.borrow_mut() = Rc::new(settings);
    }
}

/// The address of a server as it is sent to clients.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize)]
pub enum Advertised {
    /// The address at which the client reached this machine, with this port.
    Here(u16),
    /// The same address for all clients.
    At(Endpoint),
}

impl Advertised {
    /// Returns the address for a client. `None` if the client is connected over IPv6 and no address is
    /// configured.
    pub fn endpoint_for(self, client: &PeerInfo) -> Option<Endpoint> {
        match self {
            Advertised::At(endpoint) => Some(endpoint),
            Advertised::Here(port) => {
                client.local_ipv4().map(|address| Endpoint(SocketAddrV4::new(address, port)))
            }
        }
    }
}

#[cfg(test)]
impl Settings {
    /// Settings for tests.
    pub(crate) fn sample() -> Settings {
        Settings {
            limits: Limits {
                connections: 8,
                per_address: 8,
                half_open: 4,
                buffers: 8,
                cookies: 8,
                ..Limits::default()
            },
            domains: vec!["example.com".into()],
            allow: Vec::new(),
            list_entries: 150,
            participants: MAX_PARTICIPANTS,
            refuse_repeated_settings: false,
            ver_reply: VerReplyForm::List,
            challenge: false,
            site: Token::parse(b"http://example.com/").unwrap(),
            linger: Duration::from_secs(1),
            referral_linger: Duration::from_secs(5),
            cookie_life: Duration::from_secs(120),
            greeter: None,
            conversation_idle: None,
            switchboard: None,
            dispatch: None,
            notification: None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn peer_info(local: &str) -> PeerInfo {
        PeerInfo::new(local.parse().unwrap(), "192.0.2.9".parse().unwrap())
    }

    #[test]
    fn a_client_gets_the_address_that_it_reached() {
        let here = Advertised::Here(1864);
        let sent =
            |local| here.endpoint_for(&peer_info(local)).map(|endpoint| endpoint.to_string());
        assert_eq!(sent("192.0.2.1").as_deref(), Some("192.0.2.1:1864"));
        assert_eq!(sent("::ffff:192.0.2.1").as_deref(), Some("192.0.2.1:1864"));
        assert_eq!(sent("2001:db8::1"), None);
    }

    #[test]
    fn all_who_share_settings_read_the_current_ones() {
        let shared = SharedSettings::new(Settings::sample());
        let reader = shared.clone();
        assert_eq!(reader.get().list_entries, 150);
        let mut changed = Settings { list_entries: 9, ..Settings::sample() };
        changed.limits.buffers = 9;
        shared.set(changed);
        assert_eq!((reader.get().list_entries, reader.hot().buffers), (9, 9));
    }

    #[test]
    fn a_configured_address_is_sent_to_all_clients() {
        let endpoint = Endpoint("203.0.113.5:9".parse().unwrap());
        assert_eq!(
            Advertised::At(endpoint).endpoint_for(&peer_info("2001:db8::1")),
            Some(endpoint)
        );
    }
}
