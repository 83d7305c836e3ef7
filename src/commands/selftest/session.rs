//! A principal who signs in, through the referral.

use super::error::{AddressSource, FIRST, SelftestError};
use super::lists::Contact;
use super::wire::Wire;
use super::{Account, DIALECT, Way};
use msnp::auth::{Challenge, Digest};
use msnp::command::{Chg, Dialects, Inf, Rng, Syn, Usr, UsrReply, Ver, XfrReply};
use msnp::{Endpoint, Event, Handle, LaterDialects, List, Server, State, TrId};

/// Somebody who is signed in.
pub(super) struct Session {
    pub(super) handle: Handle,
    /// The connection to the Notification Server.
    pub(super) wire: Wire,
    /// What is known of the other.
    pub(super) other: Contact,
    /// The next transaction ID.
    next: u32,
}

/// The Notification Server that a principal was led to.
pub(super) struct Led {
    /// The connection to it, or to the one that led there, which says nothing more.
    wire: Wire,
    /// Where it is; nothing, if that connection is it.
    pub(super) to: Option<Endpoint>,
    /// What it has said already.
    challenge: Option<Challenge>,
}

/// Connects to the server that clients dial, and hears where to go.
pub(super) async fn dial(way: &Way, account: &Account) -> Result<Led, SelftestError> {
    let told = AddressSource::Dialled(way.clone());
    let mut wire = Wire::open(Server::Dispatch, way.address, told, account.handle.as_str()).await?;
    greet(&mut wire, account).await?;
    // A server whose two first ones have one port has no referral.
    let (to, challenge) = wire
        .hear("where to sign in", |event| match event {
            Event::Xfr(XfrReply::Notification { endpoint, .. }) => Some((Some(endpoint), None)),
            Event::Usr(UsrReply::Challenge { challenge, .. }) => Some((None, Some(challenge))),
            _ => None,
        })
        .await?;
    Ok(Led { wire, to, challenge })
}

impl Session {
    /// Signs in where it was led to, takes the lists, and goes online.
    pub(super) async fn open(
        led: Led,
        account: &Account,
        other: &Handle,
    ) -> Result<Session, SelftestError> {
        let Led { mut wire, to, challenge } = led;
        let challenge = match (to, challenge) {
            (Some(endpoint), _) => {
                let told = AddressSource::By(Server::Dispatch, wire.address);
                let who = account.handle.as_str();
                wire = Wire::open(Server::Notification, endpoint.0, told, who).await?;
                greet(&mut wire, account).await?;
                hear_challenge(&mut wire).await?
            }
            (None, Some(challenge)) => challenge,
            (None, None) => hear_challenge(&mut wire).await?,
        };
        wire.server = Server::Notification;
        let digest = Digest::of(&challenge, account.password.as_str().as_bytes());
        wire.say(Usr::Response { trid: TrId::new(4), digest }).await?;
        let is_ok =
            |event: Event<'_>| matches!(event, Event::Usr(UsrReply::Ok { .. })).then_some(());
        wire.hear("that the password is right", is_ok).await?;
        let other = Contact::new(other.clone());
        let mut session = Session { handle: account.handle.clone(), wire, other, next: 5 };
        session.synchronise().await?;
        let chg = Chg { trid: session.trid(), state: State::Online };
        session.wire.say(chg).await?;
        let is_echo = |event: &Event<'_>| matches!(event, Event::Chg(_)).then_some(());
        session.hear("that it is online", is_echo).await?;
        Ok(session)
    }

    /// A transaction ID that was not used yet.
    pub(super) fn trid(&mut self) -> TrId {
        self.next += 1;
        TrId::new(self.next)
    }

    /// Hears events until one is what was waited for, and keeps what they say of the other.
    pub(super) async fn hear<T>(
        &mut self,
        what: &'static str,
        mut wanted: impl FnMut(&Event<'_>) -> Option<T>,
    ) -> Result<T, SelftestError> {
        let Session { wire, other, .. } = self;
        wire.hear(what, |event| {
            other.note(&event);
            wanted(&event)
        })
        .await
    }

    /// Asks for all lists; the reverse list is the last.
    async fn synchronise(&mut self) -> Result<(), SelftestError> {
        let trid = self.trid();
        self.wire.say(Syn { trid, version: 0 }).await?;
        self.hear("the lists", |event| {
            let Event::Lst(line) = event else { return None };
            let last = line.entry.as_ref().is_none_or(|entry| entry.index == entry.count);
            (line.list == List::Reverse && last).then_some(())
        })
        .await
    }

    /// Waits until the other is seen online.
    pub(super) async fn see(&mut self) -> Result<(), SelftestError> {
        if self.other.is_seen {
            return Ok(());
        }
        let handle = self.other.handle.clone();
        self.hear("that the other one is online", |event| match event {
            Event::Iln(line) => (line.handle == handle).then_some(()),
            Event::Nln(line) => (line.handle == handle).then_some(()),
            _ => None,
        })
        .await
    }

    /// Waits for a call of the other.
    pub(super) async fn ring(&mut self) -> Result<Rng, SelftestError> {
        let handle = self.other.handle.clone();
        self.hear("that somebody calls", |event| match event {
            Event::Rng(ring) if ring.handle == handle => Some(ring.clone()),
            _ => None,
        })
        .await
    }
}

async fn greet(wire: &mut Wire, account: &Account) -> Result<(), SelftestError> {
    let mut offered = Dialects::new();
    // There is room for all dialects.
    let _ = offered.push(DIALECT);
    wire.say(Ver {
        trid: TrId::new(1),
        offered,
        later: LaterDialects::default(),
        unknown: None,
        cvr0: false,
    })
    .await?;
    let agreed = wire
        .hear(FIRST, |event| match event {
            Event::Ver(reply) => Some(reply.agreed.contains(&DIALECT)),
            _ => None,
        })
        .await?;
    if !agreed {
        let (server, address) = (wire.server, wire.address);
        return Err(SelftestError::Strange {
            server,
            address,
            why: format!("it speaks no {DIALECT}"),
        });
    }
    wire.say(Inf { trid: TrId::new(2) }).await?;
    wire.hear("how to sign in", |event| matches!(event, Event::Inf(_)).then_some(())).await?;
    wire.say(Usr::Initial { trid: TrId::new(3), handle: account.handle.clone() }).await
}

async fn hear_challenge(wire: &mut Wire) -> Result<Challenge, SelftestError> {
    wire.hear("a challenge", |event| match event {
        Event::Usr(UsrReply::Challenge { challenge, .. }) => Some(challenge),
        _ => None,
    })
    .await
}
