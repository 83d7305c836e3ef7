//! The services of a node.

mod accounts;
mod cookies;
mod dispatcher;
mod edit;
mod operator;
mod registry;
mod shut_out;
