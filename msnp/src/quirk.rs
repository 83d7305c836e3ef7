//! What single clients do otherwise than others, and need otherwise: each under its name.
//!
//! A server that does not know these loses the client. Where code is as it is because of one, it says
//! the name; each has a test that is called like it.

macro_rules! quirks {
    ($($(#[doc = $what:literal])+ $name:ident: $clients:literal, $source:literal $(, $play:literal)?;)+) => {
        /// A deviation of a client.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
        #[cfg_attr(feature = "defmt", derive(defmt::Format))]
        pub enum Quirk {
            $($(#[doc = $what])+ $name,)+
        }

        impl Quirk {
            /// All of them.
            pub const ALL: &'static [Quirk] = &[$(Quirk::$name),+];

            /// Its name.
            pub const fn name(self) -> &'static str {
                match self { $(Quirk::$name => stringify!($name),)+ }
            }

            /// Which clients have it, and in which versions.
            pub const fn clients(self) -> &'static str {
                match self { $(Quirk::$name => $clients,)+ }
            }

            /// Where it is known from.
            pub const fn source(self) -> &'static str {
                match self { $(Quirk::$name => $source,)+ }
            }

            /// What the client does or needs, and what a server does about it.
            pub const fn what(self) -> &'static str {
                match self { $(Quirk::$name => concat!($($what),+),)+ }
            }

            /// If bytes alone do not show it: the play with a running server that does.
            pub const fn play(self) -> Option<&'static str> {
                match self { $(Quirk::$name => quirks!(@play $($play)?),)+ }
            }
        }
    };
    (@play) => { None };
    (@play $play:literal) => { Some($play) };
}

quirks! {
    /// It ends lines with a bare LF: in all commands, in the answer to the challenge, or in `MSG` and
    /// `OUT`. Both line ends are read, mixed at will, and never a bare CR; CRLF is sent.
    BareLineFeed: "Gaim 0.11 to 0.62, CCMSN 0.1 to 0.3", "their code; seen with Gaim 0.43";
}
