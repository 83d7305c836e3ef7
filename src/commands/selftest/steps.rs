//! The steps of the test.

use super::conversation::{invite, open_switchboard};
use super::report::Report;
use super::session::{Session, connect_first};
use super::{Account, Target};
use crate::error::CommandError;
use crate::listener::title;
use msnp::Server;

/// The sessions of the users who have signed in so far.
#[derive(Default)]
pub(super) struct OpenSessions {
    sessions: Vec<Session>,
}

/// Runs all steps, until both users have left the conversation.
pub(super) async fn run(
    target: &Target,
    accounts: &[Account; 2],
    open_sessions: &mut OpenSessions,
    report: &mut Report,
) -> Result<(), CommandError> {
    let [first, second] = accounts;
    for (account, other) in [(first, second), (second, first)] {
        let who = &account.handle;
        let connected = report
            .step(connect_first(target, account), |connected| match connected.referral {
                Some(referral) => {
                    format!("{who} connects to {} and is referred to {referral}", target.address)
                }
                None => format!("{who} connects to {}, a Notification Server", target.address),
            })
            .await?;
        let session = report
            .step(Session::open(connected, account, &other.handle), |session| {
                let server = title(Server::Notification);
                format!("{who} signs in at {} ({server})", session.wire.address)
            })
            .await?;
        open_sessions.sessions.push(session);
    }
    let [first, second] = open_sessions.sessions.as_mut_slice() else {
        return Err(CommandError::unexpected());
    };
    befriend(first, second, report).await?;
    talk(first, second, report).await
}

async fn befriend(
    first: &mut Session,
    second: &mut Session,
    report: &mut Report,
) -> Result<(), CommandError> {
    for session in [&mut *first, &mut *second] {
        let (who, other) = (session.handle.clone(), session.other.handle.clone());
        report.step(session.befriend(), |()| format!("{who} has {other} as a contact")).await?;
    }
    for session in [&mut *first, &mut *second] {
        let (who, other) = (session.handle.clone(), session.other.handle.clone());
        report
            .step(session.wait_until_visible(), |()| format!("{who} sees {other} online"))
            .await?;
    }
    Ok(())
}

async fn talk(
    first: &mut Session,
    second: &mut Session,
    report: &mut Report,
) -> Result<(), CommandError> {
    let (caller, callee) = (first.handle.clone(), second.handle.clone());
    let server = title(Server::Switchboard);
    let (mut caller_connection, _) = report
        .step(open_switchboard(first), |(_, address)| {
            format!("{caller} starts a conversation at {address} ({server})")
        })
        .await?;
    let mut callee_connection = report
        .step(invite(&mut caller_connection, second), |_| {
            format!("{caller} invites {callee}, who joins")
        })
        .await?;
    report
        .step(caller_connection.send(&mut callee_connection), |()| {
            format!("{caller} sends a message; {callee} receives it, byte for byte")
        })
        .await?;
    report
        .step(callee_connection.send(&mut caller_connection), |()| {
            format!("{callee} sends a message; {caller} receives it, byte for byte")
        })
        .await?;
    report
        .step(callee_connection.leave(caller_connection), |()| {
            "both leave the conversation".to_owned()
        })
        .await
}

impl OpenSessions {
    /// Restores the lists of all users who are signed in, and signs them off. Continues with the
    /// other users after an error, and returns the first error.
    pub(super) async fn restore_and_sign_off(
        self,
        report: &mut Report,
    ) -> Result<(), CommandError> {
        let mut outcome = Ok(());
        for mut session in self.sessions {
            let who = session.handle.clone();
            let has_changed_lists = session.has_changed_lists();
            let restore_and_sign_off = async {
                session.restore_lists().await?;
                session.wire.end().await
            };
            let result = report
                .step(restore_and_sign_off, |()| match has_changed_lists {
                    true => format!("{who} restores the lists and signs off"),
                    false => format!("{who} signs off"),
                })
                .await;
            outcome = outcome.and(result);
        }
        outcome
    }
}
