use msnp::{Full, Out};

/// What encoded bytes are written on. It has room for all that a round writes.
#[derive(Debug, Default)]
pub(crate) struct Sheet(pub(crate) Vec<u8>);

impl Out for Sheet {
    fn put(&mut self, bytes: &[u8]) -> Result<(), Full> {
        self.0.extend_from_slice(bytes);
        Ok(())
    }
    fn filled(&self) -> usize {
        self.0.len()
    }
    fn cut(&mut self, length: usize) {
        self.0.truncate(length);
    }
}
