//! Logging macros for two back ends, or none: [`trace!`](crate::trace), [`debug!`](crate::debug),
//! [`info!`](crate::info), [`warn!`](crate::warn) and [`error!`](crate::error).
//!
//! The back end is chosen in this order:
//!
//! 1. `defmt`, if its feature is on and there is no operating system;
//! 2. `log`, if its feature is on;
//! 3. none: nothing is logged.
//!
//! The features can be combined. A call must suit both back ends. So it has a literal format string
//! with positional arguments only: `{}` for numbers and strings, `{:?}` for types that implement
//! `Debug` and, with the feature, `defmt::Format`.
//!
//! ```
//! msnp::debug!("{} bytes from {:?}", 17, msnp::Server::Dispatch);
//! ```

#[doc(hidden)]
#[cfg(feature = "log")]
pub use ::log as log_facade;

// `$dollar` is `$`: a macro that defines a macro cannot write it in another way.
macro_rules! level {
    ($dollar:tt $name:ident) => {
        #[doc = concat!("Logs at the level `", stringify!($name), "`.")]
        #[cfg(all(feature = "defmt", target_os = "none"))]
        #[macro_export]
        macro_rules! $name {
            ($dollar($dollar arg:tt)*) => { ::defmt::$name!($dollar($dollar arg)*) };
        }
        #[doc = concat!("Logs at the level `", stringify!($name), "`.")]
        #[cfg(all(feature = "log", not(all(feature = "defmt", target_os = "none"))))]
        #[macro_export]
        macro_rules! $name {
            ($dollar($dollar arg:tt)*) => { $crate::log::log_facade::$name!($dollar($dollar arg)*) };
        }
        #[doc = concat!("Logs at the level `", stringify!($name), "`.")]
        #[cfg(all(not(feature = "log"), not(all(feature = "defmt", target_os = "none"))))]
        #[macro_export]
        macro_rules! $name {
            ($dollar format:literal $dollar(, $dollar arg:expr)* $dollar(,)?) => {{
                $dollar(let _ = &$dollar arg;)*
            }};
        }
    };
}

level!($ trace);
level!($ debug);
level!($ info);
level!($ warn);
level!($ error);

/// Keeps the content of a type out of the logs of all back ends.
macro_rules! secret_in_logs {
    ($type:ident $(<$lifetime:lifetime>)?) => {
        impl core::fmt::Debug for $type $(<$lifetime>)? {
            fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
                f.write_str(concat!(stringify!($type), "(…)"))
            }
        }

        #[cfg(feature = "defmt")]
        impl defmt::Format for $type $(<$lifetime>)? {
            fn format(&self, f: defmt::Formatter<'_>) {
                defmt::write!(f, "(secret)");
            }
        }
    };
}
