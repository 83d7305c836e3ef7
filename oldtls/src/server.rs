//! The server's side of a connection.

use crate::hello::ClientHello;
use crate::protection::{Opener, Sealer};
use crate::reader::Reader;
use crate::record::{ContentType, HEADER_LEN, Header, MAX_DATA, MAX_RECORD, ssl2_len};
use crate::secrets::{MasterSecret, Randoms, Side};
use crate::transcript::Transcript;
use crate::{Identity, MAX_CHAIN, Suite, TlsError, Version};
use alloc::sync::Arc;
use heapless::Vec;
use rand_core::TryCryptoRng;
use subtle::ConstantTimeEq;

/// The maximum length of a handshake message of the client in bytes.
pub const MAX_HANDSHAKE_MESSAGE: usize = 4096;

/// The maximum number of bytes of data that a record of the server has.
const MAX_DATA_SENT: usize = 4096;

/// What the longest record of the server needs beside its data: header, code and padding.
const RECORD_OVERHEAD: usize = HEADER_LEN + 20 + 16;

/// Room for an alert, which data leaves free.
const ALERT_ROOM: usize = 2 + RECORD_OVERHEAD;

/// The server's first messages: their fixed fields, and the certificates.
const FIRST_FLIGHT: usize = 128 + MAX_CHAIN;

/// Capacity of the output in bytes.
const OUTPUT: usize = FIRST_FLIGHT + MAX_DATA_SENT + RECORD_OVERHEAD + ALERT_ROOM;

/// The maximum number of warnings that a client may send.
const MAX_WARNINGS: u8 = 8;

/// The numbers of handshake messages.
mod message {
    pub(super) const CLIENT_HELLO: u8 = 1;
    pub(super) const SERVER_HELLO: u8 = 2;
    pub(super) const CERTIFICATE: u8 = 11;
    pub(super) const SERVER_HELLO_DONE: u8 = 14;
    pub(super) const CLIENT_KEY_EXCHANGE: u8 = 16;
    pub(super) const FINISHED: u8 = 20;
}

/// What client and server agreed on by their first messages.
struct Agreement {
    version: Version,
    suite: Suite,
    randoms: Randoms,
    /// The client's highest version, as major and minor number.
    offered: [u8; 2],
}

/// The secrets of a handshake, from the key exchange on.
struct HandshakeSecrets {
    secret: MasterSecret,
    opener: Opener,
    sealer: Sealer,
}

/// What the server waits for.
#[expect(
    clippy::large_enum_variant,
    reason = "a connection has one, and nothing is allocated for it"
)]
enum State {
    ClientHello,
    KeyExchange(Agreement),
    ChangeCipherSpec(HandshakeSecrets),
    Finished {
        secret: MasterSecret,
        sealer: Sealer,
    },
    /// The handshake is complete.
    Open,
    /// The connection has ended. Only output is left.
    Ended,
}

/// The server's side of one connection. It reads and writes nothing itself:
///
/// 1. Give it the bytes from the client ([`receive`](Server::receive)).
/// 2. Take the data that the client sent ([`data`](Server::data), [`consume`](Server::consume)) and
///    add data for the client ([`send`](Server::send)).
/// 3. Send [`output`](Server::output) to the client, and say how much of it was sent
///    ([`advance`](Server::advance)).
///
/// After an error, and after [`close`](Server::close), send the rest of the output and close the
/// connection.
///
/// A server takes about 30 KiB and does not grow: keep it in a `Box`.
pub struct Server {
    identity: Arc<Identity>,
    state: State,
    version: Version,
    suite: Option<Suite>,
    /// The record that is being received, or one with data until all of it is consumed.
    input: Vec<u8, MAX_RECORD>,
    /// The data in `input` that is not consumed.
    data: core::ops::Range<usize>,
    output: Vec<u8, OUTPUT>,
    /// A handshake message that has begun.
    message: Vec<u8, MAX_HANDSHAKE_MESSAGE>,
    transcript: Transcript,
    opener: Option<Opener>,
    sealer: Option<Sealer>,
    /// The number of warnings from the client.
    warnings: u8,
}

