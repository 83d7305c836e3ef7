//! Changes of the reverse list that the client has not been told.

use super::Session;
use crate::port::store::AccountId;
use msnp::ListVersion;

/// What a client with an older reverse list must not be led to believe: that it has the lists of a
/// version in which there is something that it does not know. Until it knows, it is told the version
/// before that change, so that its next `SYN` brings all lists.
pub(super) struct WithheldChanges {
    /// The version that the client is told.
    known: ListVersion,
    /// Whose notices wait: as many as wait in the registry, at most.
    waiting: Vec<AccountId>,
    /// Whether there is one that is never told.
    missed: bool,
}

impl Session {
    /// The version that the client is told, if this is the one of its lists.
    pub(super) fn client_version_of(&mut self, version: ListVersion) -> ListVersion {
        let told = self.withheld.as_ref().map_or(version, |unheard| unheard.known);
        if self.latest_told.is_none_or(|before| told.is_after(before)) {
            self.latest_told = Some(told);
        }
        told
    }

    /// Whether the client believes that it has the lists of this version, and its reverse list is older:
    /// the answer to a later change came before the news of this one.
    pub(super) fn has_skipped(&self, version: ListVersion) -> bool {
        let reaches = |known: Option<ListVersion>| known.is_some_and(|it| !version.is_after(it));
        reaches(self.latest_told) && !reaches(self.reverse_read)
    }

    fn withheld_changes(&mut self, version: ListVersion) -> &mut WithheldChanges {
        self.withheld.get_or_insert_with(|| {
            let known = version.previous();
            Box::new(WithheldChanges { known, waiting: Vec::new(), missed: false })
        })
    }

    /// A change of this version is told later.
    pub(super) fn withhold(&mut self, who: AccountId, version: ListVersion) {
        if self.has_read(version) {
            return;
        }
        let unheard = self.withheld_changes(version);
        if !unheard.waiting.contains(&who) {
            unheard.waiting.push(who);
        }
    }

    /// A change of this version is not told, but with the lists.
    pub(super) fn skip(&mut self, version: ListVersion) {
        self.withheld_changes(version).missed = true;
    }

    /// What was withheld of somebody has come, or does not come any more.
    pub(super) fn resolve_withheld(&mut self, who: AccountId) {
        if let Some(unheard) = &mut self.withheld {
            unheard.waiting.retain(|other| *other != who);
            if unheard.waiting.is_empty() && !unheard.missed {
                self.withheld = None;
            }
        }
    }

    /// Whether the lists that the client has read last have this version or a later one.
    pub(super) fn has_read(&self, version: ListVersion) -> bool {
        self.synchronised.is_some_and(|known| !version.is_after(known))
    }
}
