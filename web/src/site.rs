//! The state that all pages share.

use crate::admin_auth::{AdminAuth, PasswordSource};
use crate::client_setup::ServerAddress;
use crate::history::History;
use crate::throttle::Attempts;
use actors::Node;
use actors::port::PeerInfo;
use std::cell::RefCell;
use std::rc::Rc;
use tokio::sync::Mutex;
use tokio::time::Instant;

/// Who may create accounts on the web page.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum SignUp {
    /// Anyone with a private address.
    Private,
    /// Anyone who knows this code.
    Code(String),
    /// No one.
    Closed,
}

/// The settings of the web pages.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Settings {
    /// The domains of new accounts, the default first. Not empty.
    pub domains: Vec<String>,
    /// Further host names under which the pages are served, besides addresses, `domains` and names
    /// of a home network.
    pub names: Vec<String>,
    /// Who may create accounts.
    pub sign_up: SignUp,
    /// The maximum number of forms for accounts, passwords, names, numbers and profiles that one
    /// address may send in an [hour](crate::ATTEMPT_WINDOW). Failed attempts count.
    pub max_forms_per_hour: usize,
    /// Whether anyone may see who is online.
    pub who_is_online: bool,
    /// Whether `/metrics` is served.
    pub metrics: bool,
}

/// The dependencies of the web pages.
pub struct Deps {
    /// The node that the pages show and change.
    pub node: Rc<Node>,
    /// The settings at the start.
    pub settings: Settings,
    /// The pages and the operator's commands hold this lock while they change an account. So an
    /// account that was looked up stays the same until the change is done.
    pub changes_lock: Rc<Mutex<()>>,
    /// The administrator's password.
    pub password_source: Box<dyn PasswordSource>,
    /// The version of the program.
    pub version: &'static str,
}

/// The state that all pages share.
pub(crate) struct Site {
    pub(crate) node: Rc<Node>,
    /// See [`Deps::changes_lock`].
    pub(crate) changes_lock: Rc<Mutex<()>>,
    pub(crate) admin_auth: AdminAuth,
    pub(crate) attempts: RefCell<Attempts>,
    pub(crate) history: RefCell<History>,
    pub(crate) version: &'static str,
    pub(crate) started_at: Instant,
    /// A secret in the forms of this server's pages. A page of another site does not know it, so it
    /// cannot forge a form.
    pub(crate) token: String,
    settings: RefCell<Rc<Settings>>,
}

impl Site {
    pub(crate) fn new(deps: Deps) -> Site {
        let Deps { node, settings, changes_lock, password_source, version } = deps;
        let random = || node.entropy.bits();
        let (salt, token) = (random(), format!("{:032x}", random()));
        Site {
            admin_auth: AdminAuth::new(password_source, salt),
            attempts: RefCell::default(),
            history: RefCell::default(),
            started_at: Instant::now(),
            settings: RefCell::new(Rc::new(settings)),
            node,
            changes_lock,
            version,
            token,
        }
    }

    pub(crate) fn settings(&self) -> Rc<Settings> {
        self.settings.borrow().clone()
    }

    pub(crate) fn change_settings(&self, settings: Settings) {
        *self.settings.borrow_mut() = Rc::new(settings);
    }

    /// The address of the server that the user's client connects to first: the Dispatch Server, or
    /// the Notification Server if there is no Dispatch Server. `None` if neither runs here, or if
    /// no IPv4 address of it is known.
    pub(crate) fn server_address(&self, peer_info: &PeerInfo) -> Option<ServerAddress> {
        let settings = self.node.settings();
        let first_server = settings.dispatch.or(settings.notification)?;
        let endpoint = first_server.endpoint_for(peer_info)?.0;
        Some(ServerAddress { address: *endpoint.ip(), port: endpoint.port() })
    }
}