impl Server {
    /// Creates the server's side of a new connection.
    pub fn new(identity: Arc<Identity>) -> Server {
        Server {
            identity,
            state: State::ClientHello,
            version: Version::Tls1,
            suite: None,
            input: Vec::new(),
            data: 0..0,
            output: Vec::new(),
            message: Vec::new(),
            transcript: Transcript::default(),
            opener: None,
            sealer: None,
            warnings: 0,
        }
    }

    /// Takes bytes from the client. Returns the number of bytes taken: fewer than given if there is
    /// data to consume or output to send first.
    ///
    /// # Errors
    /// [`TlsError`] if the connection has ended. An alert for the client may be in the output.
    pub fn receive<R: TryCryptoRng + ?Sized>(
        &mut self,
        bytes: &[u8],
        rng: &mut R,
    ) -> Result<usize, TlsError> {
        let mut rest = bytes;
        while !rest.is_empty() && self.data.is_empty() {
            if matches!(self.state, State::Ended) {
                return Err(TlsError::Ended);
            }
            // The handshake has one message under way. Later, only an alert needs room.
            let needs_empty_output = !matches!(self.state, State::Open);
            if needs_empty_output && !self.output.is_empty() {
                break;
            }
            let result = self.fill(&mut rest).and_then(|is_whole| match is_whole {
                true => self.record(rng),
                false => Ok(()),
            });
            result.map_err(|error| self.fail(error))?;
        }
        Ok(bytes.len() - rest.len())
    }

    /// Returns the data that was received and not yet consumed.
    pub fn data(&self) -> &[u8] {
        self.input.get(self.data.clone()).unwrap_or_default()
    }

    /// Records that the first `count` bytes of the data were used.
    pub fn consume(&mut self, count: usize) {
        if self.data.is_empty() {
            // `input` may have the start of a record.
            return;
        }
        self.data.start = self.data.start.saturating_add(count).min(self.data.end);
        if self.data.is_empty() {
            self.drop_record();
        }
    }

    /// Adds data for the client to the output. Returns the number of bytes taken: none before the
    /// handshake is complete, or if other output must be sent first.
    pub fn send(&mut self, data: &[u8]) -> usize {
        if !self.is_open() {
            return 0;
        }
        let room = OUTPUT.saturating_sub(self.output.len() + RECORD_OVERHEAD + ALERT_ROOM);
        let taken = data.get(..data.len().min(room).min(MAX_DATA_SENT)).unwrap_or_default();
        if taken.is_empty() || !self.write(ContentType::Data, &[taken]) {
            return 0;
        }
        taken.len()
    }

    /// Makes room for the next record.
    fn drop_record(&mut self) {
        self.data = 0..0;
        self.input.clear();
    }

    /// Returns the bytes to send to the client.
    pub fn output(&self) -> &[u8] {
        &self.output
    }

    /// Records that the first `count` bytes of the output were sent.
    pub fn advance(&mut self, count: usize) {
        let count = count.min(self.output.len());
        self.output.copy_within(count.., 0);
        self.output.truncate(self.output.len() - count);
    }

    /// Ends the connection, and announces it to the client.
    pub fn close(&mut self) {
        if !matches!(self.state, State::Ended) {
            self.end(&[1, 0]);
        }
    }

    /// Returns whether the handshake is complete and the connection has not ended.
    pub fn is_open(&self) -> bool {
        matches!(self.state, State::Open)
    }

    /// Returns whether the connection has ended.
    pub fn has_ended(&self) -> bool {
        matches!(self.state, State::Ended)
    }

    /// Returns the version and the suite, once they are agreed on.
    pub fn negotiated(&self) -> Option<(Version, Suite)> {
        self.suite.map(|suite| (self.version, suite))
    }

    fn fail(&mut self, error: TlsError) -> TlsError {
        match error.alert(self.version) {
            Some(alert) => self.end(&[2, alert]),
            None => self.state = State::Ended,
        }
        error
    }

    /// Sends an alert and ends the connection. `alert` is its level (1 warning, 2 fatal) and
    /// number.
    fn end(&mut self, alert: &[u8; 2]) {
        self.state = State::Ended;
        self.data = 0..0;
        // There is room: data leaves it free.
        let _ = self.write(ContentType::Alert, &[alert]);
    }

