//! The files of `tests/scripts/`: a folder for each subject, with its scripts.

use std::collections::BTreeMap;
use std::path::Path;

/// The scripts of every subject, both sorted. Panics if a file is out of place, or if two scripts
/// have the same name: other files refer to a script by its name alone.
pub(crate) fn by_subject() -> BTreeMap<String, Vec<String>> {
    let mut subjects = BTreeMap::new();
    for subject in entries(&root()) {
        if !["README.md", "list.rs"].contains(&subject.as_str()) {
            let scripts = entries(&root().join(&subject)).into_iter().map(|file| {
                let name = file.strip_suffix(".msnp");
                name.unwrap_or_else(|| panic!("{subject}/{file} is not a script")).to_owned()
            });
            subjects.insert(subject.clone(), scripts.collect::<Vec<String>>());
        }
    }
    let mut names: Vec<&String> = subjects.values().flatten().collect();
    names.sort_unstable();
    for pair in names.windows(2) {
        assert_ne!(pair[0], pair[1], "two scripts have this name");
    }
    subjects
}

fn root() -> std::path::PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/scripts")
}

/// The names of the files in a folder, sorted.
fn entries(folder: &Path) -> Vec<String> {
    let files = std::fs::read_dir(folder).unwrap_or_else(|error| panic!("{folder:?}: {error}"));
    let mut names: Vec<String> =
        files.map(|file| file.unwrap().file_name().into_string().unwrap()).collect();
    names.sort_unstable();
    names
}
