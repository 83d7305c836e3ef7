//! The bare relay: what relaying costs on one thread of tokio without a protocol.
//!
//! It parses the same commands and payloads as the server, encodes each message as members receive
//! it, and coalesces the messages of one read into one write for each member. It knows no accounts,
//! states, limits or errors. `ANS` joins the room of its session number, `MSG` is relayed, and any
//! other command closes the connection.

mod connection;
mod room;

use crate::error::BenchError;
use connection::Connection;
use room::Rooms;
use std::net::Ipv4Addr;
use std::rc::Rc;
use tokio::net::TcpListener;
use tokio::task::{LocalSet, spawn_local};

/// The name of the bare relay in its log.
pub(crate) const TITLE: &str = "Bare Relay";

/// Serves forever on a free port of the loopback interface. Logs the address as the server does.
pub(crate) async fn run() -> Result<(), BenchError> {
    LocalSet::new().run_until(serve()).await
}

async fn serve() -> Result<(), BenchError> {
    let failed = || BenchError::system("the bare relay cannot listen");
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.map_err(failed())?;
    let address = listener.local_addr().map_err(failed())?;
    eprintln!("listening on {address} ({TITLE})");
    eprintln!("ready");
    let rooms = Rc::new(Rooms::default());
    loop {
        let (stream, _) = listener.accept().await.map_err(failed())?;
        stream.set_nodelay(true).map_err(failed())?;
        spawn_local(Connection::new(stream, rooms.clone()).serve());
    }
}
