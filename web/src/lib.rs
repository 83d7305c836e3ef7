//! What the server shows to browsers, those of the nineties included, and how a computer is pointed at it.
//!
//! The pages are HTML 3.2 in ASCII, without scripts, cookies and redirects. They run on the arbiter of
//! the node whose actors they ask; [`Web::serve`] takes a connection that somebody else has accepted.
//! One page, one file, in `page/`; its text is the template of the same name.

#![forbid(unsafe_code)]

mod answer;
mod chart;
mod door;
mod form;
mod guest;
mod history;
mod keyhole;
mod named;
mod page;
pub mod pointing;
mod site;
mod throttle;
mod web;

pub use door::{LONGEST_BODY, LONGEST_HEAD, PATIENCE};
pub use keyhole::{Key, Keys};
pub use site::{Settings, SignUp, Wiring};
pub use throttle::WINDOW;
pub use web::{PER_ADDRESS, PER_NETWORK, PLACES, Web};
