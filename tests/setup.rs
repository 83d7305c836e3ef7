//! The verbs that need no running server: they make a data folder, look for mistakes, and show
//! configurations.

#[cfg(test)]
#[path = "support/operator.rs"]
mod operator;
#[cfg(test)]
#[path = "support/server.rs"]
mod server;

#[cfg(test)]
#[path = "setup/folder.rs"]
mod folder;
#[cfg(test)]
#[path = "setup/health.rs"]
mod health;
#[cfg(test)]
#[path = "setup/init.rs"]
mod init;
#[cfg(test)]
#[path = "setup/mistakes.rs"]
mod mistakes;
#[cfg(test)]
#[path = "setup/owners.rs"]
mod owners;
#[cfg(test)]
#[path = "setup/place.rs"]
mod place;
#[cfg(test)]
#[path = "setup/show.rs"]
mod show;
