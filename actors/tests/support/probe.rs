//! A client of a connection's actor: typed requests in, typed events out.

use super::wire::Writes;
use super::{MOMENT, lines};
use actix::Addr;
use actors::connection::{ConnectionActor, ConnectionId, FromClient};
use msnp::command::DecodeContext;
use msnp::{Dialect, Event};
use std::marker::PhantomData;
use std::time::Duration;
use tokio::io::{AsyncReadExt, AsyncWriteExt, DuplexStream};
use tokio::time::{Instant, timeout};

/// What comes out of a connection.
#[derive(Debug)]
#[expect(clippy::large_enum_variant, reason = "an event has a name of 387 bytes inline")]
pub(crate) enum Heard {
    Event(Event<'static>),
    /// The server has closed the connection.
    End,
    /// Nothing, and nothing will.
    Silence,
}

/// The client's end of a connection.
pub(crate) struct Probe<C: ConnectionActor> {
    /// The connection's actor.
    pub(crate) addr: Addr<C>,
    /// The connection's number.
    pub(crate) id: ConnectionId,
    /// What is spoken on it: what an answer to `VER` says, and what a test says.
    pub(crate) dialect: Dialect,
    half: DuplexStream,
    writes: Writes,
    unread: Vec<u8>,
    ended: bool,
    kind: PhantomData<C>,
}

impl<C: ConnectionActor + actix::Handler<FromClient>> Probe<C> {
    pub(crate) fn new(
        addr: Addr<C>,
        id: ConnectionId,
        half: DuplexStream,
        writes: Writes,
    ) -> Probe<C> {
        Probe {
            addr,
            id,
            dialect: Dialect::Msnp2,
            half,
            writes,
            unread: Vec::new(),
            ended: false,
            kind: PhantomData,
        }
    }

    fn at(&self) -> DecodeContext {
        DecodeContext { server: C::SERVER, dialect: self.dialect }
    }

    /// Agrees with the server on this dialect.
    pub(crate) async fn agrees_on(&mut self, dialect: Dialect) {
        self.says(&format!("VER 1 {dialect} CVR0")).await;
        self.hears(&format!("VER 1 {dialect} CVR0")).await;
        assert_eq!(self.dialect, dialect);
    }

    /// Hands the actor the request of this line, as soon as it takes one.
    pub(crate) async fn says(&mut self, line: &str) {
        self.says_bytes(format!("{line}\r\n").into_bytes()).await;
    }

    /// Hands the actor a `MSG`.
    pub(crate) async fn says_message(&mut self, trid: u32, acknowledgement: &str, text: &[u8]) {
        self.says_with(&format!("MSG {trid} {acknowledgement}"), text).await;
    }

    /// Hands the actor the request of this line, which ends with the length of its payload.
    pub(crate) async fn says_with(&mut self, line: &str, payload: &[u8]) {
        let line = format!("{line} {}\r\n", payload.len());
        self.says_bytes([line.as_bytes(), payload].concat()).await;
    }

    async fn says_bytes(&mut self, bytes: Vec<u8>) {
        let request = lines::request(self.at(), bytes);
        for _ in 0..300 {
            match self.addr.send(FromClient(request.clone())).await {
                Ok(Ok(())) => return,
                Ok(Err(_busy)) => {
                    let _ = timeout(MOMENT, self.read()).await;
                }
                Err(gone) => panic!("{request:?} comes too late: {gone}"),
            }
        }
        panic!("{request:?} is not taken");
    }

    /// Writes bytes on the wire, for what is no legal request or comes before an answer.
    pub(crate) async fn writes(&mut self, bytes: &str) {
        self.half.write_all(bytes.as_bytes()).await.unwrap();
    }

    /// Ends the client's direction: it writes no more, and reads on.
    pub(crate) async fn finishes_writing(&mut self) {
        self.half.shutdown().await.unwrap();
    }

    /// Closes the client's end.
    pub(crate) fn hangs_up(self) {}

