//! Cookies: each lets its owner into a conversation, once.

use crate::support::{World, pass, seconds};
use actix::{Actor, Addr};
use actors::Node;
use actors::connection::ConnectionId;
use actors::message::{
    Abandoned, CookiesState, Issue, Observe, Purpose, Redeem, RedeemError, Revoke, Ticket,
    TooManyCookiesError,
};
use actors::port::fabric::{NodeId, SessionRef};
use actors::port::store::AccountId;
use actors::switchboard::Switchboard;
use msnp::{Cookie, Dialect, SessionId};
use std::ops::Range;

const ALICE: AccountId = AccountId(1);
const BOB: AccountId = AccountId(2);
const SESSION: SessionRef = SessionRef { node: NodeId(3), number: ConnectionId(70) };

fn ticket(purpose: Purpose) -> Ticket {
    Ticket { account: ALICE, session: SESSION, dialect: Some(Dialect::Msnp5), purpose }
}

fn other_session(number: u64) -> SessionRef {
    SessionRef { number: ConnectionId(number), ..SESSION }
}

/// An invitation of Alice by another user.
fn invitation(number: u32, switchboard: &Addr<Switchboard>) -> Purpose {
    Purpose::Join { conversation: session(number), switchboard: switchboard.clone(), caller: BOB }
}

async fn issue(node: &Node, ticket: Ticket) -> Result<Cookie, TooManyCookiesError> {
    node.cookies.send(Issue(ticket)).await.unwrap()
}

async fn start(node: &Node) -> Cookie {
    issue(node, ticket(Purpose::Start)).await.unwrap()
}

async fn redeem(
    node: &Node,
    cookie: &Cookie,
    account: Option<AccountId>,
    join: Option<SessionId>,
) -> Result<Ticket, RedeemError> {
    node.cookies.send(Redeem { cookie: cookie.clone(), account, join }).await.unwrap()
}

async fn unused(node: &Node) -> usize {
    let state: CookiesState = node.cookies.send(Observe::default()).await.unwrap();
    state.unused
}

fn session(number: u32) -> SessionId {
    SessionId::new(SessionId::MIN + number).unwrap()
}

#[test]
fn a_cookie_works_once() {
    World::run(|world| async move {
        let cookie = start(&world.node).await;
        assert!(cookie.as_str().len() <= 29);
        let ticket = redeem(&world.node, &cookie, Some(ALICE), None).await.unwrap();
        assert_eq!((ticket.account, ticket.session), (ALICE, SESSION));
        assert_eq!(ticket.dialect, Some(Dialect::Msnp5));
        let again = redeem(&world.node, &cookie, Some(ALICE), None).await;
        assert_eq!(again.unwrap_err(), RedeemError::Unknown);
    });
}

#[test]
fn a_stranger_cannot_redeem_or_use_up_a_cookie() {
    World::run(|world| async move {
        let cookie = start(&world.node).await;
        for stranger in [Some(BOB), None] {
            let refused = redeem(&world.node, &cookie, stranger, None).await;
            assert_eq!(refused.unwrap_err(), RedeemError::OtherOwner);
        }
        assert!(redeem(&world.node, &cookie, Some(ALICE), None).await.is_ok());
    });
}

#[test]
fn a_cookie_is_for_one_purpose() {
    World::run(|world| async move {
        let node = &world.node;
        let switchboard = Switchboard::new(node.clone()).start();
        let starting = start(node).await;
        let joining = ticket(invitation(1, &switchboard));
        let joining = issue(node, joining).await.unwrap();
        let refused =
            async |cookie, join| redeem(node, cookie, Some(ALICE), join).await.unwrap_err();
        assert_eq!(refused(&starting, Some(session(1))).await, RedeemError::OtherPurpose);
        assert_eq!(refused(&joining, None).await, RedeemError::OtherPurpose);
        assert_eq!(refused(&joining, Some(session(2))).await, RedeemError::OtherConversation);
        assert!(redeem(node, &joining, Some(ALICE), Some(session(1))).await.is_ok());
        assert!(redeem(node, &starting, Some(ALICE), None).await.is_ok());
    });
}

#[test]
fn a_cookie_is_valid_for_two_minutes() {
    World::run(|world| async move {
        let [early, late] = [start(&world.node).await, start(&world.node).await];
        pass(seconds(119)).await;
        assert!(redeem(&world.node, &early, Some(ALICE), None).await.is_ok());
        assert_eq!(unused(&world.node).await, 1);
        pass(seconds(1)).await;
        let expired = redeem(&world.node, &late, Some(ALICE), None).await;
        assert_eq!(expired.unwrap_err(), RedeemError::Unknown);
        assert_eq!(unused(&world.node).await, 0);
    });
}

#[test]
fn an_expired_invitation_does_not_keep_its_conversation_alive() {
    World::run(|world| async move {
        let switchboard = Switchboard::new(world.node.clone()).start();
        let weak = switchboard.downgrade();
        issue(&world.node, ticket(invitation(1, &switchboard))).await.unwrap();
        drop(switchboard);
        pass(seconds(119)).await;
        assert!(weak.upgrade().is_some());
        pass(seconds(11)).await;
        assert!(weak.upgrade().is_none());
    });
}

