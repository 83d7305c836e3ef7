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
    /// Undoes the changes of keys that need a restart: sets these keys to their active values. Returns the
    /// keys whose changes were undone.
    pub(crate) fn restore_fixed_keys(&mut self, active: &Config) -> Vec<&'static str> {
        let mut need_restart = Vec::new();
        let listen_address = |listener: Option<Listener>| listener.map(|listener| listener.listen);
        for (key, new_listener, active_listener) in [
            ("dispatch.listen", &mut self.dispatch, active.dispatch),
            ("notification.listen", &mut self.notification, active.notification),
            ("switchboard.listen", &mut self.switchboard, active.switchboard),
        ] {
            if listen_address(*new_listener) != listen_address(active_listener) {
                let advertise = new_listener.and_then(|listener| listener.advertise);
                *new_listener = active_listener.map(|active| Listener { advertise, ..active });
                need_restart.push(key);
            }
        }
        let pages_address = |web: &Option<Web>| web.as_ref().map(|web| web.listen);
        if pages_address(&self.web) != pages_address(&active.web) {
            let new_web = self.web.take();
            self.web = active
                .web
                .clone()
                .map(|active| Web { listen: active.listen, ..new_web.unwrap_or(active) });
            need_restart.push("web.listen");
        }
        if self.data != active.data {
            self.data.clone_from(&active.data);
            need_restart.push("data");
        }
        if self.notification_servers != active.notification_servers {
            self.notification_servers.clone_from(&active.notification_servers);
            need_restart.push("notification_servers");
        }
        need_restart
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
        // `None` if this program does not run the server.
        let advertised = |server: Server, advertise: Option<SocketAddrV4>| {
            let (_, address) = listening.iter().find(|(listener, _)| *listener == server)?;
            let advertise = advertise.map(Endpoint);
            Some(advertise.map_or(Advertised::Here(address.port()), Advertised::At))
        };
        let advertise_of = |listener: Option<Listener>| listener.and_then(|found| found.advertise);
        let shared_listener = self.dispatch.filter(|dispatch| self.is_shared_listener(dispatch));
        let notification_advertise =
            advertise_of(self.notification).or(advertise_of(shared_listener));
        let site = Token::parse(self.site.as_bytes());
        let from_minutes = |minutes: u32| Duration::from_secs(60 * u64::from(minutes));
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
            conversation_idle: self.conversation_idle_minutes.map(from_minutes),
            switchboard: advertised(Server::Switchboard, advertise_of(self.switchboard)),
            dispatch: advertised(Server::Dispatch, advertise_of(self.dispatch)),
            notification: advertised(Server::Notification, notification_advertise),
        })
    }
}
