//! The cipher suites. All exchange the key by RSA.

/// A cipher suite.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Suite {
    /// `TLS_RSA_WITH_AES_128_CBC_SHA`: what current libraries have in common with this server.
    Aes128Sha,
    /// `TLS_RSA_WITH_3DES_EDE_CBC_SHA`
    TripleDesSha,
    /// `TLS_RSA_WITH_RC4_128_SHA`
    Rc4Sha,
    /// `TLS_RSA_WITH_RC4_128_MD5`
    Rc4Md5,
}

/// The hash function of the message authentication codes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum MacHash {
    Md5,
    Sha1,
}

impl Suite {
    /// All suites. The server takes the first one that the client has.
    pub const ALL: [Suite; 4] =
        [Suite::Aes128Sha, Suite::TripleDesSha, Suite::Rc4Sha, Suite::Rc4Md5];

    /// Returns the number of the suite in handshake messages.
    pub fn number(self) -> u16 {
        match self {
            Suite::Aes128Sha => 0x002F,
            Suite::TripleDesSha => 0x000A,
            Suite::Rc4Sha => 0x0005,
            Suite::Rc4Md5 => 0x0004,
        }
    }

    pub(crate) fn mac_hash(self) -> MacHash {
        match self {
            Suite::Aes128Sha | Suite::TripleDesSha | Suite::Rc4Sha => MacHash::Sha1,
            Suite::Rc4Md5 => MacHash::Md5,
        }
    }

    /// Length of a key in bytes.
    pub(crate) fn key_len(self) -> usize {
        match self {
            Suite::Aes128Sha | Suite::Rc4Sha | Suite::Rc4Md5 => 16,
            Suite::TripleDesSha => 24,
        }
    }

    /// Length of a block and of the initialisation vector in bytes. 0 for a stream cipher.
    pub(crate) fn block_len(self) -> usize {
        match self {
            Suite::Aes128Sha => 16,
            Suite::TripleDesSha => 8,
            Suite::Rc4Sha | Suite::Rc4Md5 => 0,
        }
    }
}

impl MacHash {
    /// Length of a code, and of its key, in bytes.
    pub(crate) fn len(self) -> usize {
        match self {
            MacHash::Md5 => 16,
            MacHash::Sha1 => 20,
        }
    }
}
