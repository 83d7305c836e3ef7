//! Interfaces to the outside of the actors: store, clock, entropy and transport.

mod archive;
mod clock;
mod entropy;
mod exclusions;
pub mod fabric;
mod phone_numbers;
pub mod store;
mod transport;

pub use archive::{
    AccountExport, ArchiveError, Contact, ExportPart, ImportStep, Imported, IntegrityReport,
    ListedContact, ReadSeek, Restored,
};
pub use clock::Clock;
pub use entropy::Entropy;
pub use exclusions::{DenyError, DisableReason, DisableReasonError, Disabled, ExclusionLists};
pub use fabric::{Fabric, FabricError, Solo};
pub use phone_numbers::PhoneNumbers;
pub use store::{Store, StoreError};
pub use transport::{PeerInfo, Stream, Transport};
