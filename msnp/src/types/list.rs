/// One of the four lists of a user.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub enum List {
    /// FL, the forward list: the contacts whose presence the user sees.
    Forward,
    /// AL, the allow list.
    Allow,
    /// BL, the block list.
    Block,
    /// RL, the reverse list: the users who have this user on their forward list. Only the server
    /// changes it.
    Reverse,
}

impl List {
    /// All lists, in the order of a `SYN`. The reverse list is last: Gaim completes its sign-in
    /// when it has read the last line of that list (`Quirk::WaitsForLastReverseLine`).
    pub const ALL: [List; 4] = [List::Forward, List::Allow, List::Block, List::Reverse];

    /// Parses a list such as `FL`. Returns `None` if it is unknown.
    pub fn parse(word: &[u8]) -> Option<List> {
        List::ALL.into_iter().find(|list| list.as_str().as_bytes() == word)
    }

    /// Returns the name as it is sent.
    pub const fn as_str(self) -> &'static str {
        match self {
            List::Forward => "FL",
            List::Allow => "AL",
            List::Block => "BL",
            List::Reverse => "RL",
        }
    }
}
