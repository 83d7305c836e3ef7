//! Splits an export (RON) into its accounts, so that a long file is never in memory as a whole.
//!
//! It finds the ends of values, strings and comments, and nothing more. It gives up on a file that an
//! export never looks like; such a file is read as a whole.

use std::io::BufRead;

/// The longest text of one account, and of everything but the accounts, in bytes.
const MAX_PART: usize = 4 * 1024 * 1024;

/// The file was not split: it cannot be read, an export never looks like it, or `visit` refused an
/// account.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct NotSplit;

/// Calls `visit` with the text of each account; if it returns `false`, splitting ends with an error.
/// Returns the rest of the file: the same document, but with an empty list of accounts.
pub(super) fn split(
    mut from: impl BufRead,
    visit: &mut dyn FnMut(&str) -> bool,
) -> Result<String, NotSplit> {
    let mut splitter = Splitter::default();
    loop {
        let bytes = from.fill_buf().map_err(|_| NotSplit)?;
        if bytes.is_empty() {
            break;
        }
        for byte in bytes {
            splitter.next(*byte, visit)?;
        }
        let count = bytes.len();
        from.consume(count);
    }
    if splitter.state != State::Value || splitter.depth != 0 || !splitter.has_accounts {
        return Err(NotSplit);
    }
    String::from_utf8(splitter.rest).map_err(|_| NotSplit)
}

#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
enum State {
    #[default]
    Value,
    /// After a slash that begins a comment.
    Slash,
    LineComment,
    /// Whether the last byte was a star.
    BlockComment(bool),
    /// Whether the last byte was a backslash.
    Text(bool),
}

#[derive(Default)]
struct Splitter {
    state: State,
    /// The number of brackets that are open.
    depth: u32,
    /// The letters and digits since the last comma at the depth of the document: the name of the
    /// current field.
    word: Vec<u8>,
    /// Whether the list of accounts is open.
    is_in_accounts: bool,
    has_accounts: bool,
    /// The text of the current account, without comments.
    account: Vec<u8>,
    rest: Vec<u8>,
}

/// The depth of brackets in the document, and in its list of accounts.
const DOCUMENT: u32 = 1;
const LIST: u32 = 2;

impl Splitter {
    fn next(&mut self, byte: u8, visit: &mut dyn FnMut(&str) -> bool) -> Result<(), NotSplit> {
        match self.state {
            State::Value => return self.value(byte, visit),
            State::Slash => {
                self.state = match byte {
                    b'/' => State::LineComment,
                    b'*' => State::BlockComment(false),
                    _ => return Err(NotSplit),
                };
            }
            State::LineComment if byte == b'\n' => self.state = State::Value,
            State::LineComment => return Ok(()),
            State::BlockComment(after_star) => {
                // RON allows comments in comments, but an export has none: a slash that could begin
                // one is refused.
                self.state = match (byte, after_star) {
                    (b'/', true) => State::Value,
                    (b'*', _) => State::BlockComment(true),
                    (b'/', false) => return Err(NotSplit),
                    _ => State::BlockComment(false),
                };
                return Ok(());
            }
            State::Text(is_escaped) => {
                self.state = match byte {
                    b'"' if !is_escaped => State::Value,
                    _ => State::Text(byte == b'\\' && !is_escaped),
                };
                return self.keep(byte);
            }
        }
        Ok(())
    }

