//! The size of the program, linked statically for the oldest board.

use super::heap::SOURCE;
use super::per_build::PerBuild;
use crate::error::BenchError;
use std::path::Path;
use std::process::{Command, Stdio};

/// The board of `cross/build.sh`.
const BOARD: &str = "armv6";

/// Builds the program from this source and from the earlier one. Returns the sizes in bytes.
pub(crate) fn measure(before: Option<&Path>) -> Result<PerBuild<u64>, BenchError> {
    let before = before.map(|source| {
        // The earlier build has a target folder of its own.
        build(Command::new("cross/build.sh").env_remove("CARGO_TARGET_DIR").current_dir(source))
    });
    let now = build(Command::new("cross/build.sh").current_dir(SOURCE))?;
    Ok(PerBuild { before: before.transpose()?, now })
}

/// Runs the script in its folder. Returns the size of the program in bytes.
fn build(script: &mut Command) -> Result<u64, BenchError> {
    let folder = script.get_current_dir().unwrap_or_else(|| Path::new(".")).to_owned();
    let run = script.arg(BOARD).stdin(Stdio::null()).stderr(Stdio::inherit()).output();
    let run = run.map_err(BenchError::system("cannot run cross/build.sh"))?;
    let output = String::from_utf8_lossy(&run.stdout);
    // The last line of the output is the path of the program.
    let path = output.lines().last().filter(|_| run.status.success());
    let path = path.ok_or_else(|| BenchError::wrong("cross/build.sh has failed"))?;
    let metadata = std::fs::metadata(folder.join(path));
    Ok(metadata.map_err(BenchError::system("there is no program"))?.len())
}
