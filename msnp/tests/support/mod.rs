//! Support for the properties: strategies for every type and every command, hostile byte streams,
//! and framing and decoding.

pub(crate) mod bytes;
pub(crate) mod events;
pub(crate) mod form;
pub(crate) mod requests;
pub(crate) mod shape;
pub(crate) mod types;
pub(crate) mod wire;

use proptest::test_runner::{Config, RngSeed};

/// Declares the kinds of a command enum. Each has a name, a pattern, and a strategy. A variant
/// without a strategy does not compile, since the `match` is incomplete.
macro_rules! kinds {
    ($type:ident, $kind:ident, $all:ident { $($name:literal: $pattern:pat => $strategy:expr,)+ }) => {
        /// The kind of a value.
        pub(crate) fn $kind(value: &$type<'_>) -> &'static str {
            match value { $($pattern => $name,)+ }
        }

        /// A strategy for each kind.
        pub(crate) fn $all() -> Vec<(&'static str, BoxedStrategy<$type<'static>>)> {
            vec![$(($name, $strategy.prop_map($type::from).boxed()),)+]
        }
    };
}
pub(crate) use kinds;

/// A number of cases from a fixed seed, so that every run is the same. `PROPTEST_CASES` and
/// `PROPTEST_RNG_SEED` in the environment change it.
pub(crate) fn config(cases: u32) -> Config {
    let mut config = Config { failure_persistence: None, ..Config::default() };
    if std::env::var_os("PROPTEST_CASES").is_none() {
        config.cases = cases;
    }
    if std::env::var_os("PROPTEST_RNG_SEED").is_none() {
        config.rng_seed = RngSeed::Fixed(1863);
    }
    config
}