    /// Moves bytes into `input` until it has a whole record. Returns whether it has.
    fn fill(&mut self, rest: &mut &[u8]) -> Result<bool, TlsError> {
        let needed = self.record_len()?.unwrap_or(HEADER_LEN);
        let missing = needed.saturating_sub(self.input.len()).min(rest.len());
        let (taken, after) = rest.split_at_checked(missing).ok_or(TlsError::TooLong)?;
        self.input.extend_from_slice(taken).map_err(|_| TlsError::TooLong)?;
        *rest = after;
        Ok(self.record_len()? == Some(self.input.len()))
    }

    /// Returns the length of the record in `input` with its header, if `input` has that.
    fn record_len(&self) -> Result<Option<usize>, TlsError> {
        let Some(&header) = self.input.first_chunk() else { return Ok(None) };
        if matches!(self.state, State::ClientHello)
            && self.message.is_empty()
            && let Some(len) = ssl2_len(header)
        {
            // A shorter message has no room for a challenge, and would end before the bytes that
            // were read already.
            let is_possible = (HEADER_LEN..=MAX_HANDSHAKE_MESSAGE).contains(&len);
            return if is_possible { Ok(Some(2 + len)) } else { Err(TlsError::Malformed) };
        }
        Header::parse(header).map(|header| Some(HEADER_LEN + header.len))
    }

    /// Handles the whole record in `input`.
    fn record<R: TryCryptoRng + ?Sized>(&mut self, rng: &mut R) -> Result<(), TlsError> {
        let Some(&header) = self.input.first_chunk() else { return Err(TlsError::Malformed) };
        if matches!(self.state, State::ClientHello)
            && self.message.is_empty()
            && ssl2_len(header).is_some()
        {
            let input = core::mem::take(&mut self.input);
            let message = input.get(2..).unwrap_or_default();
            self.transcript.add(message);
            let hello = ClientHello::parse_ssl2(message)?;
            return self.client_hello(&hello, rng);
        }
        let Header { kind, version, .. } = Header::parse(header)?;
        let content = self.input.get_mut(HEADER_LEN..).unwrap_or_default();
        let len = match &mut self.opener {
            Some(opener) => opener.open(kind, version, content)?,
            None => content.len(),
        };
        if len > MAX_DATA {
            return Err(TlsError::TooLong);
        }
        self.data = HEADER_LEN..HEADER_LEN + len;
        if kind == ContentType::Data {
            if !matches!(self.state, State::Open) {
                return Err(TlsError::Unexpected);
            }
            // Clients send empty records, and single bytes, before the data.
            if self.data.is_empty() {
                self.drop_record();
            }
            return Ok(());
        }
        // Nothing but data stays in `input`.
        let input = core::mem::take(&mut self.input);
        let content = input.get(core::mem::take(&mut self.data)).unwrap_or_default();
        match kind {
            ContentType::ChangeCipherSpec => self.change_cipher_spec(content),
            ContentType::Alert => self.alert(content),
            ContentType::Handshake | ContentType::Data => self.handshake(content, rng),
        }
    }

    fn alert(&mut self, content: &[u8]) -> Result<(), TlsError> {
        let mut content = Reader(content);
        let [level, number] = content.array()?;
        if !content.is_empty() {
            return Err(TlsError::Malformed);
        }
        match (level, number) {
            // The client closes the connection.
            (_, 0) => {
                self.close();
                Ok(())
            }
            (1, _) if self.warnings < MAX_WARNINGS => {
                self.warnings += 1;
                Ok(())
            }
            (_, number) => Err(TlsError::PeerAlert(number)),
        }
    }

    fn change_cipher_spec(&mut self, content: &[u8]) -> Result<(), TlsError> {
        let state = core::mem::replace(&mut self.state, State::Ended);
        let State::ChangeCipherSpec(secrets) = state else { return Err(TlsError::Unexpected) };
        if content != [1] {
            return Err(TlsError::Malformed);
        }
        // The keys change between two messages.
        if !self.message.is_empty() {
            return Err(TlsError::Unexpected);
        }
        let HandshakeSecrets { secret, opener, sealer } = secrets;
        self.opener = Some(opener);
        self.state = State::Finished { secret, sealer };
        Ok(())
    }

