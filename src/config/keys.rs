//! Finds the keys that a RON text sets, and where: the RON parser does not report places of keys.

use std::str::Chars;

/// A key that is set.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Key {
    /// The key with its outer keys, such as `limits.connections`.
    pub(crate) path: String,
    /// The line, from 1.
    pub(crate) line: usize,
    /// The column in characters, from 1.
    pub(crate) column: usize,
}

impl Key {
    /// Whether its path is this name, or ends in a dot and this name.
    pub(crate) fn has_name(&self, name: &str) -> bool {
        let before = self.path.strip_suffix(name);
        before.is_some_and(|before| before.is_empty() || before.ends_with('.'))
    }
}

/// Returns the keys of a text, in order. For invalid RON the result is a best effort.
pub(crate) fn keys(text: &str) -> Vec<Key> {
    let mut reader = Reader::new(text);
    let mut found = Vec::new();
    // The key of each open bracket; empty for a bracket that is not the value of a key.
    let mut outer_keys: Vec<String> = Vec::new();
    // The key whose value is being read; empty before a key.
    let mut current_key = String::new();
    loop {
        let (line, column) = (reader.line, reader.column);
        let Some(character) = reader.next() else { return found };
        match character {
            '/' => drop(reader.skip_comment()),
            '"' => reader.skip_string(),
            '\'' => reader.skip_character(),
            '(' | '[' | '{' => outer_keys.push(std::mem::take(&mut current_key)),
            ')' | ']' | '}' => {
                outer_keys.pop();
                current_key.clear();
            }
            ',' => current_key.clear(),
            first if first.is_alphabetic() || first == '_' => {
                let Some(name) = reader.rest_of_word(first) else { continue };
                reader.skip_blanks();
                // A word after the colon of a key is part of its value, as in `site: http://…` without
                // quotation marks.
                if !current_key.is_empty() || reader.rest.clone().next() != Some(':') {
                    continue;
                }
                let outer_names = outer_keys.iter().map(String::as_str);
                let names = outer_names.filter(|outer| !outer.is_empty()).chain([name.as_str()]);
                let path = names.collect::<Vec<&str>>().join(".");
                found.push(Key { path, line, column });
                current_key = name;
            }
            _ => {}
        }
    }
}

/// Whether a text has only white space and comments.
pub(crate) fn is_blank(text: &str) -> bool {
    let mut reader = Reader::new(text);
    loop {
        reader.skip_blanks();
        match reader.next() {
            None => return true,
            Some('/') if reader.skip_comment() => {}
            Some(_) => return false,
        }
    }
}

/// Returns the text with a new value for an outermost key: replaces its value, which must be a string, or
/// inserts the key if it is not set. `None` if the text has no place for it.
pub(crate) fn with_value(text: &str, key: &str, value: &str) -> Option<String> {
    let mut reader = Reader::new(text);
    let (start, end, inserted) = match keys(text).into_iter().find(|found| found.path == key) {
        Some(found) => {
            while (reader.line, reader.column) != (found.line, found.column) {
                reader.next()?;
            }
            reader.find(|character| *character == ':')?;
            let start = reader.skip_string_value()?;
            (start, reader.offset(), value.to_owned())
        }
        None => {
            reader.skip_to_first_key()?;
            (reader.offset(), reader.offset(), format!("\n    {key}: {value},"))
        }
    };
    Some(format!("{}{inserted}{}", text.get(..start)?, text.get(end..)?))
}

/// Reads characters and counts their lines and columns.
struct Reader<'a> {
    text: &'a str,
    rest: Chars<'a>,
    /// The place of the next character, from 1.
    line: usize,
    column: usize,
}

impl Iterator for Reader<'_> {
    type Item = char;

    fn next(&mut self) -> Option<char> {
        let character = self.rest.next()?;
        if character == '\n' {
            self.line += 1;
            self.column = 1;
        } else {
            self.column += 1;
        }
        Some(character)
    }
}

