//! Lines of a script with placeholders for values that the server chooses.

use std::collections::BTreeMap;

use crate::support::digest;

/// The values known so far, by name.
pub(crate) type Values = BTreeMap<String, String>;

/// Names with values that are known from the start: the addresses of the three servers.
pub(crate) const LISTENERS: [&str; 3] = ["dispatch", "notification", "switchboard"];

/// Text with placeholders.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Pattern {
    parts: Vec<Part>,
}

/// A piece of a [`Pattern`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Part {
    Text(Vec<u8>),
    /// `<ser>`, `<ser+1>`: a value. Only a number can have an offset other than 0.
    Value {
        name: String,
        added: i64,
    },
    /// `<md5 challenge password>`, and with upper-case digits `<MD5 challenge password>`.
    Digest {
        challenge: String,
        password: String,
        upper: bool,
    },
}

impl Pattern {
    pub(crate) fn push(&mut self, part: Part) {
        if let (Some(Part::Text(last)), Part::Text(more)) = (self.parts.last_mut(), &part) {
            last.extend_from_slice(more);
        } else {
            self.parts.push(part);
        }
    }

    pub(crate) fn push_text(&mut self, text: &[u8]) {
        self.push(Part::Text(text.to_vec()));
    }

    pub(crate) fn append(&mut self, other: Self) {
        for part in other.parts {
            self.push(part);
        }
    }

    /// Returns the bytes if there is no placeholder.
    pub(crate) fn plain(&self) -> Option<&[u8]> {
        match self.parts.as_slice() {
            [] => Some(&[]),
            [Part::Text(text)] => Some(text),
            _ => None,
        }
    }

    /// Returns the bytes to send, with every value filled in.
    pub(crate) fn fill(&self, values: &Values) -> Result<Vec<u8>, String> {
        let mut bytes = Vec::new();
        for part in &self.parts {
            match known(part, values)? {
                Some(text) => bytes.extend_from_slice(&text),
                None => return Err(format!("{part:?} has no value yet")),
            }
        }
        Ok(bytes)
    }

    /// Compares the pattern with received bytes. A new name takes its value from them.
    pub(crate) fn compare(&self, received: &[u8], values: &mut Values) -> Result<(), String> {
        let mut rest = received;
        for part in &self.parts {
            if let Some(text) = known(part, values)? {
                rest =
                    rest.strip_prefix(text.as_slice()).ok_or_else(|| self.expected_text(values))?;
            } else if let Part::Value { name, added: 0 } = part {
                let kind = Kind::of(name)?;
                let length = rest.iter().take_while(|byte| kind.allows(**byte)).count();
                let (value, after) = rest.split_at(length);
                let value = String::from_utf8_lossy(value).into_owned();
                if !kind.is_formed(&value) {
                    return Err(format!(
                        "{}, where <{name}> is {}",
                        self.expected_text(values),
                        kind.rule()
                    ));
                }
                values.insert(name.clone(), value);
                rest = after;
            } else {
                return Err(format!("{part:?} has no value yet"));
            }
        }
        if rest.is_empty() { Ok(()) } else { Err(self.expected_text(values)) }
    }

    /// Returns the pattern as in the script, with known values filled in.
    pub(crate) fn expected_text(&self, values: &Values) -> String {
        let mut text = String::new();
        for part in &self.parts {
            match (known(part, values), part) {
                (Ok(Some(bytes)), _) => text.push_str(&bytes.escape_ascii().to_string()),
                (_, Part::Value { name, .. }) => text.push_str(&format!("<{name}>")),
                (_, other) => text.push_str(&format!("{other:?}")),
            }
        }
        format!("`{text}`")
    }
}

