//! Interfaces to the outside of the actors: store, clock, entropy and transport.

mod archive;
mod clock;
mod entropy;
mod phone_numbers;
mod shut_out;
pub mod store;
mod transport;

pub use archive::{AccountExport, ArchiveError, Contact, Imported, IntegrityReport, Restored};
pub use clock::Clock;
pub use entropy::Entropy;
pub use phone_numbers::PhoneNumbers;
pub use shut_out::{DenyError, DisableReason, DisableReasonError, Disabled, ShutOut};
pub use store::{Store, StoreError};
pub use transport::{PeerInfo, Stream, Transport};
