//! One connection over the control socket, from either side.

use super::wire::{Content, MAX_CHUNK, Reply, WireError, decode, encode};
use serde::Serialize;
use serde::de::DeserializeOwned;
use std::io;
use std::time::Duration;
use tokio::io::{
    AsyncBufReadExt, AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt, BufReader, ReadHalf,
    WriteHalf, split,
};
use tokio::time::timeout;

/// The time limit for the other side to read a message.
const WRITE_TIMEOUT: Duration = Duration::from_secs(60);

/// A byte stream: the socket, or one end of an in-memory pipe.
pub(crate) trait Stream: AsyncRead + AsyncWrite + Unpin + 'static {}

impl<T: AsyncRead + AsyncWrite + Unpin + 'static> Stream for T {}

/// Sends and receives messages and chunks of files.
pub(crate) struct Channel {
    reader: BufReader<ReadHalf<Box<dyn Stream>>>,
    writer: WriteHalf<Box<dyn Stream>>,
    max_message: usize,
}

/// Why a connection cannot be used any longer.
#[derive(Debug, thiserror::Error)]
pub(crate) enum ChannelError {
    #[error("the other side closed the connection")]
    Closed,
    #[error("the other side does not read what it is sent")]
    TimedOut,
    #[error("{0}")]
    Io(#[from] io::Error),
    /// The received bytes are not a message.
    #[error(transparent)]
    Wire(#[from] WireError),
}

impl Channel {
    /// Returns a channel that reads messages of at most `max_message` bytes.
    pub(crate) fn new(stream: Box<dyn Stream>, max_message: usize) -> Channel {
        let (reader, writer) = split(stream);
        Channel { reader: BufReader::new(reader), writer, max_message }
    }

    /// Reads the next message; `None` if the other side has closed.
    pub(crate) async fn read<T: DeserializeOwned>(&mut self) -> Result<Option<T>, ChannelError> {
        let mut line = Vec::new();
        let max = u64::try_from(self.max_message).unwrap_or(u64::MAX).saturating_add(1);
        let count = (&mut self.reader).take(max).read_until(b'\n', &mut line).await?;
        match line.last() {
            None => Ok(None),
            Some(b'\n') => Ok(Some(decode(&line)?)),
            Some(_) if count > self.max_message => Err(WireError::TooLong.into()),
            Some(_) => Err(ChannelError::Closed),
        }
    }

    /// Sends a message.
    pub(crate) async fn send<T: Serialize>(&mut self, message: &T) -> Result<(), ChannelError> {
        self.write(&encode(message)?).await
    }

    /// Writes bytes, with a time limit.
    async fn write(&mut self, bytes: &[u8]) -> Result<(), ChannelError> {
        let writing = async {
            self.writer.write_all(bytes).await?;
            self.writer.flush().await
        };
        Ok(timeout(WRITE_TIMEOUT, writing).await.map_err(|_| ChannelError::TimedOut)??)
    }

    /// Reads the next piece of a file that a client sends; `None` after the last one.
    pub(crate) async fn read_content(&mut self) -> Result<Option<Vec<u8>>, ChannelError> {
        match self.read().await?.ok_or(ChannelError::Closed)? {
            Content::Chunk(0) => Ok(None),
            Content::Chunk(length) => self.read_bytes(length).await.map(Some),
        }
    }

    /// Reads the bytes of an announced chunk.
    pub(crate) async fn read_bytes(&mut self, length: u32) -> Result<Vec<u8>, ChannelError> {
        if length > MAX_CHUNK {
            return Err(WireError::TooLong.into());
        }
        let mut bytes = vec![0; usize::try_from(length).unwrap_or_default()];
        self.reader.read_exact(&mut bytes).await?;
        Ok(bytes)
    }

    /// Sends bytes of a file in chunks; `announce` makes the message before a chunk of this length.
    pub(crate) async fn send_bytes<T: Serialize>(
        &mut self,
        bytes: &[u8],
        announce: impl Fn(u32) -> T,
    ) -> Result<(), ChannelError> {
        for chunk in bytes.chunks(usize::try_from(MAX_CHUNK).unwrap_or(usize::MAX)) {
            let length = u32::try_from(chunk.len()).unwrap_or_default();
            self.write(&encode(&announce(length))?).await?;
            self.write(chunk).await?;
        }
        Ok(())
    }

    /// Sends bytes of a file to a client.
    pub(crate) async fn send_chunks(&mut self, bytes: &[u8]) -> Result<(), ChannelError> {
        self.send_bytes(bytes, Reply::Chunk).await
    }

    /// Waits until the other side closes, or sends something unexpected.
    pub(crate) async fn wait_until_closed(&mut self) {
        // In each case, and also after an error, the caller ends the connection.
        let _ = self.reader.fill_buf().await;
    }
}
