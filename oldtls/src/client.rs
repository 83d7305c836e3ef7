//! The client's side of a connection, for tests. It sends what old clients send, and checks what the
//! server sends.

use crate::fixed_rng::FixedRng;
use crate::protection::{Opener, Sealer};
use crate::record::{ContentType, HEADER_LEN, MAX_RECORD};
use crate::secrets::{MasterSecret, Randoms, SECRET_LEN, Side};
use crate::transcript::Transcript;
use crate::{Identity, Server, Suite, TlsError, Version};
use alloc::sync::Arc;
use alloc::vec::Vec;
use rsa::pkcs8::DecodePrivateKey;

pub(crate) const KEY: &[u8] = include_bytes!("../tests/data/key.der");
pub(crate) const CERTIFICATE: &[u8] = include_bytes!("../tests/data/certificate.der");

pub(crate) fn identity() -> Arc<Identity> {
    Arc::new(Identity::from_der(KEY, &[CERTIFICATE]).unwrap())
}

/// The form of the client's first message.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Form {
    Ssl2,
    Ssl3,
}

/// A client in the middle of its handshake, or after it.
pub(crate) struct Client {
    pub(crate) server: Server,
    pub(crate) rng: FixedRng,
    pub(crate) version: Version,
    pub(crate) suite: Suite,
    pub(crate) transcript: Transcript,
    randoms: Randoms,
    pub(crate) sealer: Option<Sealer>,
    pub(crate) opener: Option<Opener>,
    master: Option<MasterSecret>,
}

impl Client {
    pub(crate) fn new(version: Version, suite: Suite) -> Client {
        Client {
            server: Server::new(identity()),
            rng: FixedRng(1),
            version,
            suite,
            transcript: Transcript::default(),
            randoms: Randoms { client: [7; 32], server: [0; 32] },
            sealer: None,
            opener: None,
            master: None,
        }
    }

    /// Returns the bytes of the first message.
    pub(crate) fn hello(&mut self, form: Form) -> Vec<u8> {
        let (version, [high, low]) = (self.version.number(), self.suite.number().to_be_bytes());
        match form {
            Form::Ssl3 => {
                let body =
                    [&version[..], &self.randoms.client, &[0, 0, 2, high, low, 1, 0]].concat();
                self.handshake(1, &body)
            }
            Form::Ssl2 => {
                let suites = [1, 0, 0x80, 0, high, low];
                let head = [&[1][..], &version, &[0, 6, 0, 0, 0, 16]].concat();
                let message = [head, suites.to_vec(), [7; 16].to_vec()].concat();
                self.randoms.client = *[[0; 16], [7; 16]].as_flattened().first_chunk().unwrap();
                self.transcript.add(&message);
                [&[0x80, u8::try_from(message.len()).unwrap()][..], &message].concat()
            }
        }
    }

    /// Returns a record with a handshake message, and counts it as sent.
    pub(crate) fn handshake(&mut self, kind: u8, body: &[u8]) -> Vec<u8> {
        let [.., high, low] = u32::try_from(body.len()).unwrap().to_be_bytes();
        let message = [&[kind, 0, high, low], body].concat();
        self.transcript.add(&message);
        self.record(ContentType::Handshake, &message)
    }

    /// Returns a record, sealed once the keys are in use.
    pub(crate) fn record(&mut self, kind: ContentType, content: &[u8]) -> Vec<u8> {
        let version = self.version.number();
        let mut record = heapless::Vec::<u8, MAX_RECORD>::new();
        record.extend_from_slice(&[kind.number(), 3, version[1], 0, 0]).unwrap();
        record.extend_from_slice(content).unwrap();
        if let Some(sealer) = &mut self.sealer {
            assert!(sealer.seal(kind, version, &mut record, HEADER_LEN));
        }
        let len = u16::try_from(record.len() - HEADER_LEN).unwrap().to_be_bytes();
        record[3..5].copy_from_slice(&len);
        record.to_vec()
    }

