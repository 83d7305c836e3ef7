//! Changes of the reverse list that the client has not received yet.

use super::Session;
use crate::port::store::AccountId;
use msnp::ListVersion;

/// Changes of the reverse list that the client lacks.
///
/// While a change is withheld, replies carry the number of the list version before that change.
/// Otherwise the client would take its lists for complete, and its next `SYN` would not return the
/// change.
pub(super) struct WithheldChanges {
    /// The version that the client is sent instead of the current one.
    version_to_send: ListVersion,
    /// The users about whom a notice is still to come. Each is delayed in the registry, which
    /// bounds their number.
    waiting: Vec<AccountId>,
    /// Whether no notice will come for one of the changes.
    missed: bool,
}

impl Session {
    /// Returns the list version that the client is sent when its lists have version `version`.
    pub(super) fn version_to_send(&mut self, version: ListVersion) -> ListVersion {
        let sent = self.withheld.as_ref().map_or(version, |withheld| withheld.version_to_send);
        if self.latest_sent_version.is_none_or(|before| sent.is_after(before)) {
            self.latest_sent_version = Some(sent);
        }
        sent
    }

    /// Returns whether the client believes that it has the lists of this version, although its
    /// reverse list is older: the reply to a later change arrived before the notice of this one.
    pub(super) fn is_ahead_of_notice(&self, version: ListVersion) -> bool {
        let reaches =
            |known: Option<ListVersion>| known.is_some_and(|known| !version.is_after(known));
        reaches(self.latest_sent_version) && !reaches(self.reverse_list_version)
    }

    fn withheld_changes(&mut self, version: ListVersion) -> &mut WithheldChanges {
        self.withheld.get_or_insert_with(|| {
            let version_to_send = version.previous();
            Box::new(WithheldChanges { version_to_send, waiting: Vec::new(), missed: false })
        })
    }

    /// Records a change whose notice is sent later.
    pub(super) fn withhold(&mut self, who: AccountId, version: ListVersion) {
        if self.has_read(version) {
            return;
        }
        let withheld = self.withheld_changes(version);
        if !withheld.waiting.contains(&who) {
            withheld.waiting.push(who);
        }
    }

    /// Records a change for which no notice is sent: the client gets it with the lists.
    pub(super) fn record_missed(&mut self, version: ListVersion) {
        self.withheld_changes(version).missed = true;
    }

    /// Removes this user from the waiting ones: the notice has arrived, or will not arrive.
    pub(super) fn resolve_withheld(&mut self, who: AccountId) {
        if let Some(withheld) = &mut self.withheld {
            withheld.waiting.retain(|other| *other != who);
            if withheld.waiting.is_empty() && !withheld.missed {
                self.withheld = None;
            }
        }
    }

    /// Returns whether the lists that the client read with its last `SYN` have this version or a
    /// later one.
    pub(super) fn has_read(&self, version: ListVersion) -> bool {
        self.synced_version.is_some_and(|known| !version.is_after(known))
    }
}
