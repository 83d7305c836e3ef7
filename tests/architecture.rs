//! The documents that explain the code are short, name only what exists, and leave nothing out; and the code has the
//! structure that `ARCHITECTURE.md` describes.

use std::path::{Path, PathBuf};

/// Limits of `ARCHITECTURE.md`, so that it stays a map.
#[cfg(test)]
const MAX_LINES: usize = 200;
#[cfg(test)]
const MAX_LINE: usize = 110;

/// Folders that the build and a server write.
#[cfg(test)]
const NOT_OURS: [&str; 3] = ["target", ".git", "data"];

fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
}

#[cfg(test)]
fn text(path: &str) -> String {
    std::fs::read_to_string(root().join(path)).unwrap_or_else(|error| panic!("{path}: {error}"))
}

/// The names of files and folders in a folder.
#[cfg(test)]
fn names(folder: &str) -> Vec<String> {
    let entries = std::fs::read_dir(root().join(folder)).unwrap();
    let names = entries.map(|entry| entry.unwrap().file_name().into_string().unwrap());
    names.filter(|name| !NOT_OURS.contains(&name.as_str()) && name != ".gitignore").collect()
}

/// Appends the Rust files below a folder.
#[cfg(test)]
fn rust_files(folder: &Path, files: &mut Vec<PathBuf>) {
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.file_name().is_some_and(|name| NOT_OURS.iter().any(|other| name == *other)) {
            continue;
        }
        if path.is_dir() {
            rust_files(&path, files);
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            files.push(path);
        }
    }
}

/// The names of all functions in the sources and tests of all crates.
#[cfg(test)]
fn functions() -> std::collections::HashSet<String> {
    let mut files = Vec::new();
    for part in ["", "msnp", "actors", "store", "web", "oldtls"] {
        for folder in ["src", "tests"] {
            rust_files(&root().join(part).join(folder), &mut files);
        }
    }
    let mut functions = std::collections::HashSet::new();
    for file in files {
        let text = std::fs::read_to_string(&file).unwrap();
        for line in text.lines() {
            if let Some((_, after)) = line.trim_start().split_once("fn ") {
                let name = after.split(|c: char| !c.is_ascii_alphanumeric() && c != '_').next();
                functions.insert(name.unwrap().to_owned());
            }
        }
        // Tests of both stores are listed by a macro.
        if file.ends_with("store/tests/contract.rs") {
            functions.extend(text.split_whitespace().map(str::to_owned));
        }
    }
    functions
}

/// The words between backticks.
#[cfg(test)]
fn code(text: &str) -> impl Iterator<Item = &str> {
    text.split('`').skip(1).step_by(2)
}

/// The paragraphs of a section of `ARCHITECTURE.md`. An entry of a list is one.
#[cfg(test)]
fn paragraphs(section: &str) -> Vec<String> {
    let text = text("ARCHITECTURE.md");
    let (_, after) = text.split_once(&format!("\n## {section}\n")).expect(section);
    let section = after.split("\n## ").next().unwrap().replace("\n* ", "\n\n* ");
    let paragraphs = section.split("\n\n").map(|paragraph| {
        let words: Vec<&str> = paragraph.split_whitespace().collect();
        words.join(" ")
    });
    paragraphs.filter(|paragraph| !paragraph.is_empty()).collect()
}

#[test]
fn the_architecture_is_short() {
    let text = text("ARCHITECTURE.md");
    let lines = text.lines().count();
    assert!(lines <= MAX_LINES, "ARCHITECTURE.md has {lines} lines, of at most {MAX_LINES}");
    for (number, line) in (1..).zip(text.lines()) {
        let length = line.chars().count();
        assert!(
            length <= MAX_LINE,
            "ARCHITECTURE.md:{number} has {length} characters, of at most {MAX_LINE}"
        );
    }
}

#[test]
fn each_invariant_names_a_test_that_exists() {
    let functions = functions();
    let mut missing = Vec::new();
    for section in ["Invariants", "Bounds"] {
        for paragraph in paragraphs(section) {
            let tests = ["Test: ", "Tests: "].iter().find_map(|word| paragraph.split(word).nth(1));
            let Some(tests) = tests else {
                let is_introduction = paragraph.ends_with(':') || paragraph.starts_with("Lints");
                assert!(is_introduction, "this paragraph names no test: {paragraph}");
                continue;
            };
            assert!(code(tests).count() > 0, "this paragraph names no test: {paragraph}");
            missing
                .extend(code(tests).filter(|test| !functions.contains(*test)).map(str::to_owned));
        }
    }
    assert!(missing.is_empty(), "ARCHITECTURE.md names tests that do not exist: {missing:?}");
}

