//! The heap of an idle session. It is counted by an allocator that only a test has, so that test is run.

use crate::error::BenchError;
use std::process::Command;

/// How its line begins that has the figure.
const LINE: &str = "heap of an idle signed-in session with 20 contacts: ";

/// Runs the test with the cargo that is here: how many bytes it found.
pub(crate) fn measure() -> Result<f64, BenchError> {
    let test = Command::new("cargo")
        .args(["test", "--quiet", "--locked", "-p", "msnpd", "--test", "heap", "--", "--nocapture"])
        .current_dir(concat!(env!("CARGO_MANIFEST_DIR"), "/.."))
        .output()
        .map_err(BenchError::system("cannot run cargo"))?;
    let said = String::from_utf8_lossy(&test.stdout);
    found(&said).ok_or_else(|| {
        let why = String::from_utf8_lossy(&test.stderr);
        BenchError::wrong(format!("the test of the heap has not said what it found:\n{said}{why}"))
    })
}

fn found(said: &str) -> Option<f64> {
    let (_, rest) = said.split_once(LINE)?;
    rest.split_whitespace().next()?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_test_says_its_figure_in_a_line() {
        let said = format!("\nrunning 1 test\n{LINE}1886 bytes\n.\n");
        assert_eq!(found(&said), Some(1886.0));
        assert_eq!(found("running 0 tests\n"), None);
    }
}
