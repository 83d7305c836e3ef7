//! The services of a node.

mod accounts;
mod cookies;
mod dispatcher;
mod operator;
mod registry;
