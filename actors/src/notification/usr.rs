use super::Session;
use super::contacts::Contacts;
use crate::connection::ConnectionActor;
use crate::connection::Context;
use crate::directory::AccountRef;
use crate::end::EndReason;
use crate::message::{CheckProof, Client, NotedDialect, ProofResult};
use crate::node::Node;
use crate::port::StoreError;
use crate::port::store::{AccountId, Proof, Roster};
use crate::principal::{RegisterError, SignedIn};
use msnp::auth::{Challenge, Digest};
use msnp::command::{Usr, UsrReply};
use msnp::{ErrorCode, Handle, Phase, TrId};
use std::net::IpAddr;
use std::rc::Rc;

/// A challenge that was sent, and the handle that wants to sign in.
pub(super) struct OpenChallenge {
    handle: Handle,
    challenge: Challenge,
}

/// Why a response to a challenge is refused.
enum SignInError {
    /// The response is wrong, or the account does not exist.
    WrongPassword,
    /// The account is disabled. The client gets the same reply as for a wrong password.
    Disabled,
    /// There were too many failed attempts before this one.
    Throttled,
    Store(StoreError),
}

/// Checks a proof once the throttle admits the attempt. While it waits, it holds no resource of the
/// store.
async fn verify(
    node: Rc<Node>,
    handle: Handle,
    peer: IpAddr,
    proof: Proof,
) -> Result<AccountRef, SignInError> {
    let Ok(attempt) = node.throttle.clone().pass(&handle, peer).await else {
        return Err(SignInError::Throttled);
    };
    let check = CheckProof { handle: handle.clone(), proof };
    let unknown = ProofResult { account_ref: None, is_right: false, credentials: None };
    // A new password or a disabled mark ends existing sessions only. This session does not exist
    // yet, so a change since the check is found here.
    let is_unchanged = |account_ref: AccountRef, credentials| {
        node.directory.is_current(account_ref)
            && node.directory.credentials_generation(account_ref.account) == credentials
    };
    match node.accounts.send(check).await.unwrap_or(Ok(unknown)) {
        Ok(ProofResult { account_ref: Some(account_ref), is_right: true, credentials })
            if is_unchanged(account_ref, credentials) =>
        {
            attempt.succeed();
            Ok(account_ref)
        }
        Ok(ProofResult { account_ref, .. }) => {
            let account = account_ref.map(|account_ref| account_ref.account);
            let is_disabled =
                account.is_some_and(|account| node.exclusions.disabled(account).is_some());
            let (why, error) = match account {
                Some(_) if is_disabled => ("disabled account", SignInError::Disabled),
                Some(_) => ("wrong password for", SignInError::WrongPassword),
                None => ("no account", SignInError::WrongPassword),
            };
            log::warn!("{peer} refused: {why} {handle}");
            Err(error)
        }
        Err(error) => {
            attempt.forgive();
            Err(SignInError::Store(error))
        }
    }
}

impl Session {
    /// `USR`: signs in.
    pub(super) fn usr(&mut self, usr: Usr, ctx: &mut Context<Session>) {
        match usr {
            Usr::Initial { trid, handle } if self.link.phase() == Phase::Fresh => {
                // Gaim up to 0.43 agrees on a dialect with the Dispatch Server only.
                let noted = self.link.node().registry.send(NotedDialect(handle.clone()));
                self.ask(ctx, noted, move |session, noted, _| {
                    if let Some(dialect) = noted.ok().flatten() {
                        session.link.set_dialect(dialect);
                    }
                    session.challenge(trid, handle);
                });
            }
            Usr::Initial { trid, handle } => self.challenge(trid, handle),
            Usr::Response { trid, digest } => self.respond(trid, digest, ctx),
            Usr::Switchboard { .. } => self.link.close(EndReason::command_for_other_server()),
        }
    }

    /// Sends a challenge, even if the account does not exist: otherwise clients could find out
    /// which accounts exist.
    fn challenge(&mut self, trid: TrId, handle: Handle) {
        let node = self.link.node();
        let Some(challenge) = node.entropy.challenge(node.clock.now()) else {
            return self.link.refuse(trid, ErrorCode::InternalError, EndReason::Failed);
        };
        self.link.set_claimed_account(self.link.node().directory.find_ref(&handle));
        self.open_challenge =
            Some(Box::new(OpenChallenge { handle, challenge: challenge.clone() }));
        self.emit(&UsrReply::Challenge { trid, challenge }.into());
    }

    fn respond(&mut self, trid: TrId, digest: Digest, ctx: &mut Context<Session>) {
        let Some(open) = self.open_challenge.take() else {
            log::warn!("{} refused: a response without a challenge", self.link.peer_info().peer);
            return self.link.refuse(
                trid,
                ErrorCode::AuthenticationFailed,
                EndReason::WrongPassword,
            );
        };
        let OpenChallenge { handle, challenge } = *open;
        let (node, peer) = (self.link.node().clone(), self.link.peer_info().peer);
        let proof = Proof::Md5 { challenge, digest };
        self.ask(ctx, verify(node, handle, peer, proof), move |session, verified, ctx| {
            let (code, reason) = match verified {
                Ok(account_ref) => return session.sign_in(trid, account_ref, ctx),
                Err(SignInError::Store(error)) => return session.store_failed(trid, &error),
                Err(SignInError::WrongPassword) => {
                    (ErrorCode::AuthenticationFailed, EndReason::WrongPassword)
                }
                Err(SignInError::Disabled) => {
                    (ErrorCode::AuthenticationFailed, EndReason::Disabled)
                }
                Err(SignInError::Throttled) => (ErrorCode::ServerBusy, EndReason::Throttled),
            };
            session.link.refuse(trid, code, reason);
        });
    }

    /// Registers the session and reads the lists.
    fn sign_in(&mut self, trid: TrId, account_ref: AccountRef, ctx: &mut Context<Session>) {
        self.link.set_account(account_ref);
        let signed_in = SignedIn::new(self.link.node().clone(), account_ref, self.link.id());
        let has_ipv4 = self.link.peer_info().local_ipv4().is_some();
        let client = Client { dialect: self.link.dialect(), has_ipv4 };
        let roster = signed_in.register(Some(client), self.inbox());
        self.signed_in = Some(signed_in);
        let account = account_ref.account;
        self.ask(ctx, roster, move |session, roster, _| match roster {
            Ok(roster) => session.welcome(trid, account, &roster),
            Err(RegisterError::Store(error)) => session.store_failed(trid, &error),
            Err(RegisterError::Fabric(error)) => {
                log::error!("{} cannot sign in: {error}", session.link.peer_info().peer);
                session.link.refuse(trid, ErrorCode::ServerBusy, EndReason::Failed);
            }
        });
    }

    fn welcome(&mut self, trid: TrId, account: AccountId, roster: &Roster) {
        let Some(principal) = self.link.node().directory.principal(account) else {
            return self.store_failed(trid, &StoreError::NoSuchAccount);
        };
        self.contacts = Contacts::of(roster);
        self.privacy = roster.privacy;
        self.link.mark_authenticated();
        self.start_profile_timer();
        let (label, dialect) = (self.link.label(), self.link.dialect());
        log::info!("{label} signed in as {} ({dialect})", principal.handle);
        let (handle, name) = (principal.handle, principal.name);
        self.emit(&UsrReply::Ok { trid, handle, name, verified: Some(true) }.into());
    }

    fn store_failed(&mut self, trid: TrId, error: &StoreError) {
        log::error!("{} cannot sign in: {error}", self.link.peer_info().peer);
        self.link.refuse(trid, ErrorCode::InternalError, EndReason::StoreFailed);
    }
}