    /// Handles the handshake messages that `content` completes.
    fn handshake<R: TryCryptoRng + ?Sized>(
        &mut self,
        content: &[u8],
        rng: &mut R,
    ) -> Result<(), TlsError> {
        // An empty record here helps no one.
        if content.is_empty() {
            return Err(TlsError::Malformed);
        }
        if matches!(self.state, State::Open) {
            return Err(TlsError::Unexpected);
        }
        let mut rest = content;
        while !rest.is_empty() {
            let header = self.message.first_chunk::<4>();
            let needed = header.map_or(4, |&[_, len @ ..]| 4 + message_len(len));
            let missing = needed.saturating_sub(self.message.len()).min(rest.len());
            let (taken, after) = rest.split_at_checked(missing).ok_or(TlsError::TooLong)?;
            self.message.extend_from_slice(taken).map_err(|_| TlsError::TooLong)?;
            rest = after;
            let Some(&[kind, len @ ..]) = self.message.first_chunk::<4>() else { continue };
            let whole_len = 4 + message_len(len);
            if whole_len > MAX_HANDSHAKE_MESSAGE {
                return Err(TlsError::TooLong);
            }
            if self.message.len() < whole_len {
                continue;
            }
            let message = core::mem::take(&mut self.message);
            // No message of a client follows another directly: between them, the server answers or
            // the keys change.
            if !rest.is_empty() {
                return Err(TlsError::Unexpected);
            }
            self.handshake_message(kind, &message, rng)?;
        }
        Ok(())
    }

    /// Handles a message. `message` includes its type and length.
    fn handshake_message<R: TryCryptoRng + ?Sized>(
        &mut self,
        kind: u8,
        message: &[u8],
        rng: &mut R,
    ) -> Result<(), TlsError> {
        let body = message.get(4..).unwrap_or_default();
        match (core::mem::replace(&mut self.state, State::Ended), kind) {
            (State::ClientHello, message::CLIENT_HELLO) => {
                self.transcript.add(message);
                let hello = ClientHello::parse(body)?;
                self.client_hello(&hello, rng)
            }
            (State::KeyExchange(agreement), message::CLIENT_KEY_EXCHANGE) => {
                self.transcript.add(message);
                self.key_exchange(&agreement, body, rng)
            }
            (State::Finished { secret, sealer }, message::FINISHED) => {
                let proof = secret.proof(Side::Client, &self.transcript);
                if !bool::from(proof.as_slice().ct_eq(body)) {
                    return Err(TlsError::BadFinished);
                }
                self.transcript.add(message);
                self.finish(&secret, sealer)
            }
            _ => Err(TlsError::Unexpected),
        }
    }

    fn client_hello<R: TryCryptoRng + ?Sized>(
        &mut self,
        client: &ClientHello,
        rng: &mut R,
    ) -> Result<(), TlsError> {
        let version = Version::negotiate(client.version).ok_or(TlsError::NoCommonVersion)?;
        self.version = version;
        let suite = client.suite.ok_or(TlsError::NoCommonSuite)?;
        self.suite = Some(suite);
        let mut server = [0; 32];
        rng.try_fill_bytes(&mut server).map_err(|_| TlsError::Random)?;
        // No session id: connections are not resumed. No compression.
        let [suite_high, suite_low] = suite.number().to_be_bytes();
        let end = [0, suite_high, suite_low, 0];
        // One extension, of five bytes: an empty list of earlier handshakes.
        let extensions: &[u8] =
            if client.knows_renegotiation { &[0, 5, 0xFF, 1, 0, 1, 0] } else { &[] };
        let identity = self.identity.clone();
        let chain = identity.chain();
        let number = version.number();
        self.flight(&[
            (message::SERVER_HELLO, &[&number, &server, &end, extensions]),
            (message::CERTIFICATE, &[&three_bytes(chain.len()), chain]),
            (message::SERVER_HELLO_DONE, &[]),
        ])?;
        let randoms = Randoms { client: client.random, server };
        let offered = client.version;
        self.state = State::KeyExchange(Agreement { version, suite, randoms, offered });
        Ok(())
    }

