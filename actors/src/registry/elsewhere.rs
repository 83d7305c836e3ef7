//! What the registry sends to the registries of other nodes, and what it does for them.
//!
//! The home of a principal decides: other nodes ask it what they may see, and it sends what their
//! watchers see.

use super::fences::drop_outdated;
use super::{ByNode, Registry};
use crate::connection::ConnectionId;
use crate::cookies::end_conversations;
use crate::end::EndReason;
use crate::message::{
    Answer, Asked, Broadcast, Delivered, Envelope, Listed, Locate, Located, Notice, PhoneChanged,
    Question, Revoke, Ring, SessionEnd,
};
use crate::port::fabric::{Epoch, NodeId, SessionRef};
use crate::port::store::AccountId;
use crate::rules::{Presence, PresenceUpdate};
use crate::settings::Advertised;
use actix::{Context, Handler, Response};
use futures::FutureExt;
use futures::future::{LocalBoxFuture, join_all};
use msnp::{Endpoint, FriendlyName, ListVersion};
use std::collections::HashMap;
use tokio::time::Instant;

impl Registry {
    /// Sends what watchers at other nodes see of a principal of this node.
    pub(super) fn send_presence(
        &self,
        who: AccountId,
        elsewhere: ByNode<(AccountId, PresenceUpdate)>,
    ) {
        for (node, updates) in elsewhere {
            let Some(epoch) = self.online.get(&who).map(|online| online.epoch) else { return };
            self.fabric.deliver(node, Envelope::Presence { who, epoch, updates });
        }
    }

    pub(super) fn send_numbers(
        &self,
        changed: PhoneChanged,
        elsewhere: ByNode<(AccountId, ListVersion)>,
    ) {
        let PhoneChanged { account, numbers, .. } = changed;
        for (node, watchers) in elsewhere {
            let changed = PhoneChanged { account, numbers: numbers.clone(), watchers };
            self.fabric.deliver(node, Envelope::PhoneChanged(changed));
        }
    }

    pub(super) fn send_name(&self, account: AccountId, name: FriendlyName) {
        self.fabric.broadcast(&Envelope::Renamed(account, Box::new(name)));
    }

    /// Returns the presence of those principals in `all` that are visible to `by`, in this order,
    /// and records that `by` has seen them.
    pub(super) fn look_up_all(
        &mut self,
        all: Vec<AccountId>,
        by: AccountId,
    ) -> Response<Vec<(AccountId, Presence)>> {
        let mut elsewhere = ByNode::new();
        let mut seen = Vec::new();
        for account in all.iter().copied() {
            match self.home_elsewhere(account) {
                Some(node) => elsewhere.entry(node).or_default().push(account),
                None => seen.extend(self.look_up(account, by).map(|presence| (account, presence))),
            }
        }
        if elsewhere.is_empty() {
            return Response::reply(seen);
        }
        let ask = |(node, of)| self.fabric.ask(node, Question::Look { by, of });
        let answers = join_all(elsewhere.into_iter().map(ask));
        Response::fut(async move {
            for answer in answers.await {
                // Users of a node that does not answer are not visible now.
                if let Ok(Answer::Seen(presences)) = answer {
                    seen.extend(presences);
                }
            }
            let mut presences: HashMap<AccountId, Presence> = seen.into_iter().collect();
            all.into_iter().filter_map(|account| presences.remove_entry(&account)).collect()
        })
    }

    pub(super) fn send_listed(&self, node: NodeId, listed: Listed) -> Response<Option<Presence>> {
        let answer = self.fabric.ask(node, Question::Listed(listed));
        Response::fut(answer.map(|answer| match answer {
            Ok(Answer::Seen(seen)) => seen.into_iter().next().map(|(_, presence)| presence),
            _ => None,
        }))
    }

    pub(super) fn locate_elsewhere(
        &self,
        node: NodeId,
        locate: &Locate,
    ) -> Response<Option<Located>> {
        let Locate { callee, caller, switchboard } = *locate;
        if switchboard.is_some_and(|server| endpoint_for_other_nodes(server).is_none()) {
            return Response::reply(None);
        }
        let answer = self.fabric.ask(node, Question::Locate { callee, caller });
        Response::fut(answer.map(|answer| match answer {
            Ok(Answer::Located(located)) => located,
            _ => None,
        }))
    }

    pub(super) fn ring_elsewhere(&self, ring: Ring) -> Response<bool> {
        let Ring { callee, session, caller, conversation, cookie, switchboard } = ring;
        let Some(switchboard) = switchboard.and_then(endpoint_for_other_nodes) else {
            return Response::reply(false);
        };
        let question =
            Question::Ring { callee, session, caller, conversation, cookie, switchboard };
        let answer = self.fabric.ask(session.node, question);
        Response::fut(answer.map(|answer| matches!(answer, Ok(Answer::Rung(true)))))
    }