    fn value(&mut self, byte: u8, visit: &mut dyn FnMut(&str) -> bool) -> Result<(), NotSplit> {
        match byte {
            b'/' => {
                self.state = State::Slash;
                return Ok(());
            }
            // Raw strings and characters.
            b'#' | b'\'' => return Err(NotSplit),
            b'"' => {
                if self.kept().last() == Some(&b'r') {
                    return Err(NotSplit);
                }
                self.state = State::Text(false);
            }
            b'(' | b'[' | b'{' => {
                if self.depth == DOCUMENT && byte == b'[' && self.word == b"accounts" {
                    if std::mem::replace(&mut self.has_accounts, true) {
                        return Err(NotSplit);
                    }
                    self.keep(byte)?;
                    self.is_in_accounts = true;
                    self.depth = LIST;
                    return Ok(());
                }
                self.depth = self.depth.checked_add(1).ok_or(NotSplit)?;
            }
            b')' | b']' | b'}' => {
                self.depth = self.depth.checked_sub(1).ok_or(NotSplit)?;
                if self.is_in_accounts && self.depth < LIST {
                    self.end_account(visit)?;
                    self.is_in_accounts = false;
                }
            }
            b',' if self.is_in_accounts && self.depth == LIST => {
                if self.account.trim_ascii().is_empty() {
                    return Err(NotSplit);
                }
                return self.end_account(visit);
            }
            _ => {}
        }
        if self.depth == DOCUMENT && !self.is_in_accounts {
            match byte {
                b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'_' => self.word.push(byte),
                b',' | b'(' => self.word.clear(),
                _ => {}
            }
            if self.word.len() > MAX_PART {
                return Err(NotSplit);
            }
        }
        self.keep(byte)
    }

    fn kept(&mut self) -> &mut Vec<u8> {
        if self.is_in_accounts { &mut self.account } else { &mut self.rest }
    }

    fn keep(&mut self, byte: u8) -> Result<(), NotSplit> {
        let kept = self.kept();
        if kept.len() >= MAX_PART {
            return Err(NotSplit);
        }
        kept.push(byte);
        Ok(())
    }

    fn end_account(&mut self, visit: &mut dyn FnMut(&str) -> bool) -> Result<(), NotSplit> {
        let text = std::str::from_utf8(&self.account).map_err(|_| NotSplit)?.trim();
        if !text.is_empty() && !visit(text) {
            return Err(NotSplit);
        }
        self.account.clear();
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parts(text: &str) -> Option<(Vec<String>, String)> {
        let mut accounts = Vec::new();
        let rest = split(text.as_bytes(), &mut |account| {
            accounts.push(account.to_owned());
            true
        });
        Some((accounts, rest.ok()?))
    }

    #[test]
    fn accounts_are_found_between_comments_texts_and_other_fields() {
        let text = "// accounts: [(1)]\n(version: 3, /* [ */ denied: [\"accounts: [\"], accounts: [\n\
                    (name: \"a, ]\\\" b\", forward: [\"x\", (\"y\", \"(\")]), // one, two\n\
                    (groups: {1: \"\\\\\"}), /* end */ ], passwords: left_out)\n";
        let (accounts, rest) = parts(text).unwrap();
        assert_eq!(
            accounts,
            ["(name: \"a, ]\\\" b\", forward: [\"x\", (\"y\", \"(\")])", "(groups: {1: \"\\\\\"})",]
        );
        let expected =
            "(version: 3,  denied: [\"accounts: [\"], accounts: [], passwords: left_out)\n";
        assert_eq!(rest, expected);
        assert_eq!(parts("(accounts:[])").unwrap(), (vec![], "(accounts:[])".to_owned()));
        let (accounts, _) = parts("(accounts: [(1)])").unwrap();
        assert_eq!(accounts, ["(1)"]);
    }

    #[test]
    fn unusual_files_are_not_split() {
        for text in [
            "",
            "(version: 3)",
            "(accounts: [(1)]",
            "(accounts: [(1)]))",
            "(accounts: [(1), , (2)])",
            "(accounts: [(r\"a\")])",
            "(accounts: [(r#\"a\"#)])",
            "(accounts: [('a')])",
            "(accounts: [(1 / 2)])",
            "(accounts: [/* /* */ */ (1)])",
            "(accounts: [(\"a)])",
            "(accounts: [(1)], accounts: [(2)])",
            "#![enable(implicit_some)](accounts: [(1)])",
        ] {
            assert_eq!(parts(text), None, "{text}");
        }
        assert!(split(b"(accounts: [(\"\xff\")])".as_slice(), &mut |_| true).is_err());
        assert!(split(b"(accounts: [(1)], x: \"\xff\")".as_slice(), &mut |_| true).is_err());
        let long = format!("(accounts: [(\"{}\")])", "x".repeat(MAX_PART));
        assert_eq!(parts(&long), None);
        assert_eq!(split(b"(accounts: [(1), (2)])".as_slice(), &mut |_| false), Err(NotSplit));
    }
}
