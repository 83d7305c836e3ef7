//! The client's first message, in the form of SSL 3.0 and in that of SSL 2.0.

use crate::reader::Reader;
use crate::{Suite, TlsError};

/// The number that stands for "I know secure renegotiation" in a list of cipher suites (RFC 5746).
const RENEGOTIATION_SUITE: u32 = 0x00FF;

/// The extension of the same meaning.
const RENEGOTIATION_EXTENSION: u16 = 0xFF01;

/// What the server uses of a `ClientHello`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct ClientHello {
    /// The client's highest version, as major and minor number.
    pub(crate) version: [u8; 2],
    pub(crate) random: [u8; 32],
    /// The first suite of [`Suite::ALL`] that the client has.
    pub(crate) suite: Option<Suite>,
    /// Whether the client knows secure renegotiation. If so, the server must answer that it knows
    /// it too: current clients refuse it otherwise, even though neither side renegotiates.
    pub(crate) knows_renegotiation: bool,
}

/// The offered suites.
#[derive(Default)]
struct Offer {
    suites: [bool; Suite::ALL.len()],
    knows_renegotiation: bool,
}

impl Offer {
    /// Adds a suite. `number` has three bytes in the form of SSL 2.0: its own suites have a first byte
    /// other than 0, and are unknown here.
    fn add(&mut self, number: u32) {
        self.knows_renegotiation |= number == RENEGOTIATION_SUITE;
        for (suite, is_offered) in Suite::ALL.into_iter().zip(&mut self.suites) {
            *is_offered |= u32::from(suite.number()) == number;
        }
    }

    fn best(&self) -> Option<Suite> {
        let mut suites = Suite::ALL.into_iter().zip(self.suites);
        suites.find_map(|(suite, is_offered)| is_offered.then_some(suite))
    }
}

impl ClientHello {
    /// Reads the body of a message in the form of SSL 3.0, without its type and length.
    ///
    /// # Errors
    /// [`TlsError::Malformed`].
    pub(crate) fn parse(body: &[u8]) -> Result<ClientHello, TlsError> {
        let mut body = Reader(body);
        let (version, random) = (body.array()?, body.array()?);
        let session_len = body.u8()?;
        if session_len > 32 {
            return Err(TlsError::Malformed);
        }
        body.bytes(session_len.into())?;
        let suites_len = body.u16()?;
        let mut suites = Reader(body.bytes(suites_len.into())?);
        if suites.is_empty() {
            return Err(TlsError::Malformed);
        }
        let mut offer = Offer::default();
        while !suites.is_empty() {
            offer.add(suites.u16()?.into());
        }
        let compressions_len = body.u8()?;
        if !body.bytes(compressions_len.into())?.contains(&0) {
            return Err(TlsError::Malformed);
        }
        // SSL 3.0 allows anything here. Extensions are a list with a length.
        if !body.is_empty() && version > [3, 0] {
            let extensions_len = body.u16()?;
            let mut extensions = Reader(body.bytes(extensions_len.into())?);
            while !extensions.is_empty() {
                let (kind, len) = (extensions.u16()?, extensions.u16()?);
                extensions.bytes(len.into())?;
                offer.knows_renegotiation |= kind == RENEGOTIATION_EXTENSION;
            }
        }
        let (suite, knows_renegotiation) = (offer.best(), offer.knows_renegotiation);
        Ok(ClientHello { version, random, suite, knows_renegotiation })
    }

    /// Reads a message in the form of SSL 2.0, from its type on, without the length before it.
    /// Internet Explorer 5 and 6 send it if SSL 2.0 is switched on.
    ///
    /// # Errors
    /// [`TlsError::Malformed`].
    pub(crate) fn parse_ssl2(message: &[u8]) -> Result<ClientHello, TlsError> {
        let mut message = Reader(message);
        if message.u8()? != 1 {
            return Err(TlsError::Malformed);
        }
        let version = message.array()?;
        let (suites_len, session_len) = (message.u16()?, message.u16()?);
        let challenge_len = usize::from(message.u16()?);
        let mut suites = Reader(message.bytes(suites_len.into())?);
        let mut offer = Offer::default();
        while !suites.is_empty() {
            let [high, middle, low] = suites.array()?;
            offer.add(u32::from_be_bytes([0, high, middle, low]));
        }
        message.bytes(session_len.into())?;
        let challenge = message.bytes(challenge_len)?;
        if !(16..=32).contains(&challenge_len) || !message.is_empty() {
            return Err(TlsError::Malformed);
        }
        // The challenge is the end of the random bytes.
        let mut random = [0; 32];
        let end = random.iter_mut().rev().zip(challenge.iter().rev());
        end.for_each(|(to, from)| *to = *from);
        let (suite, knows_renegotiation) = (offer.best(), offer.knows_renegotiation);
        Ok(ClientHello { version, random, suite, knows_renegotiation })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use alloc::vec::Vec;

    fn hello(suites: &[u8], end: &[u8]) -> Vec<u8> {
        let mut body = [&[3, 1][..], &[7; 32], &[0], &[0]].concat();
        body.push(suites.len().try_into().unwrap());
        body.extend_from_slice(suites);
        body.extend_from_slice(end);
        body
    }

    #[test]
    fn the_servers_order_of_suites_decides() {
        let best = |suites: &[u8]| ClientHello::parse(&hello(suites, &[1, 0])).unwrap().suite;
        assert_eq!(best(&[0, 4, 0, 5, 0, 10, 0, 9]), Some(Suite::TripleDesSha));
        assert_eq!(best(&[0, 4, 0, 5, 0, 10, 0, 0x2F]), Some(Suite::Aes128Sha));
        assert_eq!(best(&[0, 4, 0, 5]), Some(Suite::Rc4Sha));
        assert_eq!(best(&[0, 9, 0, 0x35]), None);
    }

    #[test]
    fn secure_renegotiation_is_a_suite_or_an_extension() {
        let knows = |suites: &[u8], end: &[u8]| {
            ClientHello::parse(&hello(suites, end)).unwrap().knows_renegotiation
        };
        assert!(!knows(&[0, 4], &[1, 0]));
        assert!(knows(&[0, 4, 0, 0xFF], &[1, 0]));
        assert!(knows(&[0, 4], &[1, 0, 0, 5, 0xFF, 1, 0, 1, 0]));
        assert!(!knows(&[0, 4], &[1, 0, 0, 4, 0, 0, 0, 0]));
    }

    #[test]
    fn a_hello_is_malformed_wherever_it_is_cut() {
        let whole = hello(&[0, 4], &[1, 0, 0, 4, 0, 0, 0, 0]);
        for len in 0..whole.len() {
            // Without its extensions, it is a whole one too.
            let expected = len == whole.len() - 6;
            assert_eq!(ClientHello::parse(&whole[..len]).is_ok(), expected, "{len}");
        }
    }

    #[test]
    fn the_challenge_of_ssl_2_is_the_end_of_the_random_bytes() {
        let message = [&[1, 3, 0, 0, 6, 0, 0, 0, 16, 1, 0, 0x80, 0, 0, 4][..], &[9; 16]].concat();
        let hello = ClientHello::parse_ssl2(&message).unwrap();
        assert_eq!((hello.version, hello.suite), ([3, 0], Some(Suite::Rc4Md5)));
        assert_eq!(hello.random, *[[0; 16], [9; 16]].as_flattened());
        for len in 0..message.len() {
            assert_eq!(ClientHello::parse_ssl2(&message[..len]), Err(TlsError::Malformed), "{len}");
        }
    }
}
