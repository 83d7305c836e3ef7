//! Limits on what clients can use, and what enforces them over time.

mod address_counts;
mod limits;
pub mod rate_limiter;
pub mod throttle;
mod ttl_map;

pub use address_counts::AddressCounts;
pub use limits::{FailedLogins, Limit, LimitError, Limits};
pub use ttl_map::TtlMap;
