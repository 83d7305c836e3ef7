//! A client of a connection's actor, which sends typed requests and receives typed events.

use super::wire::Writes;
use super::{MOMENT, lines};
use actix::Addr;
use actors::connection::{ConnectionActor, ConnectionId, FromClient};
use actors::inbox::InboxHandle;
use actors::message::{Delivery, Notice};
use actors::notification::Session;
use actors::participant::Participant;
use msnp::command::DecodeContext;
use msnp::{Dialect, Event};
use std::marker::PhantomData;
use std::sync::Arc;
use std::time::Duration;
use tokio::io::{AsyncReadExt, AsyncWriteExt, DuplexStream};
use tokio::time::{Instant, timeout};

/// What a client receives on a connection.
#[derive(Debug)]
#[expect(clippy::large_enum_variant, reason = "an event has a name of 387 bytes inline")]
pub(crate) enum Received {
    Event(Event<'static>),
    /// The server has closed the connection.
    End,
    /// Nothing came in the time allowed.
    Silence,
}

/// The client's end of a connection.
pub(crate) struct Probe<C: ConnectionActor> {
    pub(crate) addr: Addr<C>,
    pub(crate) id: ConnectionId,
    /// The dialect of the connection. An answer to `VER` sets it, and a test may.
    pub(crate) dialect: Dialect,
    notices: Option<InboxHandle<Notice>>,
    deliveries: Option<InboxHandle<Delivery>>,
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
            notices: None,
            deliveries: None,
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

    /// Negotiates this dialect.
    pub(crate) async fn negotiate(&mut self, dialect: Dialect) {
        self.send(&format!("VER 1 {dialect} CVR0")).await;
        self.expect(&format!("VER 1 {dialect} CVR0")).await;
        assert_eq!(self.dialect, dialect);
    }

    /// Sends the actor the request on this line, and retries while the actor is busy.
    pub(crate) async fn send(&mut self, line: &str) {
        self.send_bytes(format!("{line}\r\n").into_bytes()).await;
    }

    /// Sends the actor a `MSG`.
    pub(crate) async fn send_message(&mut self, trid: u32, acknowledgement: &str, text: &[u8]) {
        self.send_with_payload(&format!("MSG {trid} {acknowledgement}"), text).await;
    }

    /// Sends the actor a request with a payload. The length is added to the line.
    pub(crate) async fn send_with_payload(&mut self, line: &str, payload: &[u8]) {
        let line = format!("{line} {}\r\n", payload.len());
        self.send_bytes([line.as_bytes(), payload].concat()).await;
    }

    async fn send_bytes(&mut self, bytes: Vec<u8>) {
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

    /// Writes bytes on the wire. For bytes that are no valid request, and for requests that are
    /// sent before the answer to an earlier one.
    pub(crate) async fn write_raw(&mut self, bytes: &str) {
        self.half.write_all(bytes.as_bytes()).await.unwrap();
    }

    /// Closes the client's direction. The client can still read.
    pub(crate) async fn finish_writing(&mut self) {
        self.half.shutdown().await.unwrap();
    }

    /// Closes the client's end.
    pub(crate) fn hang_up(self) {}

    async fn read(&mut self) {
        let mut bytes = [0; 4096];
        let count = self.half.read(&mut bytes).await.unwrap();
        self.ended = count == 0;
        self.unread.extend_from_slice(&bytes[..count]);
    }

    /// Returns what the client receives next, without a wait.
    pub(crate) async fn next(&mut self) -> Received {
        self.next_within(MOMENT).await
    }

    /// Returns what the client receives next, or [`Received::Silence`] if nothing comes for this
    /// time.
    pub(crate) async fn next_within(&mut self, time: Duration) -> Received {
        loop {
            if let Some((event, used)) = lines::event(self.at(), &self.unread) {
                self.unread.drain(..used);
                if let Event::Ver(ver) = &event {
                    self.dialect = ver.dialect().unwrap_or(self.dialect);
                }
                return Received::Event(event);
            }
            if self.ended {
                assert!(self.unread.is_empty(), "it ends within {:?}", self.unread);
                return Received::End;
            }
            if timeout(time, self.read()).await.is_err() {
                return Received::Silence;
            }
        }
    }

    /// Returns the next event.
    pub(crate) async fn next_event(&mut self) -> Event<'static> {
        match self.next().await {
            Received::Event(event) => event,
            other => panic!("an event is expected, not {other:?}"),
        }
    }

