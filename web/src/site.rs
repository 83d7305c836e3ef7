//! What all pages share.

use crate::admin_auth::{AdminAuth, Keys};
use crate::client_setup::ServerAddress;
use crate::history::History;
use crate::throttle::Attempts;
use actors::Node;
use actors::port::PeerInfo;
use std::cell::RefCell;
use std::rc::Rc;
use tokio::sync::Mutex;
use tokio::time::Instant;

/// Who may make accounts on the page for it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum SignUp {
    /// Whoever comes from a private address.
    Private,
    /// Whoever has this code.
    Code(String),
    /// Nobody.
    Closed,
}

/// What the operator has set of the pages.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Settings {
    /// The domains that accounts are made in, the first for names without; at least one.
    pub domains: Vec<String>,
    /// The names besides addresses, the domains and those of a home network that browsers may know
    /// the pages by.
    pub names: Vec<String>,
    /// Who may make accounts.
    pub sign_up: SignUp,
    /// How many accounts may be made, and passwords, names, numbers and profiles be changed, from
    /// one address in an [hour](crate::WINDOW), failed attempts included.
    pub per_hour: usize,
    /// Whether everybody may see who is online.
    pub who_is_online: bool,
    /// Whether there is `/metrics`.
    pub metrics: bool,
}

/// What the pages are connected to.
pub struct Deps {
    /// The node that they show and change.
    pub node: Rc<Node>,
    /// What is set at the start.
    pub settings: Settings,
    /// Whoever has it changes accounts: the same that the verbs take, so that an account that was
    /// found is the same until the change is done.
    pub changes: Rc<Mutex<()>>,
    /// The administrator's password.
    pub keys: Box<dyn Keys>,
    /// The version of the program.
    pub version: &'static str,
}

/// What all pages share.
pub(crate) struct Site {
    pub(crate) node: Rc<Node>,
    pub(crate) changes: Rc<Mutex<()>>,
    pub(crate) admin_auth: AdminAuth,
    pub(crate) attempts: RefCell<Attempts>,
    pub(crate) history: RefCell<History>,
    pub(crate) version: &'static str,
    pub(crate) started: Instant,
    /// What only pages of this server know: no other site can make a form that has it.
    pub(crate) token: String,
    settings: RefCell<Rc<Settings>>,
}

impl Site {
    pub(crate) fn new(wiring: Deps) -> Site {
        let Deps { node, settings, changes, keys, version } = wiring;
        let random = || node.entropy.bits();
        let (salt, token) = (random(), format!("{:032x}", random()));
        Site {
            admin_auth: AdminAuth::new(keys, salt),
            attempts: RefCell::default(),
            history: RefCell::default(),
            started: Instant::now(),
            settings: RefCell::new(Rc::new(settings)),
            node,
            changes,
            version,
            token,
        }
    }

    /// What is set now.
    pub(crate) fn settings(&self) -> Rc<Settings> {
        self.settings.borrow().clone()
    }

    pub(crate) fn change_settings(&self, settings: Settings) {
        *self.settings.borrow_mut() = Rc::new(settings);
    }

    /// Where a guest's Messenger finds the server that it dials first: the Dispatch Server, or the
    /// Notification Server if there is no other.
    pub(crate) fn place(&self, facts: &PeerInfo) -> Option<ServerAddress> {
        let settings = self.node.settings();
        let told = settings.dispatch.or(settings.notification)?.to(facts)?;
        Some(ServerAddress { address: *told.0.ip(), port: told.0.port() })
    }
}
