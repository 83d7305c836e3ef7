//! Names that clients send for contacts.

use msnp::FriendlyName;

/// Returns the name for a contact whose friendly name is `current`, if a client sends `given`. That
/// is `given`, unless it is `current` in garbled form: the client has misread the encoding and
/// sends the name back.
pub fn contact_name_or_current(given: FriendlyName, current: &FriendlyName) -> FriendlyName {
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
            assert_eq!(contact_name_or_current(name(given), &current), name(means));
        }
    }
}