    /// Asks another node to end its session of an account that has signed in here. If it does not
    /// answer, the new session begins all the same, because this node holds the claim.
    pub(super) fn replace_session_at(
        &self,
        node: NodeId,
        account: AccountId,
        epoch: Epoch,
    ) -> LocalBoxFuture<'static, ()> {
        let answer = self.fabric.ask(node, Question::Replace { account, epoch });
        Box::pin(answer.map(move |answer| {
            if let Err(error) = answer {
                log::warn!("an older session of account {} may still be open: {error}", account.0);
            }
        }))
    }

    /// Reports the end of a session to the other nodes that have invited it to conversations.
    pub(super) fn report_end(
        &mut self,
        account: AccountId,
        session: ConnectionId,
        end: SessionEnd,
    ) {
        let all_nodes = (account, NodeId(0))..=(account, NodeId(u64::MAX));
        let inviters: Vec<_> = self.inviters.range(all_nodes).copied().collect();
        for inviter in inviters {
            self.inviters.remove(&inviter);
            let (_, node) = inviter;
            let ended = Envelope::SessionEnded(self.session_ref(session), end);
            self.fabric.deliver(node, ended);
        }
    }

    /// Notifies watchers on this node of the presence of a principal at another node.
    fn receive_presence(
        &mut self,
        who: AccountId,
        epoch: Epoch,
        mut updates: Vec<(AccountId, PresenceUpdate)>,
    ) {
        match self.online.get(&who) {
            // The principal has moved to this node.
            Some(here) if here.epoch > epoch => {
                let is_notified = |watcher| here.presence.seen_by(watcher).is_some();
                drop_outdated(&mut updates, is_notified);
            }
            _ => self.fences.filter(who, epoch, &mut updates, Instant::now()),
        }
        for (watcher, update) in updates {
            // Nothing is sent to watchers who have left this node: their new home has sent them the
            // current state.
            self.notify(watcher, Notice::Presence { who, update });
        }
        self.sign_off_lost();
    }

    /// Handles the end of a session of another node that this node has invited to conversations.
    fn session_ended_elsewhere(&self, session: SessionRef, end: SessionEnd) {
        match end.conversations_end_reason() {
            Some(reason) => {
                let connections = self.connections.clone();
                actix_rt::spawn(end_conversations(&self.cookies, connections, session, reason));
            }
            // If the mailbox is full, the cookies expire by themselves.
            None => drop(self.cookies.try_send(Revoke(session))),
        }
    }
}

/// Returns the address of this node's switchboard for users of other nodes. `None` if it is not
/// configured.
fn endpoint_for_other_nodes(switchboard: Advertised) -> Option<Endpoint> {
    match switchboard {
        Advertised::At(endpoint) => Some(endpoint),
        Advertised::Here(_) => {
            log::warn!(
                "users of other nodes cannot be invited to conversations: set `advertise` of the \
                 switchboard"
            );
            None
        }
    }
}

impl Handler<Broadcast> for Registry {
    type Result = Response<usize>;

    fn handle(&mut self, broadcast: Broadcast, _: &mut Context<Registry>) -> Self::Result {
        let Broadcast { minutes, except } = broadcast;
        let here = self.notify_going_down(minutes, except);
        let nodes = self.fabric.nodes();
        if nodes.is_empty() {
            return Response::reply(here);
        }
        let ask = |node| self.fabric.ask(node, Question::GoingDown { minutes, except });
        let answers = join_all(nodes.into_iter().map(ask));
        Response::fut(async move {
            let count = |answer| match answer {
                Ok(Answer::Notified(count)) => usize::try_from(count).unwrap_or(usize::MAX),
                _ => 0,
            };
            answers.await.into_iter().map(count).fold(here, usize::saturating_add)
        })
    }
}

impl Handler<Delivered> for Registry {
    type Result = ();

    fn handle(&mut self, delivered: Delivered, _: &mut Context<Registry>) {
        match delivered.envelope {
            Envelope::Presence { who, epoch, updates } => {
                self.receive_presence(who, epoch, updates);
            }
            Envelope::PhoneChanged(changed) => self.notify_numbers(&changed),
            Envelope::Renamed(account, name) => {
                self.directory.rename(account, &name);
                self.notify_name(account);
            }
            Envelope::SessionEnded(session, end) => self.session_ended_elsewhere(session, end),
        }
    }
}

impl Handler<Asked> for Registry {
    type Result = Response<Answer>;

    fn handle(&mut self, asked: Asked, ctx: &mut Context<Registry>) -> Self::Result {
        Response::reply(match asked.question {
            Question::Replace { account, epoch } => {
                let Some(session) = self.give_up(account, epoch) else {
                    return Response::reply(Answer::Done);
                };
                let (connections, reason) =
                    (self.connections.clone(), EndReason::SignedInElsewhere);
                let ended = end_conversations(&self.cookies, connections, session, reason);
                return Response::fut(ended.map(|()| Answer::Done));
            }
            Question::Look { by, of } => {
                let seen = of.into_iter().filter_map(|of| Some((of, self.look_up(of, by)?)));
                Answer::Seen(seen.collect())
            }
            Question::Listed(listed) => {
                let contact = listed.contact;
                let seen = self.contact_listed(&listed, ctx);
                Answer::Seen(seen.map(|presence| (contact, presence)).into_iter().collect())
            }
            Question::Locate { callee, caller } => {
                Answer::Located(self.find_callee(callee, caller).map(|(found, _)| found))
            }
            Question::Ring { callee, session, caller, conversation, cookie, switchboard } => {
                let switchboard = Some(Advertised::At(switchboard));
                let ring = Ring { callee, session, caller, conversation, cookie, switchboard };
                let has_rung = self.ring(ring);
                if has_rung {
                    self.inviters.insert((callee, asked.from));
                }
                Answer::Rung(has_rung)
            }
            Question::GoingDown { minutes, except } => {
                let count = self.notify_going_down(minutes, except);
                Answer::Notified(u32::try_from(count).unwrap_or(u32::MAX))
            }
        })
    }
}
