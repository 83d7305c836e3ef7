//! What fuzzing began with and what it found, as plain tests: see `fuzz/README.md`.

#[cfg(test)]
#[path = "../fuzz/targets/mod.rs"]
mod targets;

use std::path::PathBuf;

fn corpus() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("fuzz/corpus")
}

#[test]
fn no_input_of_the_corpus_breaks_a_promise() {
    let mut broken = Vec::new();
    for target in targets::ALL {
        let files = std::fs::read_dir(corpus().join(target.name)).unwrap();
        let mut count = 0;
        for file in files {
            let file = file.unwrap().path();
            let bytes = std::fs::read(&file).unwrap();
            if std::panic::catch_unwind(|| (target.run)(&bytes)).is_err() {
                broken.push(file);
            }
            count += 1;
        }
        assert!(count > 0, "the corpus of {} is empty", target.name);
    }
    assert!(broken.is_empty(), "these inputs break a promise: {broken:#?}");
}

#[test]
fn every_corpus_has_its_target() {
    for folder in std::fs::read_dir(corpus()).unwrap() {
        let name = folder.unwrap().file_name();
        assert!(targets::ALL.iter().any(|target| name == target.name), "{name:?} is of no target");
    }
}
