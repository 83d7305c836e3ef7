//! What the server shows to browsers, those of the nineties included, and how a computer is pointed at it.
//!
//! The pages are HTML 3.2 in ASCII, without scripts, cookies and redirects. They run on the arbiter of
//! the node whose actors they ask; [`Web::serve`] takes a connection that somebody else has accepted.
//! One page, one file, in `page/`; its text is the template of the same name.

#![forbid(unsafe_code)]

mod admin_auth;
mod answer;
mod chart;
pub mod client_setup;
mod form;
mod history;
mod host_check;
mod http_request;
mod page;
mod page_request;
mod site;
mod throttle;
mod web;

pub use admin_auth::{Key, Keys};
pub use http_request::{LONGEST_BODY, LONGEST_HEAD, PATIENCE};
pub use site::{Deps, Settings, SignUp};
pub use throttle::WINDOW;
pub use web::{MAX_CONNECTIONS, PER_ADDRESS, PER_NETWORK, Web};
