//! The size of the program: static, for the oldest board.

use super::each::Each;
use super::heap::SOURCE;
use crate::error::BenchError;
use std::path::Path;
use std::process::{Command, Stdio};

/// The board of `cross/build.sh`.
const BOARD: &str = "armv6";

/// Builds it from this source and from the earlier one. Returns the number of bytes.
pub(crate) fn measure(before: Option<&Path>) -> Result<Each<u64>, BenchError> {
    let before = before.map(|source| {
        // The earlier build has a target folder of its own.
        build(Command::new("cross/build.sh").env_remove("CARGO_TARGET_DIR").current_dir(source))
    });
    let now = build(Command::new("cross/build.sh").current_dir(SOURCE))?;
    Ok(Each { before: before.transpose()?, now })
}

fn build(script: &mut Command) -> Result<u64, BenchError> {
    let folder = script.get_current_dir().unwrap_or_else(|| Path::new(".")).to_owned();
    let built = script.arg(BOARD).stdin(Stdio::null()).stderr(Stdio::inherit()).output();
    let built = built.map_err(BenchError::system("cannot run cross/build.sh"))?;
    let output = String::from_utf8_lossy(&built.stdout);
    // The last line is the path of the program.
    let program = output.lines().last().filter(|_| built.status.success());
    let program = program.ok_or_else(|| BenchError::wrong("cross/build.sh has failed"))?;
    let program = std::fs::metadata(folder.join(program));
    Ok(program.map_err(BenchError::system("there is no program"))?.len())
}
