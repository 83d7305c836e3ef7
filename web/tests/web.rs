//! The pages, as browsers of all ages ask for them.

#[cfg(test)]
#[path = "support/mod.rs"]
mod support;

#[cfg(test)]
#[path = "web/accounts.rs"]
mod accounts;
#[cfg(test)]
#[path = "web/administrator.rs"]
mod administrator;
#[cfg(test)]
#[path = "web/bad_input.rs"]
mod bad_input;
#[cfg(test)]
#[path = "web/browsers.rs"]
mod browsers;
#[cfg(test)]
#[path = "web/markup.rs"]
mod markup;
#[cfg(test)]
#[path = "web/other_sites.rs"]
mod other_sites;
#[cfg(test)]
#[path = "web/set_up.rs"]
mod set_up;
#[cfg(test)]
#[path = "web/shut_out.rs"]
mod shut_out;
