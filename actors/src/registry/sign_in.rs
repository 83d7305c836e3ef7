//! Signing in: this node claims the account, and then registers the session.

use super::{Online, Registry, shown_fields};
use crate::message::{Notice, SessionEnd, SignIn};
use crate::port::FabricError;
use crate::port::fabric::{Claimed, Epoch, SessionRef};
use crate::port::store::AccountId;
use crate::rules::PublishedPresence;
use actix::{ActorFutureExt, ActorResponse, Context, Handler, WrapFuture};
use futures::FutureExt;
use futures::future::{Either, LocalBoxFuture, ready};

/// A sign-in that waits for its claim.
pub(super) struct PendingClaim {
    account: AccountId,
    /// The highest epoch of the sign-ins at other nodes that this node has learnt of meanwhile. The
    /// default, the lowest epoch, if there is none.
    replaced_by: Epoch,
}

/// The session that the sign-in replaced, if that was on this node.
type SignInResult = Result<Option<SessionRef>, FabricError>;

impl Registry {
    /// Registers a session whose account this node has claimed. Ends an older session on this node,
    /// and returns it. If the account was signed in on another node, also returns a future that
    /// ends when the session there is gone.
    fn register(
        &mut self,
        new: SignIn,
        claimed: Claimed,
    ) -> (Option<SessionRef>, Option<LocalBoxFuture<'static, ()>>) {
        let old = self.online.get(&new.account);
        // The limit belongs to the account, so it outlasts the session.
        let recent_updates = old.map(|old| old.recent_updates).unwrap_or_default();
        let replaced = old.map(|old| old.session);
        if let Some(session) = replaced {
            self.notify(new.account, Notice::SignedInElsewhere);
            self.sign_off(new.account, session, SessionEnd::Replaced);
        }
        let online = Online {
            session: new.session,
            epoch: claimed.epoch,
            client: new.client,
            inbox: new.inbox,
            presence: PublishedPresence::offline(),
            invitable: true,
            watchers: Vec::new(),
            recent_updates,
            lag: None,
        };
        self.online.insert(new.account, online);
        self.sign_off_lost();
        let replacing =
            claimed.previous.map(|node| self.replace_session_at(node, new.account, claimed.epoch));
        (replaced.map(|session| self.session_ref(session)), replacing)
    }

    /// Registers a session whose claim took a while, if it is still there and no later sign-in has
    /// replaced it. Otherwise only the older sessions of the account end, because the claim has
    /// replaced them. Returns the same as [`Registry::register`].
    fn register_late(
        &mut self,
        new: SignIn,
        claimed: Claimed,
    ) -> (Option<SessionRef>, Option<LocalBoxFuture<'static, ()>>) {
        let (account, epoch) = (new.account, claimed.epoch);
        if let Some(pending) = self.claiming.remove(&new.session) {
            let current = self.online.get(&account).map(|online| online.epoch);
            if pending.replaced_by < epoch && current.is_none_or(|current| current < epoch) {
                return self.register(new, claimed);
            }
            // A session that does not accept this has ended.
            let _ = new.inbox.push(Notice::SignedInElsewhere);
        }
        let replaced = self.give_up(account, epoch);
        self.fabric.release(account, epoch);
        (replaced, claimed.previous.map(|node| self.replace_session_at(node, account, epoch)))
    }

    /// Ends the session of an account that has signed in on another node, if the session is of an
    /// older epoch, and returns it. Sign-ins that wait for their claim are marked as replaced.
    pub(super) fn give_up(&mut self, account: AccountId, epoch: Epoch) -> Option<SessionRef> {
        for pending in self.claiming.values_mut().filter(|pending| pending.account == account) {
            pending.replaced_by = pending.replaced_by.max(epoch);
        }
        let online = self.online.get(&account).filter(|online| online.epoch < epoch)?;
        let session = online.session;
        self.notify(account, Notice::SignedInElsewhere);
        self.sign_off(account, session, SessionEnd::Replaced);
        self.sign_off_lost();
        Some(self.session_ref(session))
    }
}

impl Handler<SignIn> for Registry {
    type Result = ActorResponse<Registry, SignInResult>;

    fn handle(&mut self, new: SignIn, _: &mut Context<Registry>) -> Self::Result {
        if new.inbox.is_closed() {
            // The session has ended meanwhile. If the mailbox was full, its `SignOff` came first.
            return ActorResponse::reply(Ok(None));
        }
        let fields = shown_fields(new.client);
        let mut claim = self.fabric.claim(new.account, new.session, fields);
        match claim.as_mut().now_or_never() {
            Some(Err(error)) => ActorResponse::reply(Err(error)),
            Some(Ok(claimed)) => match self.register(new, claimed) {
                (replaced, None) => ActorResponse::reply(Ok(replaced)),
                (replaced, Some(replacing)) => {
                    let done = replacing.map(move |()| Ok(replaced));
                    ActorResponse::r#async(done.into_actor(self))
                }
            },
            None => {
                let pending = PendingClaim { account: new.account, replaced_by: Epoch::default() };
                self.claiming.insert(new.session, pending);
                ActorResponse::r#async(claim.into_actor(self).then(|claimed, registry, _| {
                    let done = match claimed {
                        Err(error) => {
                            registry.claiming.remove(&new.session);
                            Either::Left(ready(Err(error)))
                        }
                        Ok(claimed) => {
                            let (replaced, replacing) = registry.register_late(new, claimed);
                            let replacing = replacing.unwrap_or_else(|| Box::pin(ready(())));
                            Either::Right(replacing.map(move |()| Ok(replaced)))
                        }
                    };
                    done.into_actor(registry)
                }))
            }
        }
    }
}
