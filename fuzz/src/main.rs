//! The fuzzing engine with all targets in it; `FUZZ_TARGET` names the one to run. See `README.md`.
#![no_main]

#[path = "../targets/mod.rs"]
mod targets;

use std::ffi::OsStr;
use std::path::{Path, PathBuf};
use std::sync::OnceLock;

static RUN: OnceLock<fn(&[u8])> = OnceLock::new();

/// Selects the target. Each of these variables asks for one piece of work instead of a run:
/// `FUZZ_DICTIONARY=FILE` writes the dictionary of the target into that file,
/// `FUZZ_UNPACK=FOLDER` writes each input of the packed file `FUZZ_PACKED` into that folder, and
/// `FUZZ_PACK=FOLDER` writes the packed file `FUZZ_PACKED` from the inputs in that folder.
fn choose() {
    let name = std::env::var("FUZZ_TARGET").unwrap_or_default();
    let Some(target) = targets::ALL.iter().find(|target| target.name == name) else {
        eprintln!("FUZZ_TARGET is {name:?}, which is no target");
        std::process::exit(2);
    };
    let packed = PathBuf::from(std::env::var_os("FUZZ_PACKED").unwrap_or_default());
    if let Some(file) = std::env::var_os("FUZZ_DICTIONARY") {
        finish(&file, std::fs::write(&file, target.dictionary()));
    }
    if let Some(folder) = std::env::var_os("FUZZ_UNPACK") {
        finish(packed.as_os_str(), unpack(&packed, Path::new(&folder)));
    }
    if let Some(folder) = std::env::var_os("FUZZ_PACK") {
        finish(packed.as_os_str(), pack(&packed, Path::new(&folder)));
    }
    RUN.get_or_init(|| target.run);
}

/// Ends the process. A failure is printed after the name of the file.
fn finish(file: &OsStr, result: std::io::Result<()>) -> ! {
    if let Err(error) = &result {
        eprintln!("{}: {error}", file.display());
    }
    std::process::exit(i32::from(result.is_err()));
}

fn unpack(packed: &Path, folder: &Path) -> std::io::Result<()> {
    let text = std::fs::read_to_string(packed)?;
    let inputs = targets::packed::unpack(&text).map_err(std::io::Error::other)?;
    for (index, input) in inputs.iter().enumerate() {
        std::fs::write(folder.join(format!("{:04}", index + 1)), input)?;
    }
    Ok(())
}

fn pack(packed: &Path, folder: &Path) -> std::io::Result<()> {
    let mut inputs = targets::packed::Inputs::new();
    for file in std::fs::read_dir(folder)? {
        inputs.insert(std::fs::read(file?.path())?);
    }
    std::fs::write(packed, targets::packed::pack(&inputs))
}

libfuzzer_sys::fuzz_target!(init: choose(), |bytes: &[u8]| {
    if let Some(run) = RUN.get() {
        run(bytes);
    }
});
