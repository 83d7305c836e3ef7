//! A byte stream as a connection reads it: in pieces, which become frames.

use msnp::Server;
use msnp::frame::{self, Frame, FrameError, MAX_FRAME, Origin};
use msnp::gate::{self, PayloadRule};
use msnp::line::number;

/// The frames.
pub(super) struct Stream<'a> {
    pub(super) frames: Vec<Frame<'a>>,
    /// Where each frame ends.
    ends: Vec<usize>,
    /// Number of bytes processed.
    used: usize,
    pub(super) error: Option<FrameError>,
}

impl<'a> Stream<'a> {
    /// Reads `input` in pieces, which end at `ends`.
    pub(super) fn read(
        input: &'a [u8],
        ends: impl IntoIterator<Item = usize>,
        origin: Origin,
        server: Server,
    ) -> Stream<'a> {
        let mut stream = Stream { frames: Vec::new(), ends: Vec::new(), used: 0, error: None };
        for end in ends {
            if stream.error.is_some() {
                break;
            }
            stream.read_available(&input[..end], origin, server);
        }
        stream
    }

    /// Reads `input` in one piece.
    pub(super) fn whole(input: &'a [u8], origin: Origin, server: Server) -> Stream<'a> {
        Stream::read(input, [input.len()], origin, server)
    }

    fn read_available(&mut self, available: &'a [u8], origin: Origin, server: Server) {
        loop {
            let unread = &available[self.used..];
            let scan = match frame::next(unread, origin, server) {
                Ok(scan) => scan,
                Err(error) => {
                    self.error = Some(error);
                    return;
                }
            };
            assert!(scan.consumed <= unread.len(), "no more bytes are consumed than there are");
            self.used += scan.consumed;
            let Some(frame) = scan.frame else {
                let held = unread.len() - scan.consumed;
                assert!(held < MAX_FRAME, "{held} bytes are held back");
                assert!(scan.partial.is_none() || held > 0);
                return;
            };
            assert!(scan.partial.is_none(), "a complete frame is not partial");
            assert!(scan.consumed > 0, "a frame takes bytes");
            self.frames.push(frame);
            self.ends.push(self.used);
        }
    }

    /// Checks that the frames do not depend on where the stream is split.
    pub(super) fn assert_same_frames(&self, other: &Stream<'_>) {
        assert_eq!(self.ends, other.ends);
        assert_eq!(self.error, other.error);
        // Empty lines before an error are skipped as they arrive.
        assert!(self.error.is_some() || self.used == other.used);
        for (one, other) in self.frames.iter().zip(&other.frames) {
            assert_eq!((one.name, one.payload), (other.name, other.payload));
            assert!(one.words.clone().eq(other.words.clone()));
        }
    }

    /// Checks that each frame matches its bytes and is within its bounds.
    pub(super) fn assert_frames_match(&self, input: &[u8], origin: Origin, server: Server) {
        let mut start = 0;
        for (frame, end) in self.frames.iter().zip(&self.ends) {
            let bytes = &input[start..*end];
            start = *end;
            let line = bytes.strip_suffix(frame.payload).expect("the payload is the end of it");
            let line = line.strip_suffix(b"\n").expect("before it is the end of the line");
            let line = line.rsplit(|byte| *byte == b'\n').next().unwrap_or_default();
            let bounds = gate::bounds(frame.command, origin, server);
            assert!(line.strip_suffix(b"\r").unwrap_or(line).len() <= bounds.line);
            assert!(bytes.len() >= frame.name.len() + 1 + frame.payload.len());
            match bounds.payload {
                PayloadRule::None | PayloadRule::InPieces(_) => assert_eq!(frame.payload, b""),
                PayloadRule::UpTo(most) => {
                    let length = frame.words.clone().last().and_then(number);
                    assert_eq!(length.map(|length| length as usize), Some(frame.payload.len()));
                    assert!(frame.payload.len() <= most);
                }
            }
        }
    }
}
