/// The host names that clients look up to find the service. messenger.hotmail.com is built into all
/// clients of MSNP2 to MSNP7. The documents of ayttm also mention messenger.msn.com.
pub const NAMES: [&str; 2] = ["messenger.hotmail.com", "messenger.msn.com"];

/// The name that official clients connect to by default.
pub(super) const BUILT_IN: &str = "messenger.hotmail.com";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_built_in_name_is_the_first() {
        assert_eq!(NAMES[0], BUILT_IN);
    }
}
