//! What a client sends to the TLS server. It is taken or refused in the same way wherever the bytes are
//! split. The server's random bytes are always the same, so that an input can be a whole connection.

use oldtls::rand_core::{TryCryptoRng, TryRng};
use oldtls::{Identity, Server, TlsError};
use std::sync::{Arc, OnceLock};

#[path = "../../oldtls/src/fixed_rng.rs"]
mod fixed_rng;
use fixed_rng::FixedRng;

pub(super) const WORDS: &str = "\
    \u{16}\u{3}\u{1}|\u{16}\u{3}\u{0}|\u{14}\u{3}\u{1}\u{0}\u{1}\u{1}|\u{15}\u{3}\u{1}\u{0}\u{2}|\u{17}\u{3}\u{1}|\
    \u{1}\u{0}\u{0}|\u{10}\u{0}\u{0}|\u{14}\u{0}\u{0}|\u{0}\u{4}|\u{0}\u{5}|\u{0}\u{a}|\u{0}\u{2f}";

static IDENTITY: OnceLock<Arc<Identity>> = OnceLock::new();

fn identity() -> Arc<Identity> {
    let key = include_bytes!("../../oldtls/tests/data/key.der");
    let certificate = include_bytes!("../../oldtls/tests/data/certificate.der");
    let identity = || Identity::from_der(key, &[certificate]).expect("the identity is valid");
    IDENTITY.get_or_init(|| identity().into()).clone()
}

/// What a connection led to.
#[derive(Debug, PartialEq, Eq)]
struct Outcome {
    result: Result<(), TlsError>,
    received: Vec<u8>,
    sent: Vec<u8>,
}

pub(super) fn run(bytes: &[u8]) {
    let whole = serve(bytes, usize::MAX);
    assert_eq!(serve(bytes, 1), whole);
    assert_eq!(serve(bytes, 100), whole);
}

/// Gives the bytes to a server in pieces of this size, and repeats to the client what it sent.
fn serve(bytes: &[u8], piece: usize) -> Outcome {
    let (mut server, mut rng) = (Box::new(Server::new(identity())), FixedRng(1));
    let (mut received, mut sent, mut result) = (Vec::new(), Vec::new(), Ok(()));
    'client: for mut piece in bytes.chunks(piece) {
        while !piece.is_empty() {
            let taken = server.receive(piece, &mut rng);
            let data = server.data().to_vec();
            assert!(data.len() <= 16_384, "a record has at most 16 KiB");
            server.send(&data);
            server.consume(data.len());
            received.extend_from_slice(&data);
            let output = server.output().to_vec();
            server.advance(output.len());
            assert!(server.output().is_empty(), "all output was sent");
            sent.extend_from_slice(&output);
            match taken {
                Ok(taken) => {
                    assert!(taken > 0, "what is sent and consumed makes room");
                    piece = piece.get(taken..).unwrap_or_default();
                }
                Err(error) => {
                    assert!(server.has_ended());
                    result = Err(error);
                    break 'client;
                }
            }
        }
    }
    Outcome { result, received, sent }
}
