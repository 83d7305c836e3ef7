//! Finds the keys that a RON text sets, and their places: the parser does not report them.

use std::str::Chars;

/// A key that is set.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Key {
    /// With its outer keys: `limits.connections`.
    pub(crate) path: String,
    /// The line, from 1.
    pub(crate) line: usize,
    /// The column in characters, from 1.
    pub(crate) column: usize,
}

impl Key {
    /// Whether it has this name, inside any outer keys.
    pub(crate) fn has_name(&self, name: &str) -> bool {
        let outer = self.path.strip_suffix(name);
        outer.is_some_and(|outer| outer.is_empty() || outer.ends_with('.'))
    }
}

/// Returns the keys of a text, in order. For invalid RON the result is a best effort.
pub(crate) fn keys(text: &str) -> Vec<Key> {
    let mut reader = Reader { rest: text.chars(), line: 1, column: 1 };
    let mut found = Vec::new();
    // The key of each open bracket; empty for a bracket that is not the value of a key.
    let mut outer: Vec<String> = Vec::new();
    let mut latest = String::new();
    loop {
        let (line, column) = (reader.line, reader.column);
        let Some(character) = reader.next() else { return found };
        match character {
            '/' => drop(reader.skip_comment()),
            '"' => reader.skip_string(),
            '\'' => reader.skip_character(),
            '(' | '[' | '{' => outer.push(std::mem::take(&mut latest)),
            ')' | ']' | '}' => {
                outer.pop();
                latest.clear();
            }
            ',' => latest.clear(),
            first if first.is_alphabetic() || first == '_' => {
                let Some(name) = reader.word(first) else { continue };
                reader.skip_blanks();
                // A word after the colon of a key is part of its value, as in `site: http://…` without
                // quotation marks.
                if !latest.is_empty() || reader.rest.clone().next() != Some(':') {
                    continue;
                }
                let around = outer.iter().filter(|outer| !outer.is_empty());
                let path: Vec<&str> = around.map(String::as_str).chain([name.as_str()]).collect();
                found.push(Key { path: path.join("."), line, column });
                latest = name;
            }
            _ => {}
        }
    }
}

/// Whether a text has only white space and comments.
pub(crate) fn is_blank(text: &str) -> bool {
    let mut reader = Reader { rest: text.chars(), line: 1, column: 1 };
    loop {
        reader.skip_blanks();
        match reader.next() {
            None => return true,
            Some('/') if reader.skip_comment() => {}
            Some(_) => return false,
        }
    }
}

/// Returns the text with a new value for a key of the outermost structure, whose value is a string or not
/// set. `None` if the text has no place for it.
pub(crate) fn with_value(text: &str, key: &str, value: &str) -> Option<String> {
    let mut reader = Reader { rest: text.chars(), line: 1, column: 1 };
    let offset = |reader: &Reader<'_>| text.len() - reader.rest.as_str().len();
    let (start, end, value) = match keys(text).into_iter().find(|found| found.path == key) {
        Some(found) => {
            while (reader.line, reader.column) != (found.line, found.column) {
                reader.next()?;
            }
            reader.find(|character| *character == ':')?;
            let start = reader.skip_to_string(offset)?;
            (start, offset(&reader), value.to_owned())
        }
        None => {
            reader.skip_to_structure()?;
            (offset(&reader), offset(&reader), format!("\n    {key}: {value},"))
        }
    };
    Some(format!("{}{value}{}", text.get(..start)?, text.get(end..)?))
}

struct Reader<'a> {
    rest: Chars<'a>,
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

impl Reader<'_> {
    fn next_is(&mut self, wanted: impl FnOnce(char) -> bool) -> Option<char> {
        self.rest.clone().next().filter(|character| wanted(*character))?;
        self.next()
    }

    /// Skips the next string and returns where it began, as `offset` computes it.
    fn skip_to_string(&mut self, offset: impl Fn(&Self) -> usize) -> Option<usize> {
        loop {
            let start = offset(self);
            match self.next()? {
                '/' => drop(self.skip_comment()),
                '"' => {
                    self.skip_string();
                    return Some(start);
                }
                'r' => return self.word('r').is_none().then_some(start),
                other if other.is_whitespace() => {}
                _ => return None,
            }
        }
    }

    /// Skips everything before the first key: comments, extensions, a name, a bracket.
    fn skip_to_structure(&mut self) -> Option<()> {
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
        while self.next_is(char::is_whitespace).is_some() {}
    }

    /// Returns the whole word, or `None` if it was the beginning of a raw string.
    fn word(&mut self, first: char) -> Option<String> {
        let mut word = String::from(first);
        while let Some(more) = self.next_is(|more| more.is_alphanumeric() || more == '_') {
            word.push(more);
        }
        if !matches!(word.as_str(), "r" | "br") {
            return Some(word);
        }
        let mut hashes = 0;
        while self.next_is(|more| more == '#').is_some() {
            hashes += 1;
        }
        if self.next_is(|more| more == '"').is_some() {
            self.skip_raw_string(hashes);
            return None;
        }
        // `r#log` is `log`.
        match self.next_is(|more| hashes > 0 && (more.is_alphabetic() || more == '_')) {
            Some(first) => self.word(first),
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
            if character == '"' && following.filter(|following| *following == '#').count() == hashes
            {
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
        self.next_is(|end| end == '\'');
    }

    /// Skips the rest of a comment after its first slash. Returns whether there is a comment that ends.
    fn skip_comment(&mut self) -> bool {
        if self.next_is(|more| more == '/').is_some() {
            self.find(|character| *character == '\n');
            return true;
        }
        if self.next_is(|more| more == '*').is_none() {
            return false;
        }
        let mut depth = 1_usize;
        while depth > 0 {
            match self.next() {
                Some('*') if self.next_is(|more| more == '/').is_some() => depth -= 1,
                Some('/') if self.next_is(|more| more == '*').is_some() => depth += 1,
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
