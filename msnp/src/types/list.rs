/// One of a principal's four lists.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub enum List {
    /// FL, the forward list: whose presence I want.
    Forward,
    /// AL, the allow list.
    Allow,
    /// BL, the block list.
    Block,
    /// RL, the reverse list: who has me on his forward list. Only the server changes it.
    Reverse,
}

impl List {
    /// All lists in the order of a `SYN`: the reverse list is last, since Gaim signs on only when
    /// it sees that list's last line (`Quirk::WaitsForLastReverseLine`).
    pub const ALL: [List; 4] = [List::Forward, List::Allow, List::Block, List::Reverse];

    /// The list of this name.
    pub fn parse(word: &[u8]) -> Option<List> {
        List::ALL.into_iter().find(|list| list.as_str().as_bytes() == word)
    }

    /// Its name on the wire.
    pub const fn as_str(self) -> &'static str {
        match self {
            List::Forward => "FL",
            List::Allow => "AL",
            List::Block => "BL",
            List::Reverse => "RL",
        }
    }
}