    fn key_exchange<R: TryCryptoRng + ?Sized>(
        &mut self,
        agreement: &Agreement,
        body: &[u8],
        rng: &mut R,
    ) -> Result<(), TlsError> {
        let Agreement { version, suite, randoms, offered } = *agreement;
        let ciphertext = match version {
            Version::Ssl3 => body,
            Version::Tls1 => {
                let mut body = Reader(body);
                let len = body.u16()?;
                let ciphertext = body.bytes(len.into())?;
                if !body.is_empty() {
                    return Err(TlsError::Malformed);
                }
                ciphertext
            }
        };
        let premaster = self.identity.decrypt_premaster(ciphertext, offered, rng);
        let premaster = premaster.map_err(|_| TlsError::Random)?;
        let secret = MasterSecret::new(version, &premaster, randoms);
        let keys = secret.keys(suite, randoms);
        // The keys have the lengths of the suite.
        let opener = Opener::new(version, suite, &keys.client).ok_or(TlsError::NoCommonSuite)?;
        let sealer = Sealer::new(version, suite, &keys.server).ok_or(TlsError::NoCommonSuite)?;
        self.state = State::ChangeCipherSpec(HandshakeSecrets { secret, opener, sealer });
        Ok(())
    }

    fn finish(&mut self, secret: &MasterSecret, sealer: Sealer) -> Result<(), TlsError> {
        if !self.write(ContentType::ChangeCipherSpec, &[&[1]]) {
            return Err(TlsError::TooLong);
        }
        self.sealer = Some(sealer);
        let proof = secret.proof(Side::Server, &self.transcript);
        self.flight(&[(message::FINISHED, &[&proof])])?;
        self.state = State::Open;
        Ok(())
    }

    /// Sends handshake messages in one record.
    fn flight(&mut self, messages: &[(u8, &[&[u8]])]) -> Result<(), TlsError> {
        let mut flight = Vec::<u8, FIRST_FLIGHT>::new();
        for (kind, parts) in messages {
            let len = parts.iter().map(|part| part.len()).sum();
            let start = flight.len();
            let mut is_added = flight.push(*kind).is_ok();
            is_added &= flight.extend_from_slice(&three_bytes(len)).is_ok();
            for part in *parts {
                is_added &= flight.extend_from_slice(part).is_ok();
            }
            if !is_added {
                return Err(TlsError::TooLong);
            }
            self.transcript.add(flight.get(start..).unwrap_or_default());
        }
        match self.write(ContentType::Handshake, &[&flight]) {
            true => Ok(()),
            false => Err(TlsError::TooLong),
        }
    }

    /// Adds a record to the output, sealed once the keys are in use. Returns `false` if there is no
    /// room: then the connection cannot continue.
    #[must_use]
    fn write(&mut self, kind: ContentType, parts: &[&[u8]]) -> bool {
        let header_start = self.output.len();
        let version = self.version.number();
        let [major, minor] = version;
        let start = header_start + HEADER_LEN;
        let mut is_written =
            self.output.extend_from_slice(&[kind.number(), major, minor, 0, 0]).is_ok();
        for part in parts {
            is_written &= self.output.extend_from_slice(part).is_ok();
        }
        if let Some(sealer) = &mut self.sealer {
            is_written &= sealer.seal(kind, version, &mut self.output, start);
        }
        let len = u16::try_from(self.output.len().saturating_sub(start));
        match (len, self.output.get_mut(header_start + 3..start)) {
            (Ok(len), Some(field)) if is_written => field.copy_from_slice(&len.to_be_bytes()),
            _ => {
                self.output.truncate(header_start);
                return false;
            }
        }
        true
    }
}

/// Returns the length of a message from its header.
fn message_len([high, middle, low]: [u8; 3]) -> usize {
    usize::from(high) << 16 | usize::from(u16::from_be_bytes([middle, low]))
}

/// Returns a length as in a message. All of the server's are shorter than 2¹⁶ bytes.
fn three_bytes(len: usize) -> [u8; 3] {
    let [high, low] = u16::try_from(len).unwrap_or(u16::MAX).to_be_bytes();
    [0, high, low]
}
