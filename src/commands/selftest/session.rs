//! A user's connection to the Notification Server: the referral to it, the sign-in, and the events.

use super::error::{AddressSource, FIRST_REPLY, SelftestError};
use super::lists::Contact;
use super::wire::Wire;
use super::{Account, DIALECT, Target};
use msnp::auth::{Challenge, Digest};
use msnp::command::{Chg, Dialects, Inf, LstReply, Rng, Syn, Usr, UsrReply, Ver, XfrReply};
use msnp::{Endpoint, Event, Handle, LaterDialects, List, Server, State, TrId};

/// A user who is signed in.
pub(super) struct Session {
    pub(super) handle: Handle,
    /// The connection to the Notification Server.
    pub(super) wire: Wire,
    /// What this user's client has received about the other user.
    pub(super) other: Contact,
    /// The latest transaction ID.
    latest_trid: u32,
}

/// A connection to the first server, before the sign-in.
pub(super) struct FirstConnection {
    /// The connection to the Dispatch Server or, if the server has none, to the Notification Server.
    wire: Wire,
    /// The address of the Notification Server; `None` if this is the connection to it.
    pub(super) referral: Option<Endpoint>,
    /// The challenge, which only a Notification Server sends; `None` if a referral came instead.
    challenge: Option<Challenge>,
}

/// Connects to the first server, and receives a referral or a challenge.
pub(super) async fn connect_first(
    target: &Target,
    account: &Account,
) -> Result<FirstConnection, SelftestError> {
    let source = AddressSource::Given(target.clone());
    let mut wire =
        Wire::open(Server::Dispatch, target.address, source, account.handle.as_str()).await?;
    negotiate(&mut wire, account).await?;
    // If the tested server has no Dispatch Server, clients connect to its Notification Server first, which
    // sends a challenge.
    let (referral, challenge) = wire
        .receive("a referral or a challenge", |event| match event {
            Event::Xfr(XfrReply::Notification { endpoint, .. }) => Some((Some(endpoint), None)),
            Event::Usr(UsrReply::Challenge { challenge, .. }) => Some((None, Some(challenge))),
            _ => None,
        })
        .await?;
    Ok(FirstConnection { wire, referral, challenge })
}

impl Session {
    /// Signs in at the Notification Server, receives the lists, and goes online.
    pub(super) async fn open(
        first_connection: FirstConnection,
        account: &Account,
        other: &Handle,
    ) -> Result<Session, SelftestError> {
        let FirstConnection { mut wire, referral, challenge } = first_connection;
        let challenge = match (referral, challenge) {
            (Some(endpoint), _) => {
                let source = AddressSource::SentBy(Server::Dispatch, wire.address);
                let who = account.handle.as_str();
                wire = Wire::open(Server::Notification, endpoint.0, source, who).await?;
                negotiate(&mut wire, account).await?;
                receive_challenge(&mut wire).await?
            }
            (None, Some(challenge)) => challenge,
            // `connect_first` never returns this.
            (None, None) => receive_challenge(&mut wire).await?,
        };
        // `connect_first` takes the first server for a Dispatch Server.
        wire.server = Server::Notification;
        let digest = Digest::of(&challenge, account.password.as_str().as_bytes());
        wire.send(Usr::Response { trid: TrId::new(4), digest }).await?;
        let confirmation =
            |event: Event<'_>| matches!(event, Event::Usr(UsrReply::Ok { .. })).then_some(());
        wire.receive("the result of the sign-in", confirmation).await?;
        let other = Contact::new(other.clone());
        let mut session = Session { handle: account.handle.clone(), wire, other, latest_trid: 5 };
        session.synchronise().await?;
        let chg = Chg { trid: session.trid(), state: State::Online };
        session.wire.send(chg).await?;
        let confirmation = |event: &Event<'_>| matches!(event, Event::Chg(_)).then_some(());
        session.receive("the confirmation of the status", confirmation).await?;
        Ok(session)
    }

    /// Returns a new transaction ID.
    pub(super) fn trid(&mut self) -> TrId {
        self.latest_trid += 1;
        TrId::new(self.latest_trid)
    }

    /// Like [`Wire::receive`], but also records what the events report about the other user.
    pub(super) async fn receive<T>(
        &mut self,
        expected: &'static str,
        mut accept: impl FnMut(&Event<'_>) -> Option<T>,
    ) -> Result<T, SelftestError> {
        let Session { wire, other, .. } = self;
        wire.receive(expected, |event| {
            other.record(&event);
            accept(&event)
        })
        .await
    }

    /// Requests all lists; the reverse list is the last.
    async fn synchronise(&mut self) -> Result<(), SelftestError> {
        let trid = self.trid();
        self.wire.send(Syn { trid, version: 0 }).await?;
        self.receive("the lists", |event| {
            let Event::Lst(LstReply::List(line)) = event else { return None };
            let is_last_line = line.entry.as_ref().is_none_or(|entry| entry.index == entry.count);
            (line.list == List::Reverse && is_last_line).then_some(())
        })
        .await
    }

    /// Waits until the other user is seen online.
    pub(super) async fn wait_until_visible(&mut self) -> Result<(), SelftestError> {
        if self.other.is_online {
            return Ok(());
        }
        let handle = self.other.handle.clone();
        self.receive("the status of the other user", |event| match event {
            Event::Iln(line) => (line.handle == handle).then_some(()),
            Event::Nln(line) => (line.handle == handle).then_some(()),
            _ => None,
        })
        .await
    }

    /// Waits for an invitation from the other user.
    pub(super) async fn wait_for_invitation(&mut self) -> Result<Rng, SelftestError> {
        let handle = self.other.handle.clone();
        self.receive("an invitation", |event| match event {
            Event::Rng(ring) if ring.handle == handle => Some(ring.clone()),
            _ => None,
        })
        .await
    }
}

/// Agrees on the dialect, and starts the sign-in of the account.
async fn negotiate(wire: &mut Wire, account: &Account) -> Result<(), SelftestError> {
    let mut offered = Dialects::new();
    // The list has room for all dialects.
    let _ = offered.push(DIALECT);
    wire.send(Ver {
        trid: TrId::new(1),
        offered,
        later: LaterDialects::default(),
        unknown: None,
        cvr0: false,
    })
    .await?;
    let is_agreed = wire
        .receive(FIRST_REPLY, |event| match event {
            Event::Ver(reply) => Some(reply.agreed.contains(&DIALECT)),
            _ => None,
        })
        .await?;
    if !is_agreed {
        let (server, address) = (wire.server, wire.address);
        return Err(SelftestError::Unexpected {
            server,
            address,
            why: format!("it does not support {DIALECT}"),
        });
    }
    wire.send(Inf { trid: TrId::new(2) }).await?;
    wire.receive("the sign-in method", |event| matches!(event, Event::Inf(_)).then_some(()))
        .await?;
    wire.send(Usr::Initial { trid: TrId::new(3), handle: account.handle.clone() }).await
}

async fn receive_challenge(wire: &mut Wire) -> Result<Challenge, SelftestError> {
    wire.receive("a challenge", |event| match event {
        Event::Usr(UsrReply::Challenge { challenge, .. }) => Some(challenge),
        _ => None,
    })
    .await
}
