//! A route takes over a connection.

use crate::support::Client;
use std::time::Duration;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use web::http::limits::EXCHANGE_TIMEOUT;

const HEAD: &str = "HTTP/1.1 101 Switching Protocols\r\nUpgrade: echo\r\nConnection: \
                    Upgrade\r\n\r\n";

#[actix_rt::test]
async fn an_upgraded_connection_belongs_to_its_route() {
    let mut client = Client::connect();
    // The client may send before it has the response.
    client.send("GET /upgrade HTTP/1.1\r\nHost: a\r\nUpgrade: echo\r\n\r\nearly").await;
    let mut received = vec![0; HEAD.len() + 5];
    client.stream.read_exact(&mut received).await.unwrap();
    assert_eq!(String::from_utf8(received).unwrap(), format!("{HEAD}early"));
    // The limits of the server do not apply any more.
    tokio::time::pause();
    tokio::time::sleep(2 * EXCHANGE_TIMEOUT + Duration::from_secs(1)).await;
    client.send("GET / HTTP/1.1\r\n").await;
    client.stream.shutdown().await.unwrap();
    assert_eq!(client.rest().await, "GET / HTTP/1.1\r\n");
    assert_eq!(client.served.await.unwrap(), Ok(()));
    assert_eq!(client.service.requests.borrow().len(), 1);
}
