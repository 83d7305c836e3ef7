//! The settings of the actors and of the web pages, from a configuration.

use super::pages::{SignUpMode, Web};
use super::{Config, Listener, RepeatedSettings};
use crate::error::CommandError;
use crate::system;
use actors::settings::{Advertised, Settings};
use msnp::{Endpoint, Server, Token};
use std::net::{SocketAddr, SocketAddrV4};
use std::time::Duration;

impl Config {
    /// Resets the keys that cannot change while the server runs to their active values. Returns the keys
    /// that were reset.
    pub(crate) fn restore_fixed_keys(&mut self, active: &Config) -> Vec<&'static str> {
        let mut reset = Vec::new();
        let listen_address = |listener: Option<Listener>| listener.map(|listener| listener.listen);
        for (key, new, old) in [
            ("dispatch.listen", &mut self.dispatch, active.dispatch),
            ("notification.listen", &mut self.notification, active.notification),
            ("switchboard.listen", &mut self.switchboard, active.switchboard),
        ] {
            if listen_address(*new) != listen_address(old) {
                let advertise = new.and_then(|new| new.advertise);
                *new = old.map(|old| Listener { advertise, ..old });
                reset.push(key);
            }
        }
        let listen_address = |web: &Option<Web>| web.as_ref().map(|web| web.listen);
        if listen_address(&self.web) != listen_address(&active.web) {
            let new = self.web.take();
            self.web =
                active.web.clone().map(|old| Web { listen: old.listen, ..new.unwrap_or(old) });
            reset.push("web.listen");
        }
        if self.data != active.data {
            self.data.clone_from(&active.data);
            reset.push("data");
        }
        if self.notification_servers != active.notification_servers {
            self.notification_servers.clone_from(&active.notification_servers);
            reset.push("notification_servers");
        }
        reset
    }

    /// Returns the settings of the web pages.
    pub(crate) fn web_settings(&self) -> web::Settings {
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
            max_forms_per_hour: self.sign_up.per_hour,
            who_is_online: web.is_some_and(|web| web.who_is_online),
            metrics: web.is_some_and(|web| web.metrics),
        }
    }

    /// Returns the settings of the actors, for servers that listen on these addresses.
    pub(crate) fn actor_settings(
        &self,
        listening: &[(Server, SocketAddr)],
    ) -> Result<Settings, CommandError> {
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
        let shared_listener = self.dispatch.filter(|dispatch| self.is_shared_listener(dispatch));
        let notification = notification.or(shared_listener.and_then(|dispatch| dispatch.advertise));
        let switchboard = self.switchboard.and_then(|listener| listener.advertise);
        let site = Token::parse(self.site.as_bytes());
        let minutes = |minutes: u32| Duration::from_secs(60 * u64::from(minutes));
        Ok(Settings {
            limits: self.limits,
            domains: self.domains.clone(),
            allow: self.allow.clone(),
            list_entries: self.list_entries,
            participants: self.participants,
            refuse_repeated_settings: self.repeated == RepeatedSettings::Refuse,
            ver_reply: self.ver_reply,
            challenge: self.challenge,
            site: site.ok_or_else(|| CommandError::Other("`site` is not a web address".into()))?,
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
