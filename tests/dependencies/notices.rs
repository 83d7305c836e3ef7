//! The licence texts of the libraries that the program is built from. The program must come with them.

use crate::graph::Graph;
use std::collections::BTreeMap;
use std::fmt::Write;
use std::path::Path;
use std::{fs, io};

/// What the names of files with a licence or a notice begin with, in upper case.
const FILES: [&str; 6] = ["LICENSE", "LICENCE", "COPYING", "COPYRIGHT", "NOTICE", "UNLICENSE"];

const TITLE: &str = "msnpd contains these libraries. Their licences follow.\n";

const LINE: &str =
    "\n------------------------------------------------------------------------------\n";

/// Returns a list of the libraries, and the texts of their licences. A text that several of them have is in it
/// once.
pub(crate) fn notices(graph: &Graph) -> io::Result<String> {
    let mut all = TITLE.to_owned();
    let mut texts: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for package in graph.shipped().into_iter().filter(|package| package.source.is_some()) {
        let label = format!("{} {}", package.name, package.version);
        let licence = package.license.as_deref().unwrap_or("its own licence");
        let authors = match package.authors.join(", ") {
            none if none.is_empty() => format!("the authors of {}", package.name),
            authors => authors,
        };
        let from =
            package.repository.as_deref().map(|from| format!(", {from}")).unwrap_or_default();
        write!(all, "\n{label}: {licence}\n    by {authors}{from}\n").map_err(io::Error::other)?;
        let folder = package.manifest_path.parent().map(|folder| folder.as_std_path());
        for text in folder.map(texts_in).transpose()?.unwrap_or_default() {
            texts.entry(text).or_default().push(label.clone());
        }
    }
    let mut texts: Vec<(Vec<String>, String)> =
        texts.into_iter().map(|(text, of)| (of, text)).collect();
    texts.sort_unstable();
    for (of, text) in texts {
        write!(all, "{LINE}{}:\n\n{text}\n", of.join(", ")).map_err(io::Error::other)?;
    }
    Ok(all)
}

/// Returns the texts of the files with a licence, in the order of their names.
fn texts_in(folder: &Path) -> io::Result<Vec<String>> {
    let mut files = Vec::new();
    for entry in fs::read_dir(folder)? {
        let entry = entry?;
        let name = entry.file_name().to_string_lossy().to_uppercase();
        if FILES.iter().any(|beginning| name.starts_with(beginning)) && entry.path().is_file() {
            files.push(entry.path());
        }
    }
    files.sort_unstable();
    let text = |file: &std::path::PathBuf| {
        let bytes = fs::read(file)?;
        Ok(String::from_utf8_lossy(&bytes).replace("\r\n", "\n").trim_end().to_owned())
    };
    files.iter().map(text).collect()
}
