//! The data of a whole installation: its export and its verification.

use std::path::Path;

use crate::support::server::Installation;

/// Returns the export of all data, with the passwords.
pub(crate) fn export_all(installation: &Installation) -> String {
    let exported = installation.run(&["export", "-", "--with-passwords"]);
    assert_eq!(exported.code, Some(0), "{exported:?}");
    exported.stdout
}

/// Checks that `verify` finds no problem.
pub(crate) fn check_integrity(installation: &Installation) {
    let verified = installation.run(&["verify"]);
    assert_eq!(verified.code, Some(0), "{verified:?}");
    assert!(verified.stdout.ends_with("the store has no faults\n"), "{verified:?}");
}

/// Returns a path as an argument.
pub(crate) fn words(path: &Path) -> &str {
    path.to_str().expect("a path of words")
}
