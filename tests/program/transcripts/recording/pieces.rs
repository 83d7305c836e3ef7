//! How a client's bytes are split into writes. The recordings do not show it.

/// One way of splitting them into writes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Pieces {
    /// Each command in one write, with its payload.
    WholeLines,
    SingleBytes,
    /// As libmsn2 does: a digest in sixteen writes of two digits, and a payload separate from its command.
    AsLibmsn2,
}

const DIGITS: usize = 32;

impl Pieces {
    /// Returns the writes of a command. Its payload may be empty.
    pub(crate) fn cut(self, command: &[u8], payload: &[u8]) -> Vec<Vec<u8>> {
        match self {
            Self::WholeLines => vec![[command, payload].concat()],
            Self::SingleBytes => {
                [command, payload].concat().chunks(1).map(<[u8]>::to_vec).collect()
            }
            Self::AsLibmsn2 => {
                let (before, rest) = command.split_at(digest_at(command));
                let (digest, end) = rest.split_at(rest.len().min(DIGITS));
                let size = if command.starts_with(b"QRY ") { 2 } else { payload.len().max(1) };
                let pieces = [before].into_iter().chain(digest.chunks(2)).chain([end]);
                let pieces = pieces.chain(payload.chunks(size));
                pieces.filter(|piece| !piece.is_empty()).map(<[u8]>::to_vec).collect()
            }
        }
    }
}

/// Returns the position of the digest in `USR t MD5 S digest`, or the end of any other command.
fn digest_at(command: &[u8]) -> usize {
    const BEFORE: &[u8] = b" MD5 S ";
    let found = command.windows(BEFORE.len()).position(|window| window == BEFORE);
    found
        .filter(|_| command.starts_with(b"USR "))
        .map_or(command.len(), |found| found + BEFORE.len())
}

#[cfg(test)]
mod tests {
    use super::Pieces;

    const DIGEST: &[u8] = b"8f2f5a91b72102cd28355e9fc9000d6e";

    fn lengths(pieces: Pieces, command: &[u8], payload: &[u8]) -> Vec<usize> {
        let cut = pieces.cut(command, payload);
        assert_eq!(cut.concat(), [command, payload].concat());
        cut.iter().map(Vec::len).collect()
    }

    #[test]
    fn nothing_is_lost_and_pieces_are_what_they_are_called() {
        assert_eq!(lengths(Pieces::WholeLines, b"MSG 3 N 4\r\n", b"text"), [15]);
        assert_eq!(lengths(Pieces::SingleBytes, b"QNG\r\n", b""), [1; 5]);
    }

    #[test]
    fn libmsn2_writes_digests_by_two_digits_and_payloads_apart() {
        let usr = [b"USR 14 MD5 S ", DIGEST, b"\r\n"].concat();
        let expected = [&[13][..], &[2; 16], &[2]].concat();
        assert_eq!(lengths(Pieces::AsLibmsn2, &usr, b""), expected);
        let qry = b"QRY 24 msmsgs@msnmsgr.com 32\r\n";
        assert_eq!(lengths(Pieces::AsLibmsn2, qry, DIGEST), [&[30][..], &[2; 16]].concat());
        assert_eq!(lengths(Pieces::AsLibmsn2, b"MSG 3 N 4\r\n", b"text"), [11, 4]);
        assert_eq!(lengths(Pieces::AsLibmsn2, b"SYN 16 0\r\n", b""), [10]);
    }
}
