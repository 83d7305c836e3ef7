//! The server's half of a byte stream, which records each write.

use actors::port::Transport;
use std::cell::{Cell, RefCell};
use std::io;
use std::pin::Pin;
use std::rc::Rc;
use std::task::{Context, Poll};
use tokio::io::{AsyncRead, AsyncWrite, DuplexStream, ReadBuf};
use tokio::time::Instant;

/// The bytes of each write, with its time.
pub(crate) type Writes = Rc<RefCell<Vec<(Instant, Vec<u8>)>>>;

/// The operation at which a wire panics.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum PanicAt {
    Reading,
    Writing,
}

pub(crate) struct Wire {
    half: DuplexStream,
    writes: Writes,
    panic_at: Rc<Cell<Option<PanicAt>>>,
    /// The number of reads that ended inside a command.
    partial_reads: Rc<Cell<usize>>,
}

impl Wire {
    pub(crate) fn new(
        half: DuplexStream,
        panic_at: Rc<Cell<Option<PanicAt>>>,
        partial_reads: Rc<Cell<usize>>,
    ) -> (Wire, Writes) {
        let writes = Writes::default();
        (Wire { half, writes: writes.clone(), panic_at, partial_reads }, writes)
    }

    fn panic_once_at(&self, operation: PanicAt) {
        if self.panic_at.get() == Some(operation) {
            self.panic_at.set(None);
            panic!("on purpose");
        }
    }
}

impl Transport for Wire {
    fn read_ended_inside_command(&self) {
        self.partial_reads.set(self.partial_reads.get() + 1);
    }
}

impl AsyncRead for Wire {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        room: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        self.panic_once_at(PanicAt::Reading);
        Pin::new(&mut self.half).poll_read(cx, room)
    }
}

impl AsyncWrite for Wire {
    fn poll_write(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        self.panic_once_at(PanicAt::Writing);
        let written = Pin::new(&mut self.half).poll_write(cx, bytes);
        if let Poll::Ready(Ok(count)) = written {
            self.writes.borrow_mut().push((Instant::now(), bytes[..count].to_vec()));
        }
        written
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.half).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.half).poll_shutdown(cx)
    }
}
