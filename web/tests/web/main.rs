//! The web pages, as old and new browsers request them.

#[cfg(test)]
#[path = "../support/mod.rs"]
mod support;

#[cfg(test)]
mod accounts;
#[cfg(test)]
mod administrator;
#[cfg(test)]
mod bad_input;
#[cfg(test)]
mod browsers;
#[cfg(test)]
mod markup;
#[cfg(test)]
mod other_sites;
#[cfg(test)]
mod set_up;
#[cfg(test)]
mod shut_out;
