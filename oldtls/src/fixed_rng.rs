//! Bytes that are the same in every run, for tests and for the fuzz target. Both keep recorded
//! connections, so the bytes must never change.

use super::{TryCryptoRng, TryRng};
use std::convert::Infallible;

/// Knuth's generator, from this state on.
pub(crate) struct FixedRng(pub(crate) u64);

impl TryRng for FixedRng {
    type Error = Infallible;

    fn try_next_u32(&mut self) -> Result<u32, Infallible> {
        self.try_next_u64().map(|number| u32::try_from(number >> 32).unwrap_or_default())
    }

    fn try_next_u64(&mut self) -> Result<u64, Infallible> {
        self.0 =
            self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        Ok(self.0)
    }

    fn try_fill_bytes(&mut self, bytes: &mut [u8]) -> Result<(), Infallible> {
        for byte in bytes {
            let [first, ..] = self.try_next_u64()?.to_be_bytes();
            *byte = first;
        }
        Ok(())
    }
}

impl TryCryptoRng for FixedRng {}
