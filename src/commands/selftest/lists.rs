//! A user's list entries about the other user: changed for the test, and restored.

use super::error::SelftestError;
use super::session::Session;
use msnp::command::{Add, LstReply, Rem};
use msnp::{ErrorCode, Event, Handle, List};

/// The other user, as far as this user's client knows.
pub(super) struct Contact {
    pub(super) handle: Handle,
    /// Whether the other user is shown online.
    pub(super) is_online: bool,
    /// The lists of this user that contained the other user before the test, except the reverse list.
    lists: Vec<List>,
    /// The changes that the test made to these lists, in order.
    changes: Vec<ListChange>,
}

/// A change of the entry about the other user.
#[derive(Clone, Copy)]
enum ListChange {
    Add(List),
    Remove(List),
}

impl ListChange {
    fn inverse(self) -> ListChange {
        match self {
            ListChange::Add(list) => ListChange::Remove(list),
            ListChange::Remove(list) => ListChange::Add(list),
        }
    }
}

impl Contact {
    pub(super) fn new(handle: Handle) -> Contact {
        Contact { handle, is_online: false, lists: Vec::new(), changes: Vec::new() }
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
            Event::Iln(line) if line.handle == self.handle => self.is_online = true,
            Event::Nln(line) if line.handle == self.handle => self.is_online = true,
            Event::Fln(line) if line.handle == self.handle => self.is_online = false,
            _ => {}
        }
    }
}

impl Session {
    /// Allows the other user to see this one, and adds the other user as a contact.
    pub(super) async fn befriend(&mut self) -> Result<(), SelftestError> {
        if self.other.lists.contains(&List::Block) {
            self.change(ListChange::Remove(List::Block)).await?;
        }
        for list in [List::Allow, List::Forward] {
            if !self.other.lists.contains(&list) {
                self.change(ListChange::Add(list)).await?;
            }
        }
        Ok(())
    }

    /// Undoes all changes, the last one first.
    pub(super) async fn restore_lists(&mut self) -> Result<(), SelftestError> {
        while let Some(change) = self.other.changes.pop() {
            match self.send_change(change.inverse()).await {
                // These two errors mean that the test was interrupted before the change was made.
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

    /// Whether there are changes to undo.
    pub(super) fn has_changed_lists(&self) -> bool {
        !self.other.changes.is_empty()
    }

    /// Changes a list, and records the change.
    async fn change(&mut self, change: ListChange) -> Result<(), SelftestError> {
        // Record it first: the test may be interrupted after the change and before its confirmation.
        self.other.changes.push(change);
        let result = self.send_change(change).await;
        if let Err(SelftestError::Refused { .. }) = result {
            self.other.changes.pop();
        }
        result
    }

    /// Requests a change, and waits for its confirmation.
    async fn send_change(&mut self, change: ListChange) -> Result<(), SelftestError> {
        let (trid, handle) = (self.trid(), self.other.handle.clone());
        match change {
            ListChange::Add(list) => {
                self.wire.send(Add { trid, list, handle, name: None, group: None }).await?;
            }
            ListChange::Remove(list) => {
                self.wire.send(Rem { trid, list, handle, group: None }).await?;
            }
        }
        self.receive("the confirmation of the list change", |event| match event {
            Event::Add(reply) => (reply.trid == trid).then_some(()),
            Event::Rem(reply) => (reply.trid == trid).then_some(()),
            _ => None,
        })
        .await
    }
}