/// `…_name` is a test whose name begins like the one before it.
#[test]
fn every_test_that_the_readme_of_the_tests_names_exists() {
    let mut tests = functions();
    for folder in names("tests/scripts") {
        let folder = format!("tests/scripts/{folder}");
        if root().join(&folder).is_dir() {
            let scripts = names(&folder).into_iter();
            tests.extend(scripts.filter_map(|name| name.strip_suffix(".msnp").map(str::to_owned)));
        }
    }
    let mut missing = Vec::new();
    for word in code(&text("tests/README.md")) {
        let name = word.rsplit("::").next().unwrap();
        let is_name = name.matches('_').count() > 1 && !name.contains(['.', '/', ' ', '=']);
        let exists = match name.strip_prefix('…') {
            Some(end) => tests.iter().any(|test| test.ends_with(end)),
            None => tests.contains(name),
        };
        if is_name && !exists {
            missing.push(name.to_owned());
        }
    }
    assert!(missing.is_empty(), "tests/README.md names tests that do not exist: {missing:?}");
}

#[test]
fn every_file_that_the_architecture_names_exists() {
    let mut files = Vec::new();
    for part in ["src", "msnp", "actors", "store", "web", "tests", "benches", "fuzz", "cross"] {
        rust_files(&root().join(part), &mut files);
    }
    let text = text("ARCHITECTURE.md");
    let words = text.split(|c: char| c.is_whitespace() || "`,;:()[]".contains(c));
    for word in words.filter(|word| word.ends_with(".rs")) {
        assert!(files.iter().any(|file| file.ends_with(word)), "there is no {word}");
    }
}

#[test]
fn every_part_of_the_tree_is_on_the_map() {
    let map = paragraphs("Map").join("\n");
    let words: Vec<&str> =
        map.split(|c: char| !c.is_ascii_alphanumeric() && !"._-".contains(c)).collect();
    let is_there = |name: &str| {
        let stem = |name: &str| name.trim_end_matches(".rs").trim_end_matches(".md").to_owned();
        words.iter().any(|word| stem(word.trim_end_matches('.')) == stem(name))
    };
    let mut missing = Vec::new();
    for folder in [
        ".",
        "msnp/src",
        "actors/src",
        "actors/src/connection",
        "store/src",
        "web/src",
        "src",
        "src/commands",
        "src/config",
        "benches/src",
    ] {
        for name in names(folder) {
            // One file for each command of the command line.
            let is_one_of_many = folder == "src/commands" && name.ends_with(".rs");
            let is_root = ["lib.rs", "main.rs", "mod.rs"].contains(&name.as_str());
            if !is_one_of_many && !is_root && !is_there(&name) {
                missing.push(format!("{folder}/{name}"));
            }
        }
    }
    assert!(missing.is_empty(), "these are not on the map of ARCHITECTURE.md: {missing:?}");
}

#[test]
fn only_the_connection_core_reads_from_and_writes_to_a_transport() {
    let mut files = Vec::new();
    rust_files(&root().join("actors/src"), &mut files);
    for file in files {
        let text = std::fs::read_to_string(&file).unwrap();
        let is_core = ["actors/src/connection", "actors/src/port"]
            .iter()
            .any(|folder| file.starts_with(root().join(folder)));
        for word in ["poll_read(", "poll_write(", "poll_shutdown("] {
            assert!(is_core || !text.contains(word), "{} has {word}", file.display());
        }
        for word in ["std::fs", "tokio::fs", "tokio::net", "TcpStream", "UnixStream", "SystemTime"]
        {
            assert!(!text.contains(word), "{} has {word}", file.display());
        }
    }
}

#[test]
fn the_readme_is_short_and_begins_with_a_picture() {
    let text = text("README.md");
    let words = text.split_whitespace().count();
    assert!(words <= 1000, "README.md has {words} words, of at most 1000");
    let (before, _) = text.split_once("![").expect("a picture in README.md");
    let before = before.split_whitespace().count();
    assert!(before <= 150, "the first picture is behind {before} words, of at most 150");
}