/// Returns the bytes of a part if they are known.
fn known(part: &Part, values: &Values) -> Result<Option<Vec<u8>>, String> {
    match part {
        Part::Text(text) => Ok(Some(text.clone())),
        Part::Value { name, added } => match values.get(name) {
            None => Ok(None),
            Some(value) if *added == 0 => Ok(Some(value.clone().into_bytes())),
            Some(value) => {
                let number: i64 = value.parse().map_err(|_| format!("<{name}> is no number"))?;
                Ok(Some((number + added).to_string().into_bytes()))
            }
        },
        Part::Digest { challenge, password, upper } => {
            let challenge =
                values.get(challenge).ok_or_else(|| format!("<{challenge}> has no value yet"))?;
            let digest = digest::md5(challenge.as_bytes(), password.as_bytes());
            Ok(Some(if *upper { digest.to_ascii_uppercase() } else { digest }.into_bytes()))
        }
    }
}

/// The form of a value, which depends on how its name begins.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    /// `ser…`: a list version. Clients keep it in a signed 32-bit number, and one seeded from the
    /// clock is never small.
    ListVersion,
    /// `cookie…`: three groups of nine digits with dots; Miranda keeps 29 characters.
    Cookie,
    /// `challenge…`: seconds, a dot, nine digits.
    Challenge,
    /// `sid…`: a Switchboard session id, too large to be taken for a transaction ID.
    SessionId,
    /// `address…`: a dotted IPv4 address and a port.
    Address,
    /// `time…`: Unix seconds, ten digits.
    Time,
    /// `chl…`: a challenge to the client program, twenty digits.
    ProgramChallenge,
}

impl Kind {
    pub(crate) fn of(name: &str) -> Result<Self, String> {
        const PREFIXES: [(&str, Kind); 7] = [
            ("ser", Kind::ListVersion),
            ("cookie", Kind::Cookie),
            ("challenge", Kind::Challenge),
            ("sid", Kind::SessionId),
            ("address", Kind::Address),
            ("time", Kind::Time),
            ("chl", Kind::ProgramChallenge),
        ];
        let found = PREFIXES.into_iter().find(|(prefix, _)| name.starts_with(prefix));
        found.map(|(_, kind)| kind).ok_or_else(|| format!("<{name}>: no kind of value begins so"))
    }

    fn allows(self, byte: u8) -> bool {
        byte.is_ascii_digit()
            || match self {
                Self::Cookie | Self::Challenge => byte == b'.',
                Self::Address => matches!(byte, b'.' | b':'),
                Self::ListVersion | Self::SessionId | Self::Time | Self::ProgramChallenge => false,
            }
    }

    fn is_formed(self, value: &str) -> bool {
        let digits = |text: &str, count| {
            text.len() == count && text.bytes().all(|byte| byte.is_ascii_digit())
        };
        let number = |least, most| {
            value.parse::<u32>().is_ok_and(|number| (least..=most).contains(&number))
                && !value.starts_with('0')
        };
        match self {
            Self::ListVersion => number(1, 2_147_483_647),
            Self::SessionId => number(10_000_000, 2_147_483_647),
            Self::Time => digits(value, 10),
            Self::ProgramChallenge => digits(value, 20),
            Self::Cookie => {
                value.split('.').count() == 3 && value.split('.').all(|group| digits(group, 9))
            }
            Self::Challenge => value
                .split_once('.')
                .is_some_and(|(seconds, random)| digits(seconds, 10) && digits(random, 9)),
            Self::Address => value.parse::<std::net::SocketAddrV4>().is_ok(),
        }
    }

