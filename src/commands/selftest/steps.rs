//! What the two do, step by step.

use super::conversation::{begin, call};
use super::report::Report;
use super::session::{Session, dial};
use super::{Account, Way};
use crate::error::CommandError;
use crate::listener::title;
use msnp::{Handle, Server};

/// The two, as far as they are signed in.
#[derive(Default)]
pub(super) struct Pair {
    sessions: Vec<Session>,
}

/// All steps until they leave the conversation.
pub(super) async fn play(
    way: &Way,
    accounts: &[Account; 2],
    pair: &mut Pair,
    report: &mut Report,
) -> Result<(), CommandError> {
    let [first, second] = accounts;
    for (account, other) in [(first, second), (second, first)] {
        let who = &account.handle;
        let led = report
            .step(dial(way, account), |led| match led.to {
                Some(to) => format!("{who} dials {} and is led to {to} to sign in", way.address),
                None => format!("{who} dials {}, a Notification Server", way.address),
            })
            .await?;
        let session = report
            .step(Session::open(led, account, &other.handle), |session| {
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
        .step(begin(first), |(_, at)| format!("{one} begins a conversation at {at} ({server})"))
        .await?;
    let mut far =
        report.step(call(&mut near, second), |_| format!("{one} calls {other}, who comes")).await?;
    let heard =
        |from: &Handle, to: &Handle| format!("{from} says something; {to} hears it, byte for byte");
    report.step(near.tell(&mut far), |()| heard(one, other)).await?;
    report.step(far.tell(&mut near), |()| heard(other, one)).await?;
    report.step(far.leave(near), |()| "both leave the conversation".to_owned()).await
}

impl Pair {
    /// Those who are signed in put their lists back as they were, and sign off. All of them, whatever
    /// happens to one; the first failure is told.
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
                    false => format!("{who} puts the lists back as they were, and signs off"),
                })
                .await;
            outcome = outcome.and(left);
        }
        outcome
    }
}
