//! The steps of the test.

use super::conversation::{begin, call};
use super::report::Report;
use super::session::{Session, connect_first};
use super::{Account, Target};
use crate::error::CommandError;
use crate::listener::title;
use msnp::{Handle, Server};

/// The users that are signed in.
#[derive(Default)]
pub(super) struct Pair {
    sessions: Vec<Session>,
}

/// Runs all steps, until both users have left the conversation.
pub(super) async fn run(
    target: &Target,
    accounts: &[Account; 2],
    pair: &mut Pair,
    report: &mut Report,
) -> Result<(), CommandError> {
    let [first, second] = accounts;
    for (account, other) in [(first, second), (second, first)] {
        let who = &account.handle;
        let referred = report
            .step(connect_first(target, account), |referred| match referred.to {
                Some(to) => format!("{who} connects to {} and is referred to {to}", target.address),
                None => format!("{who} connects to {}, a Notification Server", target.address),
            })
            .await?;
        let session = report
            .step(Session::open(referred, account, &other.handle), |session| {
                let server = title(Server::Notification);
                format!("{who} signs in at {} ({server})", session.wire.address)
            })
            .await?;
        pair.sessions.push(session);
    }
    let [first, second] = pair.sessions.as_mut_slice() else {
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
    for one in [&mut *first, &mut *second] {
        let (who, other) = (one.handle.clone(), one.other.handle.clone());
        report.step(one.befriend(), |()| format!("{who} has {other} as a contact")).await?;
    }
    for one in [&mut *first, &mut *second] {
        let (who, other) = (one.handle.clone(), one.other.handle.clone());
        report.step(one.see(), |()| format!("{who} sees {other} online")).await?;
    }
    Ok(())
}

async fn talk(
    first: &mut Session,
    second: &mut Session,
    report: &mut Report,
) -> Result<(), CommandError> {
    let names: [Handle; 2] = [first.handle.clone(), second.handle.clone()];
    let [one, other] = &names;
    let server = title(Server::Switchboard);
    let (mut near, _) = report
        .step(begin(first), |(_, at)| format!("{one} starts a conversation at {at} ({server})"))
        .await?;
    let mut far = report
        .step(call(&mut near, second), |_| format!("{one} invites {other}, who joins"))
        .await?;
    let delivered = |from: &Handle, to: &Handle| {
        format!("{from} sends a message; {to} receives it, byte for byte")
    };
    report.step(near.send(&mut far), |()| delivered(one, other)).await?;
    report.step(far.send(&mut near), |()| delivered(other, one)).await?;
    report.step(far.leave(near), |()| "both leave the conversation".to_owned()).await
}

impl Pair {
    /// All users that are signed in restore their lists and sign off. An error of one does not stop the
    /// others; the first error is returned.
    pub(super) async fn leave(self, report: &mut Report) -> Result<(), CommandError> {
        let mut outcome = Ok(());
        for mut session in self.sessions {
            let who = session.handle.clone();
            let is_restored = session.is_restored();
            let leaving = async {
                session.restore().await?;
                session.wire.end().await
            };
            let left = report
                .step(leaving, |()| match is_restored {
                    true => format!("{who} signs off"),
                    false => format!("{who} restores the lists and signs off"),
                })
                .await;
            outcome = outcome.and(left);
        }
        outcome
    }
}