    async fn read(&mut self) {
        let mut bytes = [0; 4096];
        let count = self.half.read(&mut bytes).await.unwrap();
        self.ended = count == 0;
        self.unread.extend_from_slice(&bytes[..count]);
    }

    /// What comes next, at once.
    pub(crate) async fn next(&mut self) -> Heard {
        self.next_within(MOMENT).await
    }

    /// What comes next, without a silence of this time before it.
    pub(crate) async fn next_within(&mut self, time: Duration) -> Heard {
        loop {
            if let Some((event, used)) = lines::event(self.at(), &self.unread) {
                self.unread.drain(..used);
                if let Event::Ver(ver) = &event {
                    self.dialect = ver.dialect().unwrap_or(self.dialect);
                }
                return Heard::Event(event);
            }
            if self.ended {
                assert!(self.unread.is_empty(), "it ends within {:?}", self.unread);
                return Heard::End;
            }
            if timeout(time, self.read()).await.is_err() {
                return Heard::Silence;
            }
        }
    }

    /// The event that comes next.
    pub(crate) async fn hears_event(&mut self) -> Event<'static> {
        match self.next().await {
            Heard::Event(event) => event,
            other => panic!("an event is expected, not {other:?}"),
        }
    }

    /// The event that comes next is this one.
    pub(crate) async fn hears(&mut self, line: &str) {
        let expected = lines::expected(self.at(), format!("{line}\r\n").as_bytes());
        match self.next().await {
            Heard::Event(event) if event == expected => {}
            Heard::Event(event) => panic!("expected {line:?}, heard {:?}", self.text(&event)),
            other => panic!("expected {line:?}, heard {other:?}"),
        }
    }

    /// The message that comes next has this line and this payload.
    pub(crate) async fn hears_message(&mut self, sender: &str, text: &[u8]) {
        let line = format!("MSG {sender} {}\r\n", text.len());
        let bytes = [line.as_bytes(), text].concat();
        let expected = lines::expected(self.at(), &bytes);
        assert_eq!(self.hears_event().await, expected);
    }

    /// Everything that comes until it is silent.
    pub(crate) async fn hears_all(&mut self) -> Vec<String> {
        let mut all = Vec::new();
        loop {
            match self.next().await {
                Heard::Event(event) => all.push(self.text(&event)),
                Heard::Silence => return all,
                Heard::End => {
                    all.push("(end)".into());
                    return all;
                }
            }
        }
    }

    /// An event as this client hears it.
    pub(crate) fn text(&self, event: &Event<'_>) -> String {
        lines::text(event, self.dialect)
    }

    pub(crate) async fn hears_nothing(&mut self) {
        match self.next().await {
            Heard::Silence => {}
            Heard::End => panic!("the connection ended"),
            Heard::Event(event) => panic!("nothing is expected, heard {:?}", self.text(&event)),
        }
    }

    pub(crate) async fn hears_end(&mut self) {
        match self.next().await {
            Heard::End => {}
            Heard::Silence => panic!("the connection does not end"),
            Heard::Event(event) => panic!("the end is expected, not {:?}", self.text(&event)),
        }
    }

    /// The connection ends, in the middle of whatever it was sent.
    pub(crate) async fn is_cut_off(&mut self) {
        while !self.ended {
            timeout(MOMENT, self.read()).await.unwrap();
        }
    }

    /// What the server wrote since the last time, write by write.
    pub(crate) fn written(&self) -> Vec<String> {
        self.written_when().into_iter().map(|(_, text)| text).collect()
    }

    /// The same, with the time of each write.
    pub(crate) fn written_when(&self) -> Vec<(Instant, String)> {
        let writes = std::mem::take(&mut *self.writes.borrow_mut());
        let text = |bytes: Vec<u8>| String::from_utf8_lossy(&bytes).into_owned();
        writes.into_iter().map(|(when, bytes)| (when, text(bytes))).collect()
    }
}