    fn rule(self) -> &'static str {
        match self {
            Self::ListVersion => "a list version: 1 to 2147483647",
            Self::Cookie => "a cookie: ddddddddd.ddddddddd.ddddddddd",
            Self::Challenge => "a challenge: ten digits, a dot, nine digits",
            Self::SessionId => "a session id: 10000000 to 2147483647",
            Self::Address => "an IPv4 address with a port",
            Self::Time => "Unix seconds: ten digits",
            Self::ProgramChallenge => "a challenge to the program: twenty digits",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{Part, Pattern, Values};
    use crate::script_runner::lines;

    fn pattern(text: &str) -> Pattern {
        lines::pattern(text).unwrap()
    }

    #[test]
    fn value_is_noted_once_and_compared_afterwards() {
        let mut values = Values::new();
        let line = pattern("SYN 8 <ser>");
        assert_eq!(line.compare(b"SYN 8 840000021", &mut values), Ok(()));
        assert_eq!(values["ser"], "840000021");
        assert_eq!(line.compare(b"SYN 8 840000021", &mut values), Ok(()));
        assert_eq!(
            line.compare(b"SYN 8 840000022", &mut values),
            Err("`SYN 8 840000021`".to_owned())
        );
    }

    #[test]
    fn arithmetic_works_on_what_was_noted() {
        let mut values = Values::from([("ser".to_owned(), "840000021".to_owned())]);
        let line = pattern("GTC 9 <ser+1> N");
        assert_eq!(line.compare(b"GTC 9 840000022 N", &mut values), Ok(()));
        assert!(line.compare(b"GTC 9 840000021 N", &mut values).is_err());
        assert!(line.compare(b"GTC 9 840000022 N ", &mut values).is_err());
        assert_eq!(line.fill(&values), Ok(b"GTC 9 840000022 N".to_vec()));
        assert_eq!(pattern("<ser-1>").fill(&values), Ok(b"840000020".to_vec()));
    }

    #[test]
    fn value_without_arithmetic_base_is_an_error() {
        let mut values = Values::new();
        assert!(pattern("GTC 9 <ser+1> N").compare(b"GTC 9 1 N", &mut values).is_err());
        assert!(pattern("<cookie>").fill(&values).is_err());
        assert!(pattern("<md5 challenge secret>").fill(&values).is_err());
    }

    #[test]
    fn each_kind_of_value_holds_its_form() {
        for (name, good, bad) in [
            ("ser", "840000021", &["0", "-1", "2147483648", "0840000021", ""][..]),
            ("cookie", "849102291.520491113.184736205", &["849102291.520491113", "1.2.3"]),
            ("challenge", "1013928519.693957190", &["1013928519", "1013928519.1"]),
            ("sid", "11752013", &["12", "2147483648"]),
            ("address", "127.0.0.1:1863", &["127.0.0.1", "127.0.0.1:", "127.0.0.1:70000"]),
            ("time", "1013928520", &["12"]),
            ("chl", "15571014051513461452", &["1557101405151346145", "1013928519.693957190"]),
        ] {
            let pattern = pattern(&format!("a <{name}_x> z"));
            let compare = |value: &str| {
                pattern.compare(format!("a {value} z").as_bytes(), &mut Values::new())
            };
            assert_eq!(compare(good), Ok(()), "{name} {good}");
            for bad in bad {
                assert!(compare(bad).is_err(), "{name} {bad}");
            }
        }
    }

    #[test]
    fn digest_is_computed_from_the_noted_challenge() {
        let values = Values::from([("challenge".to_owned(), "1013928519.693957190".to_owned())]);
        let lower = pattern("USR 7 MD5 S <md5 challenge secret>").fill(&values).unwrap();
        assert_eq!(lower, b"USR 7 MD5 S 0dc38e0c96e5ef37eb9451a0b2d5aaf9");
        let upper = pattern("<MD5 challenge secret>").fill(&values).unwrap();
        assert_eq!(upper, b"0DC38E0C96E5EF37EB9451A0B2D5AAF9");
    }

    #[test]
    fn neighbouring_text_is_one_part() {
        let mut pattern = Pattern::default();
        pattern.push_text(b"PNG");
        pattern.push_text(b"\r\n");
        assert_eq!(pattern.plain(), Some(&b"PNG\r\n"[..]));
        pattern.push(Part::Value { name: "ser".to_owned(), added: 0 });
        assert_eq!(pattern.plain(), None);
    }
}
