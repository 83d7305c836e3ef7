//! A user's list entries about the other user: changed for the test, and restored.

use super::error::SelftestError;
use super::session::Session;
use msnp::command::{Add, LstReply, Rem};
use msnp::{ErrorCode, Event, Handle, List};

/// What a user's client has received about the other user.
pub(super) struct Contact {
    pub(super) handle: Handle,
    /// Whether the other user is seen online.
    pub(super) is_seen: bool,
    /// The lists that contain the other user, without the reverse list.
    lists: Vec<List>,
    /// The changes, in order; true if the entry was added.
    changed: Vec<(List, bool)>,
}

impl Contact {
    pub(super) fn new(handle: Handle) -> Contact {
        Contact { handle, is_seen: false, lists: Vec::new(), changed: Vec::new() }
    }

    /// Records what an event reports about the other user.
    pub(super) fn record(&mut self, event: &Event<'_>) {
        match event {
            Event::Lst(LstReply::List(line)) => {
                let entry = line.entry.as_ref().filter(|entry| entry.handle == self.handle);
                if entry.is_some() && line.list != List::Reverse {
                    self.lists.push(line.list);
                }
            }
            Event::Iln(line) if line.handle == self.handle => self.is_seen = true,
            Event::Nln(line) if line.handle == self.handle => self.is_seen = true,
            Event::Fln(line) if line.handle == self.handle => self.is_seen = false,
            _ => {}
        }
    }
}

impl Session {
    /// Allows the other user to see this one, and adds them as a contact.
    pub(super) async fn befriend(&mut self) -> Result<(), SelftestError> {
        if self.other.lists.contains(&List::Block) {
            self.change(List::Block, false).await?;
        }
        for list in [List::Allow, List::Forward] {
            if !self.other.lists.contains(&list) {
                self.change(list, true).await?;
            }
        }
        Ok(())
    }

    /// Restores all lists.
    pub(super) async fn restore(&mut self) -> Result<(), SelftestError> {
        while let Some((list, was_added)) = self.other.changed.pop() {
            match self.set(list, !was_added).await {
                // The test was interrupted before this change.
                Ok(())
                | Err(SelftestError::Refused {
                    code: ErrorCode::AlreadyThere | ErrorCode::NotOnList,
                    ..
                }) => {}
                Err(_) => {
                    return Err(SelftestError::NotRestored { who: self.handle.to_string() });
                }
            }
        }
        Ok(())
    }

    /// Whether no change is left to undo.
    pub(super) fn has_nothing_to_restore(&self) -> bool {
        self.other.changed.is_empty()
    }

    async fn change(&mut self, list: List, add: bool) -> Result<(), SelftestError> {
        // Record it first: the test may be interrupted after the change and before its answer.
        self.other.changed.push((list, add));
        let done = self.set(list, add).await;
        if let Err(SelftestError::Refused { .. }) = done {
            self.other.changed.pop();
        }
        done
    }

    async fn set(&mut self, list: List, add: bool) -> Result<(), SelftestError> {
        let (trid, handle) = (self.trid(), self.other.handle.clone());
        if add {
            let add = Add { trid, list, handle, name: None, group: None };
            self.wire.send(add).await?;
        } else {
            self.wire.send(Rem { trid, list, handle, group: None }).await?;
        }
        self.receive("the confirmation of the list change", |event| match event {
            Event::Add(reply) => (reply.trid == trid).then_some(()),
            Event::Rem(reply) => (reply.trid == trid).then_some(()),
            _ => None,
        })
        .await
    }
}
