use std::io;

/// Why something could not be measured. Errors are only printed, so there are few kinds.
#[derive(Debug, thiserror::Error)]
pub(crate) enum BenchError {
    /// The system returned an error.
    #[error("{what}: {error}")]
    System { what: String, error: io::Error },
    /// The state of a measured process cannot be read.
    #[error("cannot read /proc: {0}")]
    Proc(#[from] procfs::ProcError),
    /// A server sent something unexpected, or nothing.
    #[error("{0}")]
    Wrong(String),
}

impl BenchError {
    /// For `map_err`: describes what was tried when the system returned an error.
    pub(crate) fn system<E: Into<io::Error>>(
        what: impl Into<String>,
    ) -> impl FnOnce(E) -> BenchError {
        let what = what.into();
        move |error| BenchError::System { what, error: error.into() }
    }

    /// A server sent something unexpected.
    pub(crate) fn wrong(words: impl Into<String>) -> BenchError {
        BenchError::Wrong(words.into())
    }
}
