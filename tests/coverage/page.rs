//! Parts of the generated page.

use std::path::PathBuf;

/// Returns the root of the repository.
pub(crate) fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
}

/// Returns a table.
pub(crate) fn table(head: &[&str], rows: &[Vec<String>]) -> String {
    let line = |cells: &[String]| format!("| {} |\n", cells.join(" | "));
    let head: Vec<String> = head.iter().map(|&cell| cell.to_owned()).collect();
    let rule = format!("|{}\n", " --- |".repeat(head.len()));
    for row in rows {
        assert_eq!(row.len(), head.len(), "{row:?}");
        assert!(row.iter().all(|cell| !cell.contains(['|', '\n'])), "{row:?}");
    }
    let rows: String = rows.iter().map(|row| line(row)).collect();
    line(&head) + &rule + &rows
}

/// Returns a link to a file of the repository. Its text is the name of a script, or the path of any other
/// file.
pub(crate) fn link(path: &str) -> String {
    assert!(root().join(path).is_file(), "there is no {path}");
    let script = path.strip_prefix("tests/scripts/").and_then(|name| name.strip_suffix(".msnp"));
    let name = script.and_then(|name| name.rsplit('/').next()).unwrap_or(path);
    format!("[{name}](../{path})")
}

/// Formats a name as code.
pub(crate) fn code(name: &str) -> String {
    format!("`{name}`")
}