    /// Checks that this is the next event.
    pub(crate) async fn expect(&mut self, line: &str) {
        let expected = lines::expected(self.at(), format!("{line}\r\n").as_bytes());
        match self.next().await {
            Received::Event(event) if event == expected => {}
            Received::Event(event) => panic!("expected {line:?}, received {:?}", self.text(&event)),
            other => panic!("expected {line:?}, received {other:?}"),
        }
    }

    /// Checks that the next event is a message with this sender and text.
    pub(crate) async fn expect_message(&mut self, sender: &str, text: &[u8]) {
        let line = format!("MSG {sender} {}\r\n", text.len());
        let bytes = [line.as_bytes(), text].concat();
        let expected = lines::expected(self.at(), &bytes);
        assert_eq!(self.next_event().await, expected);
    }

    /// Returns every event until the connection is silent or ends.
    pub(crate) async fn receive_all(&mut self) -> Vec<String> {
        let mut all = Vec::new();
        loop {
            match self.next().await {
                Received::Event(event) => all.push(self.text(&event)),
                Received::Silence => return all,
                Received::End => {
                    all.push("(end)".into());
                    return all;
                }
            }
        }
    }

    /// Returns an event as this client receives it.
    pub(crate) fn text(&self, event: &Event<'_>) -> String {
        lines::text(event, self.dialect)
    }

    pub(crate) async fn expect_nothing(&mut self) {
        match self.next().await {
            Received::Silence => {}
            Received::End => panic!("the connection ended"),
            Received::Event(event) => {
                panic!("nothing is expected, received {:?}", self.text(&event))
            }
        }
    }

    pub(crate) async fn expect_end(&mut self) {
        match self.next().await {
            Received::End => {}
            Received::Silence => panic!("the connection does not end"),
            Received::Event(event) => panic!("the end is expected, not {:?}", self.text(&event)),
        }
    }

    /// Waits for the end of the connection. It may come in the middle of an event.
    pub(crate) async fn expect_cut_off(&mut self) {
        while !self.ended {
            timeout(MOMENT, self.read()).await.unwrap();
        }
    }

    /// Returns each write of the server since the last call.
    pub(crate) fn written(&self) -> Vec<String> {
        self.written_when().into_iter().map(|(_, text)| text).collect()
    }

    /// Returns each write of the server since the last call, with its time.
    pub(crate) fn written_when(&self) -> Vec<(Instant, String)> {
        let writes = std::mem::take(&mut *self.writes.borrow_mut());
        let text = |bytes: Vec<u8>| String::from_utf8_lossy(&bytes).into_owned();
        writes.into_iter().map(|(when, bytes)| (when, text(bytes))).collect()
    }
}

impl Probe<Session> {
    pub(crate) fn with_notices(self, notices: Option<InboxHandle<Notice>>) -> Probe<Session> {
        Probe { notices, ..self }
    }

    /// Returns where notices for the session go.
    pub(crate) fn notices(&self) -> &InboxHandle<Notice> {
        self.notices.as_ref().unwrap()
    }

    /// Puts a notice into the session's inbox.
    pub(crate) fn notify(&self, notice: Notice) {
        self.notices().push(notice).unwrap();
    }

    /// Fills the session's inbox, so that the session ends.
    pub(crate) fn overrun(&self) {
        while self.notices().push(Notice::GoingDown { minutes: 1 }).is_ok() {}
    }
}

impl Probe<Participant> {
    pub(crate) fn with_deliveries(
        self,
        deliveries: Option<InboxHandle<Delivery>>,
    ) -> Probe<Participant> {
        Probe { deliveries, ..self }
    }

    /// Returns where the conversation's events go.
    pub(crate) fn deliveries(&self) -> &InboxHandle<Delivery> {
        self.deliveries.as_ref().unwrap()
    }

    /// Puts a delivery into the participant's inbox.
    pub(crate) fn deliver(&self, delivery: Delivery) {
        self.deliveries().push(delivery).unwrap();
    }

    /// Fills the participant's inbox, so that the connection ends.
    pub(crate) fn overrun(&self) {
        while self.deliveries().push(Delivery::Inactive(Arc::from([]))).is_ok() {}
    }
}
