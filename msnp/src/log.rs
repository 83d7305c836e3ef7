//! One logging call for three back ends.
//!
//! `defmt` where there is no operating system and the feature `defmt` is on, otherwise `log` where
//! the feature `log` is on, otherwise nothing; the features add up, none excludes another.
//! So that a call fits both macro languages it has a literal format string with positional
//! arguments only: `{}` for numbers and strings, `{:?}` for types that derive `Debug` and, under
//! the feature, `defmt::Format`.

#[doc(hidden)]
#[cfg(feature = "log")]
pub use ::log as log_facade;

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

/// What a type holds is shown in no log, whatever the back end.
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
