//! What clients send to the Notification Server.

use super::requests;
use msnp::Server;

pub(super) use super::requests::WORDS;

pub(super) fn run(bytes: &[u8]) {
    requests::read(bytes, Server::Notification);
}
