//! Commands for a running server, over its control socket, and the same commands on the data of a
//! stopped one.

mod accounts;
mod archive;
mod reload;
mod shut_out;
mod socket;
mod stop;
mod text;
mod watch;
