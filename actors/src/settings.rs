//! What the operator can set, as the actors need it.

use crate::connection::ConnectionLimits;
use crate::port::PeerInfo;
use crate::port::store::Principal;
use crate::throttle::FailedLogins;
use ipnet::IpNet;
use msnp::command::VerForm;
use msnp::{Endpoint, Token};
use std::cell::RefCell;
use std::net::SocketAddrV4;
use std::rc::Rc;
use std::time::Duration;

/// How many participants a switchboard has room for: as many as fit into a roster that an output
/// buffer holds.
pub const MAX_PARTICIPANTS: usize = 30;

/// The most entries that a forward, allow or block list can be given room for.
pub const MAX_LIST_ENTRIES: u16 = 600;

/// The settings of a node.
#[derive(Debug, Clone)]
pub struct Settings {
    /// How many connections there may be.
    pub connection_limits: ConnectionLimits,
    /// The networks beyond the private ones that connections may come from.
    pub allow: Vec<IpNet>,
    /// How many input and how many output buffers are lent at most.
    pub buffers: usize,
    /// How many entries a forward, allow or block list has, at most [`MAX_LIST_ENTRIES`].
    pub list_entries: u16,
    /// How many principals a conversation has, at most [`MAX_PARTICIPANTS`].
    pub participants: usize,
    /// How many conversations a signed-in principal may have asked for and not yet joined.
    pub cookies_per_session: usize,
    /// How many failed sign-ins are too many.
    pub failed_logins: FailedLogins,
    /// How often a principal may rename himself in a minute, and change each of his telephone
    /// numbers: everybody who sees him hears of it.
    pub renames_per_minute: u16,
    /// How many calls of a principal may fail in a minute before no more are looked at.
    pub failing_calls_per_minute: u16,
    /// How many may be ringing in a conversation at a time, at most [`MAX_PARTICIPANTS`].
    pub invitations: usize,
    /// How many changes of a principal's state are told in a second; then the last one at its end.
    pub states_per_second: u16,
    /// How many requests of a connection are handled in a second; more wait for the next.
    pub lines_per_second: usize,
    /// Whether a `BLP`, an `ADD AL` or an `ADD BL` that changes nothing is refused, with 218 or 215.
    /// Gaim sends such commands and shows the error.
    pub refuse_repeated: bool,
    /// In which form `VER` is answered.
    pub versions: VerForm,
    /// Whether client programs of MSNP6 and MSNP7 are challenged to show that they are what they say.
    pub challenge: bool,
    /// The address that `CVR` and `URL` name.
    pub site: Token<64>,
    /// How long a connection may take to sign in or to join.
    pub sign_in_time: Duration,
    /// How long the server waits for a client to close a connection that it has ended.
    pub linger: Duration,
    /// How long it waits for a client that was referred elsewhere.
    pub referral_linger: Duration,
    /// How long a cookie is good.
    pub cookie_life: Duration,
    /// Who greets new accounts, if somebody does: a principal of the server itself.
    pub greeter: Option<Principal>,
    /// After how long without a message a conversation is closed; never, if not set.
    pub conversation_idle: Option<Duration>,
    /// Where this node's switchboards are, if it has any.
    pub switchboard: Option<Advertised>,
    /// Where this node's Dispatch Server is, if it has one.
    pub dispatch: Option<Advertised>,
    /// Where this node's Notification Server is, if it has one.
    pub notification: Option<Advertised>,
}

/// The settings of a node as all its parts share them. They can change while the node runs, so
/// nobody keeps what he has read.
#[derive(Debug, Clone)]
pub struct SharedSettings {
    now: Rc<RefCell<Rc<Settings>>>,
}

impl SharedSettings {
    /// Shares these.
    pub fn new(settings: Settings) -> SharedSettings {
        SharedSettings { now: Rc::new(RefCell::new(Rc::new(settings))) }
    }

    /// What is set now; it costs no allocation.
    pub fn get(&self) -> Rc<Settings> {
        self.now.borrow().clone()
    }

    /// Sets something else, for all who share it.
    pub fn set(&self, settings: Settings) {
        *self.now.borrow_mut() = Rc::new(settings);
    }
}

/// The address of a server as clients are told it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize)]
pub enum Advertised {
    /// The address that the client itself reached this machine at, with this port.
    Here(u16),
    /// This address, for everybody.
    At(Endpoint),
}

impl Advertised {
    /// What this client is told; nothing, if he came over IPv6 and no address is configured.
    pub fn to(self, client: &PeerInfo) -> Option<Endpoint> {
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
    /// Some settings, for tests of what reads them.
    pub(crate) fn sample() -> Settings {
        Settings {
            connection_limits: ConnectionLimits { connections: 8, per_address: 8, half_open: 4 },
            allow: Vec::new(),
            buffers: 8,
            list_entries: 150,
            participants: MAX_PARTICIPANTS,
            cookies_per_session: 8,
            failed_logins: FailedLogins { free: 3, most: 9, within: Duration::from_secs(600) },
            renames_per_minute: 5,
            failing_calls_per_minute: 10,
            invitations: MAX_PARTICIPANTS,
            states_per_second: 5,
            lines_per_second: 250,
            refuse_repeated: false,
            versions: VerForm::List,
            challenge: false,
            site: Token::parse(b"http://example.com/").unwrap(),
            sign_in_time: Duration::from_secs(60),
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

    fn facts(local: &str) -> PeerInfo {
        PeerInfo::new(local.parse().unwrap(), "192.0.2.9".parse().unwrap())
    }

    #[test]
    fn a_client_is_told_the_address_that_it_reached() {
        let here = Advertised::Here(1864);
        let told = |local| here.to(&facts(local)).map(|endpoint| endpoint.to_string());
        assert_eq!(told("192.0.2.1").as_deref(), Some("192.0.2.1:1864"));
        assert_eq!(told("::ffff:192.0.2.1").as_deref(), Some("192.0.2.1:1864"));
        assert_eq!(told("2001:db8::1"), None);
    }

    #[test]
    fn whoever_shares_settings_reads_what_is_set_now() {
        let shared = SharedSettings::new(Settings::sample());
        let reader = shared.clone();
        assert_eq!(reader.get().buffers, 8);
        shared.set(Settings { buffers: 9, ..Settings::sample() });
        assert_eq!(reader.get().buffers, 9);
    }

    #[test]
    fn a_configured_address_is_told_to_everybody() {
        let endpoint = Endpoint("203.0.113.5:9".parse().unwrap());
        assert_eq!(Advertised::At(endpoint).to(&facts("2001:db8::1")), Some(endpoint));
    }
}
