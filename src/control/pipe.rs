//! Pipes between a blocking thread and the control socket, with backpressure.

use std::io::{Error, ErrorKind, Read, Result, Write};
use tokio::sync::mpsc::{Receiver, Sender, channel};

/// How many pieces can wait in a pipe.
const MAX_PIECES: usize = 4;

/// Returns the writing end for a thread, and the receiver of its pieces.
pub(crate) fn writer() -> (PipeWriter, Receiver<Vec<u8>>) {
    let (sender, receiver) = channel(MAX_PIECES);
    (PipeWriter(sender), receiver)
}

/// Returns the sender of pieces, and the reading end for a thread. An empty piece ends the file. If the
/// sender is dropped without one, the file is incomplete.
pub(crate) fn reader() -> (Sender<Vec<u8>>, PipeReader) {
    let (sender, receiver) = channel(MAX_PIECES);
    (sender, PipeReader { receiver, piece: Vec::new(), position: 0, has_ended: false })
}

/// The writing end for a thread that may block.
pub(crate) struct PipeWriter(Sender<Vec<u8>>);

impl Write for PipeWriter {
    fn write(&mut self, bytes: &[u8]) -> Result<usize> {
        if !bytes.is_empty() {
            let gone = |_| Error::from(ErrorKind::BrokenPipe);
            self.0.blocking_send(bytes.to_vec()).map_err(gone)?;
        }
        Ok(bytes.len())
    }

    fn flush(&mut self) -> Result<()> {
        Ok(())
    }
}

/// The reading end for a thread that may block.
pub(crate) struct PipeReader {
    receiver: Receiver<Vec<u8>>,
    piece: Vec<u8>,
    /// How many bytes of the piece were read.
    position: usize,
    has_ended: bool,
}

impl Read for PipeReader {
    fn read(&mut self, buffer: &mut [u8]) -> Result<usize> {
        while !self.has_ended && self.position == self.piece.len() {
            self.piece = self.receiver.blocking_recv().ok_or(ErrorKind::UnexpectedEof)?;
            self.position = 0;
            self.has_ended = self.piece.is_empty();
        }
        let rest = self.piece.get(self.position..).unwrap_or_default();
        let count = rest.len().min(buffer.len());
        for (to, from) in buffer.iter_mut().zip(rest) {
            *to = *from;
        }
        self.position += count;
        Ok(count)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_passes_in_any_pieces() {
        let (sender, mut input) = reader();
        let writer = std::thread::spawn(move || {
            for piece in [b"abc".as_slice(), b"d", b"efgh", b""] {
                sender.blocking_send(piece.to_vec()).unwrap();
            }
        });
        let mut two = [0; 2];
        input.read_exact(&mut two).unwrap();
        let mut rest = String::new();
        input.read_to_string(&mut rest).unwrap();
        assert_eq!((&two, rest.as_str()), (b"ab", "cdefgh"));
        writer.join().unwrap();
    }

    #[test]
    fn an_incomplete_file_is_an_error() {
        let (sender, mut input) = reader();
        sender.blocking_send(b"abc".to_vec()).unwrap();
        drop(sender);
        let mut all = Vec::new();
        assert_eq!(input.read_to_end(&mut all).unwrap_err().kind(), ErrorKind::UnexpectedEof);
    }

    #[test]
    fn a_writer_gets_an_error_if_the_reader_is_gone() {
        let (mut output, receiver) = writer();
        output.write_all(b"abc").unwrap();
        drop(receiver);
        assert_eq!(output.write_all(b"d").unwrap_err().kind(), ErrorKind::BrokenPipe);
    }
}