impl<'a> Reader<'a> {
    fn new(text: &'a str) -> Reader<'a> {
        Reader { text, rest: text.chars(), line: 1, column: 1 }
    }

    /// Returns the number of bytes that were read.
    fn offset(&self) -> usize {
        self.text.len() - self.rest.as_str().len()
    }

    /// Reads the next character if it is wanted; otherwise leaves it and returns `None`.
    fn next_if(&mut self, is_wanted: impl FnOnce(char) -> bool) -> Option<char> {
        self.rest.clone().next().filter(|character| is_wanted(*character))?;
        self.next()
    }

    /// Skips a string, and the comments before it. Returns the offset of the string; `None` if the next value
    /// is not a string.
    fn skip_string_value(&mut self) -> Option<usize> {
        loop {
            let start = self.offset();
            match self.next()? {
                '/' => drop(self.skip_comment()),
                '"' => {
                    self.skip_string();
                    return Some(start);
                }
                // A raw string.
                'r' => return self.rest_of_word('r').is_none().then_some(start),
                other if other.is_whitespace() => {}
                _ => return None,
            }
        }
    }

    /// Skips everything before the first key: comments, extensions such as `#![enable(…)]`, a name, and the
    /// opening parenthesis. `None` if there is no parenthesis.
    fn skip_to_first_key(&mut self) -> Option<()> {
        loop {
            match self.next()? {
                '/' => drop(self.skip_comment()),
                '#' => drop(self.find(|character| *character == ']')?),
                '(' => return Some(()),
                _ => {}
            }
        }
    }

    fn skip_blanks(&mut self) {
        while self.next_if(char::is_whitespace).is_some() {}
    }

    /// Reads a word after its first character. Returns the whole word, or `None` if it was the prefix of a
    /// raw string: then that string is skipped.
    fn rest_of_word(&mut self, first: char) -> Option<String> {
        let mut word = String::from(first);
        while let Some(more) = self.next_if(|more| more.is_alphanumeric() || more == '_') {
            word.push(more);
        }
        if !matches!(word.as_str(), "r" | "br") {
            return Some(word);
        }
        let mut hashes = 0;
        while self.next_if(|more| more == '#').is_some() {
            hashes += 1;
        }
        if self.next_if(|more| more == '"').is_some() {
            self.skip_raw_string(hashes);
            return None;
        }
        // `r#log` is the word `log`.
        match self.next_if(|more| hashes > 0 && (more.is_alphabetic() || more == '_')) {
            Some(first) => self.rest_of_word(first),
            None => Some(word),
        }
    }

    fn skip_string(&mut self) {
        while let Some(character) = self.next() {
            match character {
                '"' => return,
                '\\' => drop(self.next()),
                _ => {}
            }
        }
    }

    fn skip_raw_string(&mut self, hashes: usize) {
        while let Some(character) = self.next() {
            let following = self.rest.clone().take(hashes);
            let is_end = || following.filter(|character| *character == '#').count() == hashes;
            if character == '"' && is_end() {
                for _ in 0..hashes {
                    self.next();
                }
                return;
            }
        }
    }

    fn skip_character(&mut self) {
        if self.next() == Some('\\') {
            self.next();
        }
        self.next_if(|end| end == '\'');
    }

    /// Skips the rest of a comment after its first slash. Returns `false` if there is no comment, or one that
    /// does not end.
    fn skip_comment(&mut self) -> bool {
        if self.next_if(|more| more == '/').is_some() {
            self.find(|character| *character == '\n');
            return true;
        }
        if self.next_if(|more| more == '*').is_none() {
            return false;
        }
        let mut depth = 1_usize;
        while depth > 0 {
            match self.next() {
                Some('*') if self.next_if(|more| more == '/').is_some() => depth -= 1,
                Some('/') if self.next_if(|more| more == '*').is_some() => depth += 1,
                Some(_) => {}
                None => return false,
            }
        }
        true
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(text: &str) -> Vec<String> {
        let show = |key: Key| format!("{} {}:{}", key.path, key.line, key.column);
        keys(text).into_iter().map(show).collect()
    }

    #[test]
    fn keys_have_their_path_and_place() {
        let text = "(\n  dispatch: Some((listen: \"a\", advertise: None)),\n  log: info,\n\
                    limits: (\n    // buffers: 1\n    cookies : 2,\n  ),\n  site: \"\",\n)";
        let paths = [
            "dispatch 2:3",
            "dispatch.listen 2:19",
            "dispatch.advertise 2:32",
            "log 3:3",
            "limits 4:1",
            "limits.cookies 6:5",
            "site 8:3",
        ];
        assert_eq!(found(text), paths);
    }

    #[test]
    fn text_that_only_looks_like_a_key_is_skipped() {
        let text = r###"(a: "b: \" c: 1", /* d: /* e: */ f: */ g: r#"h: " i: "#, j: 'k', r#l: [(m)],
            n: '\'', o: ["p: 1", "q: 2"], s: b"t: ")"###;
        let names: Vec<String> = keys(text).into_iter().map(|key| key.path).collect();
        assert_eq!(names, ["a", "g", "j", "l", "n", "o", "s"]);
    }

    #[test]
    fn broken_texts_are_read_to_their_end() {
        assert_eq!(found("(\n  site: http://x/,\n  log: info)"), ["site 2:3"]);
        assert_eq!(found("(site: a:b, log: info)"), ["site 1:2", "log 1:13"]);
        for text in ["", "(", ")))", "a:", "(a: \"", "(a: r##\"", "'", "/", "/*", "(a: '\\", "\\"] {
            assert!(keys(text).len() <= 1, "{text:?}");
        }
    }

    #[test]
    fn a_key_is_also_found_by_its_name_alone() {
        let key = Key { path: "limits.buffers".into(), line: 1, column: 1 };
        assert!(key.has_name("buffers") && key.has_name("limits.buffers"));
        assert!(!key.has_name("limits") && !key.has_name("ffers"));
    }
}
