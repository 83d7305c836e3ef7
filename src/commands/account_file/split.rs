//! Splits an export (RON) into its accounts, so that a long file is never in memory as a whole.
//!
//! It recognizes only the ends of values, strings and comments. It gives up on a file with anything that
//! `export` never writes; such a file is read as a whole.

use std::io::BufRead;

/// The longest text of one account, and the longest text of the file without its accounts, in bytes.
const MAX_PART: usize = 4 * 1024 * 1024;

/// The file was not split: it cannot be read, it has something that `export` never writes, or `visit` refused
/// an account.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct NotSplit;

/// Calls `visit` with the text of each account. If `visit` returns `false`, splitting ends with an error.
/// Returns the rest of the file, which is the same document with an empty list of accounts.
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

/// What the next byte belongs to.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
enum State {
    /// A value outside strings and comments.
    #[default]
    Value,
    /// A comment, of which only the first slash was read.
    Slash,
    LineComment,
    BlockComment {
        /// Whether the byte before was a star.
        after_star: bool,
    },
    String {
        /// Whether the byte before was a backslash that escapes this one.
        is_escaped: bool,
    },
}

#[derive(Default)]
struct Splitter {
    state: State,
    /// The number of brackets that are open.
    depth: u32,
    /// The name of the current field of the document: its letters and digits since the last comma.
    field: Vec<u8>,
    /// Whether the list of accounts is open.
    is_in_accounts: bool,
    /// Whether the list of accounts was found.
    has_accounts: bool,
    /// The text of the current account, without comments.
    account: Vec<u8>,
    /// The text of the document without its accounts and comments.
    rest: Vec<u8>,
}

/// The depth of brackets at the fields of the document.
const DOCUMENT_DEPTH: u32 = 1;

/// The depth of brackets in the list of accounts.
const LIST_DEPTH: u32 = 2;

impl Splitter {
    fn next(&mut self, byte: u8, visit: &mut dyn FnMut(&str) -> bool) -> Result<(), NotSplit> {
        match self.state {
            State::Value => return self.next_of_value(byte, visit),
            State::Slash => {
                self.state = match byte {
                    b'/' => State::LineComment,
                    b'*' => State::BlockComment { after_star: false },
                    _ => return Err(NotSplit),
                };
            }
            State::LineComment if byte == b'\n' => self.state = State::Value,
            State::LineComment => return Ok(()),
            State::BlockComment { after_star } => {
                // RON allows comments in comments, but an export has none: a slash that could begin
                // one is refused.
                self.state = match (byte, after_star) {
                    (b'/', true) => State::Value,
                    (b'*', _) => State::BlockComment { after_star: true },
                    (b'/', false) => return Err(NotSplit),
                    _ => State::BlockComment { after_star: false },
                };
                return Ok(());
            }
            State::String { is_escaped } => {
                self.state = match byte {
                    b'"' if !is_escaped => State::Value,
                    _ => State::String { is_escaped: byte == b'\\' && !is_escaped },
                };
                return self.keep(byte);
            }
        }
        Ok(())
    }

    /// Handles a byte in [`State::Value`].
    fn next_of_value(
        &mut self,
        byte: u8,
        visit: &mut dyn FnMut(&str) -> bool,
    ) -> Result<(), NotSplit> {
        match byte {
            b'/' => {
                self.state = State::Slash;
                return Ok(());
            }
            // `#` begins a raw string or an extension of RON, `'` a character: `export` writes none of them.
            b'#' | b'\'' => return Err(NotSplit),
            b'"' => {
                // `r"` begins a raw string.
                if self.current_part().last() == Some(&b'r') {
                    return Err(NotSplit);
                }
                self.state = State::String { is_escaped: false };
            }
            b'(' | b'[' | b'{' => {
                if self.depth == DOCUMENT_DEPTH && byte == b'[' && self.field == b"accounts" {
                    if self.has_accounts {
                        return Err(NotSplit);
                    }
                    self.has_accounts = true;
                    self.keep(byte)?;
                    self.is_in_accounts = true;
                    self.depth = LIST_DEPTH;
                    return Ok(());
                }
                self.depth = self.depth.checked_add(1).ok_or(NotSplit)?;
            }
            b')' | b']' | b'}' => {
                self.depth = self.depth.checked_sub(1).ok_or(NotSplit)?;
                if self.is_in_accounts && self.depth < LIST_DEPTH {
                    self.end_account(visit)?;
                    self.is_in_accounts = false;
                }
            }
            b',' if self.is_in_accounts && self.depth == LIST_DEPTH => {
                if self.account.trim_ascii().is_empty() {
                    return Err(NotSplit);
                }
                return self.end_account(visit);
            }
            _ => {}
        }
        if self.depth == DOCUMENT_DEPTH && !self.is_in_accounts {
            match byte {
                b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'_' => self.field.push(byte),
                b',' | b'(' => self.field.clear(),
                _ => {}
            }
            if self.field.len() > MAX_PART {
                return Err(NotSplit);
            }
        }
        self.keep(byte)
    }

    /// Returns the text that the current byte belongs to.
    fn current_part(&mut self) -> &mut Vec<u8> {
        if self.is_in_accounts { &mut self.account } else { &mut self.rest }
    }

    fn keep(&mut self, byte: u8) -> Result<(), NotSplit> {
        let part = self.current_part();
        if part.len() >= MAX_PART {
            return Err(NotSplit);
        }
        part.push(byte);
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
