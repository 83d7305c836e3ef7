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
    /// A server sent something unexpected or nothing, or the load cannot be run.
    #[error("{0}")]
    Wrong(String),
}

impl BenchError {
    /// Returns a function for `map_err` that adds what was tried to an error of the system.
    pub(crate) fn system<E: Into<io::Error>>(
        what: impl Into<String>,
    ) -> impl FnOnce(E) -> BenchError {
        let what = what.into();
        move |error| BenchError::System { what, error: error.into() }
    }

    /// Returns the error with this message for everything that is not an error of the system.
    pub(crate) fn wrong(message: impl Into<String>) -> BenchError {
        BenchError::Wrong(message.into())
    }
}
