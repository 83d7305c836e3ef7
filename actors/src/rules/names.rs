//! Names that clients send for contacts.

use msnp::FriendlyName;

/// Returns the name that `given` means for an account whose friendly name is `live`. A client that has
/// misread the encoding of `live` and sends it back means `live`.
pub fn resolve_name(given: FriendlyName, live: &FriendlyName) -> FriendlyName {
    if given.is_mojibake_of(live) { live.clone() } else { given }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn name(text: &str) -> FriendlyName {
        FriendlyName::new(text).unwrap()
    }

    #[test]
    fn a_misread_name_means_the_live_name() {
        let live = name("Zoë & Jürgen");
        for (given, means) in [
            ("ZoÃ« & JÃ¼rgen", "Zoë & Jürgen"),
            ("Zoë & Jürgen", "Zoë & Jürgen"),
            ("ZoÃ«", "ZoÃ«"),
            ("Zoe", "Zoe"),
        ] {
            assert_eq!(resolve_name(name(given), &live), name(means));
        }
    }
}
