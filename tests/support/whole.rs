//! All that an installation has: what is compared, and that it is as it must be.

use std::path::Path;

use crate::support::server::Installation;

/// All that there is, with the passwords.
pub(crate) fn everything(installation: &Installation) -> String {
    let exported = installation.run(&["export", "-", "--with-passwords"]);
    assert_eq!(exported.code, Some(0), "{exported:?}");
    exported.stdout
}

/// `verify` finds nothing to say.
pub(crate) fn is_sound(installation: &Installation) {
    let verified = installation.run(&["verify"]);
    assert_eq!(verified.code, Some(0), "{verified:?}");
    assert!(verified.stdout.ends_with("the store is as it must be\n"), "{verified:?}");
}

/// A path as an argument.
pub(crate) fn words(path: &Path) -> &str {
    path.to_str().expect("a path of words")
}
