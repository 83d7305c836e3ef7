//! The fuzzing engine with all targets in it; `FUZZ_TARGET` says which one is run. See `README.md`.
#![no_main]

#[path = "../targets/mod.rs"]
mod targets;

use std::sync::OnceLock;

static RUN: OnceLock<fn(&[u8])> = OnceLock::new();

/// Takes the target that is asked for. With `FUZZ_DICTIONARY` the dictionary of that target is
/// written into the file of this name, and nothing is run.
fn choose() {
    let name = std::env::var("FUZZ_TARGET").unwrap_or_default();
    let Some(target) = targets::ALL.iter().find(|target| target.name == name) else {
        eprintln!("FUZZ_TARGET is {name:?}, which is no target");
        std::process::exit(2);
    };
    if let Ok(file) = std::env::var("FUZZ_DICTIONARY") {
        let written = std::fs::write(&file, target.dictionary());
        if let Err(error) = &written {
            eprintln!("{file}: {error}");
        }
        std::process::exit(i32::from(written.is_err()));
    }
    RUN.get_or_init(|| target.run);
}

libfuzzer_sys::fuzz_target!(init: choose(), |bytes: &[u8]| {
    if let Some(run) = RUN.get() {
        run(bytes);
    }
});
