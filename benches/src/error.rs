use std::io;

/// Why something could not be measured, in words. There is nothing to be done about any of them but
/// to read it, so they are not told apart further.
#[derive(Debug, thiserror::Error)]
pub(crate) enum BenchError {
    /// The system refused something.
    #[error("{what}: {error}")]
    System {
        /// What was tried.
        what: String,
        /// The answer.
        error: io::Error,
    },
    /// A process that is measured cannot be looked at.
    #[error("cannot read /proc: {0}")]
    Proc(#[from] procfs::ProcError),
    /// A relay said something else than it should, or nothing.
    #[error("{0}")]
    Wrong(String),
}

impl BenchError {
    /// For `map_err`: what was tried when the system refused.
    pub(crate) fn system<E: Into<io::Error>>(
        what: impl Into<String>,
    ) -> impl FnOnce(E) -> BenchError {
        let what = what.into();
        move |error| BenchError::System { what, error: error.into() }
    }

    /// Something was not as it should be.
    pub(crate) fn wrong(words: impl Into<String>) -> BenchError {
        BenchError::Wrong(words.into())
    }
}
