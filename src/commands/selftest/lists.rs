//! The lists of somebody, as far as the other is concerned: what is changed, and put back.

use super::error::SelftestError;
use super::session::Session;
use msnp::command::{Add, Rem};
use msnp::{ErrorCode, Event, Handle, List};

/// What one knows of the other.
pub(super) struct Contact {
    pub(super) handle: Handle,
    /// Whether he is seen online.
    pub(super) is_seen: bool,
    /// The lists that he is on, of forward, allow and block list.
    on: Vec<List>,
    /// What was changed, in this order; true, if he was put there.
    changed: Vec<(List, bool)>,
}

impl Contact {
    pub(super) fn new(handle: Handle) -> Contact {
        Contact { handle, is_seen: false, on: Vec::new(), changed: Vec::new() }
    }

    /// Keeps what an event says of him.
    pub(super) fn note(&mut self, event: &Event<'_>) {
        match event {
            Event::Lst(line) => {
                let entry = line.entry.as_ref().filter(|entry| entry.handle == self.handle);
                if entry.is_some() && line.list != List::Reverse {
                    self.on.push(line.list);
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
    /// Lets the other see this one, and puts him among the contacts.
    pub(super) async fn befriend(&mut self) -> Result<(), SelftestError> {
        if self.other.on.contains(&List::Block) {
            self.change(List::Block, false).await?;
        }
        for list in [List::Allow, List::Forward] {
            if !self.other.on.contains(&list) {
                self.change(list, true).await?;
            }
        }
        Ok(())
    }

    /// Puts all lists back as they were.
    pub(super) async fn restore(&mut self) -> Result<(), SelftestError> {
        while let Some((list, was_added)) = self.other.changed.pop() {
            match self.set(list, !was_added).await {
                // Broken off before it was changed.
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

    /// Whether nothing is left to be put back.
    pub(super) fn is_restored(&self) -> bool {
        self.other.changed.is_empty()
    }

    async fn change(&mut self, list: List, add: bool) -> Result<(), SelftestError> {
        // First: it may be broken off when it is made and not answered.
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
            self.wire.say(add).await?;
        } else {
            self.wire.say(Rem { trid, list, handle, group: None }).await?;
        }
        self.hear("that the list is changed", |event| match event {
            Event::Add(reply) => (reply.trid == trid).then_some(()),
            Event::Rem(reply) => (reply.trid == trid).then_some(()),
            _ => None,
        })
        .await
    }
}
