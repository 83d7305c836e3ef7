//! Answers requests over TLS, for tests with other clients: `serve ADDRESS KEY CERTIFICATE…`, where the
//! files have an RSA key (PKCS #8) and certificates in DER. Prints the address that it listens on.
//!
//! Each reply names the version and the suite.

use getrandom::SysRng;
use oldtls::{Identity, Server};
use std::error::Error;
use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::Arc;
use std::time::Duration;

fn main() -> Result<(), Box<dyn Error>> {
    let mut arguments = std::env::args().skip(1);
    let usage = "usage: serve ADDRESS KEY CERTIFICATE…";
    let address = arguments.next().ok_or(usage)?;
    let key = std::fs::read(arguments.next().ok_or(usage)?)?;
    let certificates: Vec<Vec<u8>> = arguments.map(std::fs::read).collect::<Result<_, _>>()?;
    let chain: Vec<&[u8]> = certificates.iter().map(Vec::as_slice).collect();
    let identity = Arc::new(Identity::from_der(&key, &chain)?);
    let listener = TcpListener::bind(address)?;
    println!("{}", listener.local_addr()?);
    for stream in listener.incoming() {
        let (stream, identity) = (stream?, identity.clone());
        std::thread::spawn(move || match serve(stream, identity) {
            Ok(()) => {}
            Err(error) => eprintln!("{error}"),
        });
    }
    Ok(())
}

fn serve(mut stream: TcpStream, identity: Arc<Identity>) -> Result<(), Box<dyn Error>> {
    stream.set_read_timeout(Some(Duration::from_secs(10)))?;
    let mut server = Box::new(Server::new(identity));
    let (mut buffer, mut request) = ([0; 4096], Vec::new());
    while !server.has_ended() {
        let count = stream.read(&mut buffer)?;
        let mut received = buffer.get(..count).unwrap_or_default();
        if received.is_empty() {
            break;
        }
        while !received.is_empty() && !server.has_ended() {
            let result = server.receive(received, &mut SysRng);
            request.extend_from_slice(server.data());
            server.consume(usize::MAX);
            if request.ends_with(b"\r\n\r\n") {
                respond(&mut server, &request);
            }
            stream.write_all(server.output())?;
            server.advance(usize::MAX);
            received = received.get(result?..).unwrap_or_default();
        }
    }
    Ok(())
}

/// Repeats the first line of the request.
fn respond(server: &mut Server, request: &[u8]) {
    let first = request.split(|byte| *byte == b'\r').next().unwrap_or_default();
    let first = String::from_utf8_lossy(first);
    if let Some((version, suite)) = server.negotiated() {
        let text = format!("{version:?} {suite:?}: {first}\n");
        let len = text.len();
        let reply = format!("HTTP/1.0 200 OK\r\nContent-Length: {len}\r\n\r\n{text}");
        server.send(reply.as_bytes());
    }
    server.close();
}
