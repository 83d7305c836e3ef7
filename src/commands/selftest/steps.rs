//! The steps of the test.

use super::conversation::{invite, open_switchboard};
use super::report::Report;
use super::session::{Session, connect_first};
use super::{Account, Target};
use crate::error::CommandError;
use crate::listener::title;
use msnp::{Handle, Server};

/// The users who are signed in.
#[derive(Default)]
pub(super) struct SignedIn {
    sessions: Vec<Session>,
}

/// Runs all steps, until both users have left the conversation.
pub(super) async fn run(
    target: &Target,
    accounts: &[Account; 2],
    signed_in: &mut SignedIn,
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
        signed_in.sessions.push(session);
    }
    let [first, second] = signed_in.sessions.as_mut_slice() else {
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
    let names: [Handle; 2] = [first.handle.clone(), second.handle.clone()];
    let [first_handle, second_handle] = &names;
    let server = title(Server::Switchboard);
    let (mut first_side, _) = report
        .step(open_switchboard(first), |(_, at)| {
            format!("{first_handle} starts a conversation at {at} ({server})")
        })
        .await?;
    let mut second_side = report
        .step(invite(&mut first_side, second), |_| {
            format!("{first_handle} invites {second_handle}, who joins")
        })
        .await?;
    let delivered = |from: &Handle, to: &Handle| {
        format!("{from} sends a message; {to} receives it, byte for byte")
    };
    report
        .step(first_side.send(&mut second_side), |()| delivered(first_handle, second_handle))
        .await?;
    report
        .step(second_side.send(&mut first_side), |()| delivered(second_handle, first_handle))
        .await?;
    report.step(second_side.leave(first_side), |()| "both leave the conversation".to_owned()).await
}

impl SignedIn {
    /// Restores the lists of all users who are signed in, and signs them off. An error of one user does
    /// not stop the others; returns the first error.
    pub(super) async fn restore_and_sign_off(
        self,
        report: &mut Report,
    ) -> Result<(), CommandError> {
        let mut outcome = Ok(());
        for mut session in self.sessions {
            let who = session.handle.clone();
            let had_nothing_to_restore = session.has_nothing_to_restore();
            let leaving = async {
                session.restore().await?;
                session.wire.end().await
            };
            let left = report
                .step(leaving, |()| match had_nothing_to_restore {
                    true => format!("{who} signs off"),
                    false => format!("{who} restores the lists and signs off"),
                })
                .await;
            outcome = outcome.and(left);
        }
        outcome
    }
}