#[test]
fn invitations_to_an_empty_conversation_are_valid_for_half_a_minute() {
    World::run(|world| async move {
        let node = &world.node;
        let [one, other] = [1, 2].map(|_| Switchboard::new(node.clone()).start());
        let mut cookies = Vec::new();
        for ticket in [ticket(invitation(1, &one)), ticket(invitation(2, &other))] {
            cookies.push(issue(node, ticket).await.unwrap());
        }
        let weak = one.downgrade();
        drop(one);
        node.cookies.send(Abandoned(session(1))).await.unwrap();
        pass(seconds(29)).await;
        assert_eq!(unused(node).await, 2);
        pass(seconds(1)).await;
        assert_eq!(unused(node).await, 1);
        assert!(weak.upgrade().is_none());
        // Sending the notice again does not extend its life.
        pass(seconds(89)).await;
        node.cookies.send(Abandoned(session(2))).await.unwrap();
        pass(seconds(1)).await;
        let late = redeem(node, &cookies[1], Some(ALICE), Some(session(2))).await;
        assert_eq!(late.unwrap_err(), RedeemError::Unknown);
    });
}

#[test]
fn cookies_end_with_the_session_they_were_issued_to() {
    World::run(|world| async move {
        let cookie = start(&world.node).await;
        let other = Ticket { session: other_session(71), ..ticket(Purpose::Start) };
        let other = issue(&world.node, other).await.unwrap();
        world.node.cookies.send(Revoke(SESSION)).await.unwrap();
        let revoked = redeem(&world.node, &cookie, Some(ALICE), None).await;
        assert_eq!(revoked.unwrap_err(), RedeemError::Unknown);
        assert!(redeem(&world.node, &other, Some(ALICE), None).await.is_ok());
    });
}

#[test]
fn the_unused_cookies_of_a_session_are_bounded() {
    World::run(|world| async move {
        let node = &world.node;
        let mut cookies = Vec::new();
        for _ in 0..node.settings().limits.cookies {
            cookies.push(start(node).await);
        }
        cookies.sort_unstable_by(|a, b| a.as_str().cmp(b.as_str()));
        cookies.dedup();
        assert_eq!(cookies.len(), node.settings().limits.cookies, "each is another");
        assert_eq!(issue(node, ticket(Purpose::Start)).await, Err(TooManyCookiesError));
        // Others are not affected. Invitations do not count for the user who is invited.
        let other = Ticket { session: other_session(71), ..ticket(Purpose::Start) };
        assert!(issue(node, other).await.is_ok());
        let switchboard = Switchboard::new(node.clone()).start();
        assert!(issue(node, ticket(invitation(1, &switchboard))).await.is_ok());
        // A used cookie frees a slot.
        redeem(node, &cookies[0], Some(ALICE), None).await.unwrap();
        assert!(issue(node, ticket(Purpose::Start)).await.is_ok());
    });
}

#[test]
fn the_unused_cookies_of_all_sessions_are_bounded() {
    World::run(|world| async move {
        let mut issued = 0;
        loop {
            let session = other_session(1000 + issued);
            let ticket = Ticket { session, ..ticket(Purpose::Start) };
            if issue(&world.node, ticket).await.is_err() {
                break;
            }
            issued += 1;
        }
        assert_eq!(issued, 4096);
        pass(seconds(120)).await;
        start(&world.node).await;
    });
}

/// Issues invitations of so many callers to so many sessions. Returns how many are issued.
async fn invite(world: &World, callers: Range<u32>, sessions: Range<u64>, times: usize) -> usize {
    let switchboard = Switchboard::new(world.node.clone()).start();
    let mut issued = 0;
    for caller in callers.map(AccountId) {
        for callee in sessions.clone().map(other_session) {
            for _ in 0..times {
                let (conversation, switchboard) = (session(1), switchboard.clone());
                let purpose = Purpose::Join { conversation, switchboard, caller };
                let ticket = Ticket { session: callee, ..ticket(purpose) };
                issued += usize::from(issue(&world.node, ticket).await.is_ok());
            }
        }
    }
    issued
}

#[test]
fn the_unused_invitations_of_a_caller_are_bounded() {
    World::run(|world| async move {
        assert_eq!(invite(&world, 0..1, 1000..1100, 1).await, 64);
        assert_eq!(invite(&world, 1..2, 1000..1001, 1).await, 1, "others are not concerned");
    });
}

#[test]
fn the_unused_invitations_of_a_session_are_bounded_and_shared_among_callers() {
    World::run(|world| async move {
        assert_eq!(invite(&world, 0..1, 1000..1001, 100).await, 16);
        assert_eq!(invite(&world, 1..100, 1000..1001, 1).await, 48);
        assert_eq!(invite(&world, 0..1, 1001..1002, 1).await, 1, "others are not concerned");
    });
}

#[test]
fn many_invitations_do_not_prevent_new_conversations() {
    World::run(|world| async move {
        assert_eq!(invite(&world, 0..50, 1000..1050, 1).await, 2048);
        start(&world.node).await;
    });
}
