//! Which name is meant by one that a client gives.

use msnp::FriendlyName;

/// The name that is meant by `given` for somebody whose name is `live`. A client that misread the
/// live name and sends it back means the live name.
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
    fn the_live_name_is_meant_by_what_was_misread() {
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
