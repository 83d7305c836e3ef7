/// The host names that clients ask for, the Dispatch Server's first: messenger.hotmail.com is built
/// into all clients of MSNP2 to MSNP7; the documents of ayttm name messenger.msn.com as well.
pub const NAMES: [&str; 2] = ["messenger.hotmail.com", "messenger.msn.com"];

/// The one that official clients dial if nothing else is set.
pub(super) const BUILT_IN: &str = "messenger.hotmail.com";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_built_in_name_is_the_first() {
        assert_eq!(NAMES[0], BUILT_IN);
    }
}
