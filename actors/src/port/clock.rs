/// The time of day. Tests that expect exact bytes use a fixed one. Time spans are measured with tokio's
/// clock instead, which tests can pause.
pub trait Clock {
    /// Returns the seconds since 1970-01-01, according to the clock of the machine.
    fn now(&self) -> u64;
}

impl<F: Fn() -> u64> Clock for F {
    fn now(&self) -> u64 {
        self()
    }
}
