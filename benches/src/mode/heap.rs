//! The heap of an idle session. Only a test of the server has an allocator that counts bytes, so this runs
//! that test.

use super::per_build::PerBuild;
use crate::error::BenchError;
use std::path::Path;
use std::process::Command;

/// The source of this build.
pub(super) const SOURCE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/..");

/// What the test prints before the figure.
const LABEL: &str = "heap of an idle signed-in session with 20 contacts: ";

/// Runs the test of this source and of the earlier one with the installed cargo. Returns the number of bytes.
pub(crate) fn measure(before: Option<&Path>) -> Result<PerBuild<f64>, BenchError> {
    let before = before.map(|source| {
        // The earlier build has a target folder of its own.
        run_test(Command::new("cargo").env_remove("CARGO_TARGET_DIR").current_dir(source))
    });
    let now = run_test(Command::new("cargo").current_dir(SOURCE))?;
    Ok(PerBuild { before: before.transpose()?, now })
}

/// Runs the test in the folder of a source. Returns the number of bytes.
fn run_test(cargo: &mut Command) -> Result<f64, BenchError> {
    let test = cargo
        .args(["test", "--quiet", "--locked", "-p", "msnpd", "--test", "heap", "--", "--nocapture"])
        .output()
        .map_err(BenchError::system("cannot run cargo"))?;
    let output = String::from_utf8_lossy(&test.stdout);
    parse_figure(&output).ok_or_else(|| {
        let errors = String::from_utf8_lossy(&test.stderr);
        BenchError::wrong(format!("the test of the heap printed no figure:\n{output}{errors}"))
    })
}

/// Returns the number of bytes in the output of the test; `None` if there is none.
fn parse_figure(output: &str) -> Option<f64> {
    let (_, rest) = output.split_once(LABEL)?;
    rest.split_whitespace().next()?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_figure_is_read_from_the_output_of_the_test() {
        let output = format!("\nrunning 1 test\n{LABEL}1886 bytes\n.\n");
        assert_eq!(parse_figure(&output), Some(1886.0));
        assert_eq!(parse_figure("running 0 tests\n"), None);
    }
}
