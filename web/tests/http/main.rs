//! The HTTP server, with routes like those that clients of 1998 to 2009 need.

#[cfg(test)]
mod bad_input;
#[cfg(test)]
mod clients;
#[cfg(test)]
mod keep_alive;
#[cfg(test)]
mod support;
#[cfg(test)]
mod upgrade;
