/// The state of a user ([the draft](crate#sources) §7.7).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub enum State {
    /// NLN, online.
    Online,
    /// BSY, busy.
    Busy,
    /// IDL, idle.
    Idle,
    /// BRB, be right back.
    BeRightBack,
    /// AWY, away.
    Away,
    /// PHN, on the phone.
    OnThePhone,
    /// LUN, out to lunch.
    OutToLunch,
    /// HDN, hidden: the user sees others and appears offline.
    Hidden,
    /// FLN, offline.
    Offline,
    /// Any other three letters: a sub-state of online (the draft §7.7), which is relayed unchanged.
    Other(SubState),
}

/// Three letters that are not a state of the draft.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct SubState([u8; 3]);

/// The names of the states of the draft.
const NAMES: [(State, &str); 9] = [
    (State::Online, "NLN"),
    (State::Busy, "BSY"),
    (State::Idle, "IDL"),
    (State::BeRightBack, "BRB"),
    (State::Away, "AWY"),
    (State::OnThePhone, "PHN"),
    (State::OutToLunch, "LUN"),
    (State::Hidden, "HDN"),
    (State::Offline, "FLN"),
];

impl State {
    /// Parses a state of three letters. Returns `None` for anything else. The letters are converted
    /// to upper case: otherwise, `hdn` would be a sub-state, in which others can see the user.
    pub fn parse(word: &[u8]) -> Option<State> {
        let mut letters: [u8; 3] = word.try_into().ok()?;
        letters.make_ascii_uppercase();
        if !letters.iter().all(u8::is_ascii_alphabetic) {
            return None;
        }
        let known = NAMES.into_iter().find(|(_, name)| name.as_bytes() == letters);
        Some(match known {
            Some((state, _)) => state,
            None => State::Other(SubState(letters)),
        })
    }

    /// Returns the three letters.
    pub fn as_str(&self) -> &str {
        match self {
            State::Other(SubState(letters)) => core::str::from_utf8(letters).unwrap_or("NLN"),
            known => NAMES.iter().find(|(state, _)| state == known).map_or("NLN", |(_, name)| name),
        }
    }

    /// Whether others can see a user in this state.
    pub const fn is_visible(self) -> bool {
        !matches!(self, State::Hidden | State::Offline)
    }
}

impl core::fmt::Display for State {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.write_str(self.as_str())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn named_and_other_states_are_parsed() {
        for name in ["NLN", "BSY", "IDL", "BRB", "AWY", "PHN", "LUN", "HDN", "FLN", "XYZ"] {
            assert_eq!(State::parse(name.as_bytes()).unwrap().as_str(), name);
        }
        assert_eq!(State::parse(b"hdn"), Some(State::Hidden));
    }

    #[test]
    fn only_three_letters_are_a_state() {
        for word in [b"".as_slice(), b"NL", b"NLNX", b"N1N", b"N\xc3\xab"] {
            assert_eq!(State::parse(word), None);
        }
    }
}
