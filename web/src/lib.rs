//! The web pages, for browsers of the nineties and later, and the configuration of clients.
//!
//! The pages are HTML 3.2 in ASCII, without scripts, cookies and redirects. Their code runs on the
//! thread of the node's actors. [`Web::serve`] serves a connection that the caller has accepted.
//! Each page has one file in `page/`, and a template of the same name.

#![forbid(unsafe_code)]

mod admin_auth;
mod chart;
pub mod client_setup;
mod form;
mod history;
mod host_check;
pub mod http;
mod page;
mod page_request;
mod response;
mod site;
mod throttle;
mod web;

pub use admin_auth::{PasswordSource, PasswordVerifier};
pub use page::MAX_FORM;
pub use site::{Deps, Settings, SignUp};
pub use throttle::ATTEMPT_WINDOW;
pub use web::Web;