    /// Takes the server's output. Returns its records, opened once the keys are in use.
    pub(crate) fn records(&mut self) -> Vec<(u8, Vec<u8>)> {
        let output = self.server.output().to_vec();
        self.server.advance(output.len());
        let (mut rest, mut records) = (output.as_slice(), Vec::new());
        while let Some(([kind, major, minor, high, low], after)) = rest.split_first_chunk() {
            let (content, after) = after.split_at(usize::from(u16::from_be_bytes([*high, *low])));
            rest = after;
            let mut content = content.to_vec();
            if let Some(opener) = &mut self.opener {
                let kinds = [ContentType::Alert, ContentType::Handshake, ContentType::Data];
                let known = kinds.into_iter().find(|known| known.number() == *kind).unwrap();
                let len = opener.open(known, [*major, *minor], &mut content).unwrap();
                content.truncate(len);
            }
            if *kind == 20 {
                let secret = self.master.as_ref().unwrap();
                let keys = secret.keys(self.suite, self.randoms);
                self.opener = Opener::new(self.version, self.suite, &keys.server);
            }
            records.push((*kind, content));
        }
        assert!(rest.is_empty());
        records
    }

    /// Gives bytes to the server, in pieces of this size.
    pub(crate) fn give(&mut self, bytes: &[u8], piece: usize) -> Result<(), TlsError> {
        for mut piece in bytes.chunks(piece) {
            while !piece.is_empty() {
                let taken = self.server.receive(piece, &mut self.rng)?;
                assert!(taken > 0, "the server takes nothing");
                piece = &piece[taken..];
            }
        }
        Ok(())
    }

    /// Sends the first message, and reads the server's random bytes. Returns the message.
    pub(crate) fn greet(&mut self, form: Form, piece: usize) -> Vec<u8> {
        let hello = self.hello(form);
        self.give(&hello, piece).unwrap();
        let records = self.records();
        let [(22, flight)] = records.as_slice() else { panic!("one record: {records:?}") };
        self.transcript.add(flight);
        assert_eq!(flight[0], 2);
        assert_eq!(flight[4..6], self.version.number());
        self.randoms.server = *flight[6..].first_chunk().unwrap();
        assert_eq!(flight[39..41], self.suite.number().to_be_bytes());
        assert!(flight.windows(CERTIFICATE.len()).any(|part| part == CERTIFICATE));
        assert!(flight.ends_with(&[14, 0, 0, 0]));
        hello
    }

    /// Returns the three records that follow, and takes the keys into use.
    pub(crate) fn exchange(&mut self, premaster: [u8; SECRET_LEN]) -> [Vec<u8>; 3] {
        let key = rsa::PrivateKey::from_pkcs8_der(KEY).unwrap();
        let public = key.to_public_key();
        let encrypted = public.pkcs1v15_encrypt_with_rng(&mut self.rng, &premaster).unwrap();
        let len = u16::try_from(encrypted.len()).unwrap().to_be_bytes();
        let body = match self.version {
            Version::Ssl3 => encrypted,
            Version::Tls1 => [&len, encrypted.as_slice()].concat(),
        };
        let exchange = self.handshake(16, &body);
        let change = self.record(ContentType::ChangeCipherSpec, &[1]);
        let secret = MasterSecret::new(self.version, &premaster, self.randoms);
        let keys = secret.keys(self.suite, self.randoms);
        self.sealer = Sealer::new(self.version, self.suite, &keys.client);
        let proof = secret.proof(Side::Client, &self.transcript);
        self.master = Some(secret);
        let finished = self.handshake(20, &proof);
        [exchange, change, finished]
    }

    pub(crate) fn premaster(&self) -> [u8; SECRET_LEN] {
        let mut premaster = [5; SECRET_LEN];
        premaster[..2].copy_from_slice(&self.version.number());
        premaster
    }

    /// Completes the handshake.
    pub(crate) fn connect(version: Version, suite: Suite, form: Form, piece: usize) -> Client {
        let mut client = Client::new(version, suite);
        client.greet(form, piece);
        let premaster = client.premaster();
        let records = client.exchange(premaster);
        client.give(&records.concat(), piece).unwrap();
        let expected = client.master.as_ref().unwrap().proof(Side::Server, &client.transcript);
        let records = client.records();
        let [(20, change), (22, finished)] = records.as_slice() else { panic!("{records:?}") };
        assert_eq!(change.as_slice(), [1]);
        assert_eq!(finished[4..], expected);
        assert!(client.server.is_open());
        client
    }
}
