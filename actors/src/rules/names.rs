//! Names that clients send for contacts.

use msnp::FriendlyName;

/// Returns `current` if `given` is `current` in garbled form: the client has misread the encoding of
/// the name and sends it back. Returns `given` otherwise.
pub fn undo_mojibake(given: FriendlyName, current: &FriendlyName) -> FriendlyName {
    if given.is_mojibake_of(current) { current.clone() } else { given }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn name(text: &str) -> FriendlyName {
        FriendlyName::new(text).unwrap()
    }

    #[test]
    fn a_misread_name_means_the_current_name() {
        let current = name("Zoë & Jürgen");
        for (given, means) in [
            ("ZoÃ« & JÃ¼rgen", "Zoë & Jürgen"),
            ("Zoë & Jürgen", "Zoë & Jürgen"),
            ("ZoÃ«", "ZoÃ«"),
            ("Zoe", "Zoe"),
        ] {
            assert_eq!(undo_mojibake(name(given), &current), name(means));
        }
    }
}
