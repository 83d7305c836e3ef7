//! The fuzzing corpus as plain tests: see `fuzz/README.md`.

#[cfg(test)]
#[path = "../fuzz/targets/mod.rs"]
mod targets;

use std::path::PathBuf;
use targets::Target;

fn corpus() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("fuzz/corpus")
}

/// Returns the inputs of a target's packed file, each with its position.
#[cfg(test)]
fn packed(target: &Target) -> Vec<(String, Vec<u8>)> {
    let file = format!("{}.ron", target.name);
    let text = std::fs::read_to_string(corpus().join(&file)).unwrap();
    let inputs = targets::packed::unpack(&text).unwrap_or_else(|error| panic!("{file}: {error}"));
    assert!(text == targets::packed::pack(&inputs), "{file} is not as fuzz/minimise.sh writes it");
    // The first line is the opening bracket.
    let lines = inputs.into_iter().zip(2..);
    lines.map(|(input, line)| (format!("{file}:{line}"), input)).collect()
}

/// Returns the inputs of a target that are separate files. There may be none.
#[cfg(test)]
fn named(target: &Target) -> Vec<(String, Vec<u8>)> {
    let Ok(files) = std::fs::read_dir(corpus().join(target.name)) else { return Vec::new() };
    let paths = files.map(|file| file.unwrap().path());
    paths.map(|path| (path.display().to_string(), std::fs::read(&path).unwrap())).collect()
}

#[test]
fn no_input_of_the_corpus_breaks_a_guarantee() {
    let mut broken = Vec::new();
    for target in targets::ALL {
        let inputs = [packed(target), named(target)].concat();
        assert!(!inputs.is_empty(), "the corpus of {} is empty", target.name);
        for (place, bytes) in inputs {
            if std::panic::catch_unwind(|| (target.run)(&bytes)).is_err() {
                broken.push(place);
            }
        }
    }
    assert!(broken.is_empty(), "these inputs break a guarantee: {broken:#?}");
}

#[test]
fn every_corpus_has_its_target() {
    for entry in std::fs::read_dir(corpus()).unwrap() {
        let path = entry.unwrap().path();
        let packed = path.extension().is_some_and(|extension| extension == "ron");
        assert!(
            packed || path.is_dir(),
            "{path:?} is neither a packed file nor a folder of a target"
        );
        let name = path.file_stem().unwrap();
        assert!(targets::ALL.iter().any(|target| name == target.name), "{path:?} is of no target");
    }
}

/// Inputs that the engine found are packed. A separate file has a descriptive name.
#[test]
fn inputs_with_a_file_of_their_own_have_a_name() {
    for target in targets::ALL {
        for (place, _) in named(target) {
            let name = place.rsplit('/').next().unwrap();
            // Such as `crash-`, or nothing, and a SHA-1.
            let is_hash = |part: &str| {
                part.len() == 40 && part.chars().all(|digit| digit.is_ascii_hexdigit())
            };
            let by_engine = name.split(['-', '.']).any(is_hash);
            assert!(!by_engine, "{place} is named by the engine: fuzz/minimise.sh packs it");
        }
    }
}
