/// The time of day. Scripts that expect exact bytes put their own in its place. Time spans are
/// measured with tokio's clock instead, which tests can pause.
pub trait Clock {
    /// Seconds since 1970-01-01, as far as the machine knows.
    fn now(&self) -> u64;
}

impl<F: Fn() -> u64> Clock for F {
    fn now(&self) -> u64 {
        self()
    }
}
