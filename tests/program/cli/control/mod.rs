//! What an operator asks of a running server, over its control socket; and of the data of a stopped
//! one, in the same words.

mod accounts;
mod archive;
mod reload;
mod shut_out;
mod socket;
mod stop;
mod text;
mod watch;
