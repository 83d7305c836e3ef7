//! Which keys a text in RON sets, and where: the parser does not say it.

use std::str::Chars;

/// A key that is set.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Key {
    /// With the keys that it stands in: `limits.connections`.
    pub(crate) path: String,
    /// The line, from 1.
    pub(crate) line: usize,
    /// The column in characters, from 1.
    pub(crate) column: usize,
}

impl Key {
    /// Whether it is called so, whatever it stands in.
    pub(crate) fn is(&self, name: &str) -> bool {
        let outer = self.path.strip_suffix(name);
        outer.is_some_and(|outer| outer.is_empty() || outer.ends_with('.'))
    }
}

/// The keys of a text, in their order. A text that is no RON has the keys that it seems to have.
pub(crate) fn keys(text: &str) -> Vec<Key> {
    let mut reader = Reader { rest: text.chars(), line: 1, column: 1 };
    let mut found = Vec::new();
    // What each open bracket is the value of; nothing, if it is only a pair around something.
    let mut outer: Vec<String> = Vec::new();
    let mut latest = String::new();
    loop {
        let (line, column) = (reader.line, reader.column);
        let Some(character) = reader.next() else { return found };
        match character {
            '/' => drop(reader.pass_comment()),
            '"' => reader.pass_string(),
            '\'' => reader.pass_character(),
            '(' | '[' | '{' => outer.push(std::mem::take(&mut latest)),
            ')' | ']' | '}' => {
                outer.pop();
                latest.clear();
            }
            ',' => latest.clear(),
            first if first.is_alphabetic() || first == '_' => {
                let Some(name) = reader.word(first) else { continue };
                reader.pass_blanks();
                if reader.rest.clone().next() != Some(':') {
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

/// Whether a text has nothing in it but blanks and comments.
pub(crate) fn is_blank(text: &str) -> bool {
    let mut reader = Reader { rest: text.chars(), line: 1, column: 1 };
    loop {
        reader.pass_blanks();
        match reader.next() {
            None => return true,
            Some('/') if reader.pass_comment() => {}
            Some(_) => return false,
        }
    }
}

/// The text with another value of a key of the outermost structure: `value`, for one that is a string
/// or is not set. `None` if there is no place for it.
pub(crate) fn with_text(text: &str, key: &str, value: &str) -> Option<String> {
    let mut reader = Reader { rest: text.chars(), line: 1, column: 1 };
    let at = |reader: &Reader<'_>| text.len() - reader.rest.as_str().len();
    let (start, end, value) = match keys(text).into_iter().find(|found| found.path == key) {
        Some(found) => {
            while (reader.line, reader.column) != (found.line, found.column) {
                reader.next()?;
            }
            reader.find(|character| *character == ':')?;
            let start = reader.pass_to_string(at)?;
            (start, at(&reader), value.to_owned())
        }
        None => {
            reader.pass_to_structure()?;
            (at(&reader), at(&reader), format!("\n    {key}: {value},"))
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

    /// Passes the string that is next; where it began, as `at` says it.
    fn pass_to_string(&mut self, at: impl Fn(&Self) -> usize) -> Option<usize> {
        loop {
            let start = at(self);
            match self.next()? {
                '/' => drop(self.pass_comment()),
                '"' => {
                    self.pass_string();
                    return Some(start);
                }
                'r' => return self.word('r').is_none().then_some(start),
                other if other.is_whitespace() => {}
                _ => return None,
            }
        }
    }

    /// Passes what stands before the first key: comments, extensions, a name, a bracket.
    fn pass_to_structure(&mut self) -> Option<()> {
        loop {
            match self.next()? {
                '/' => drop(self.pass_comment()),
                '#' => drop(self.find(|character| *character == ']')?),
                '(' => return Some(()),
                _ => {}
            }
        }
    }

    fn pass_blanks(&mut self) {
        while self.next_is(char::is_whitespace).is_some() {}
    }

    /// The rest of a word; nothing, if it was the beginning of a raw string.
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
            self.pass_raw_string(hashes);
            return None;
        }
        // `r#log` is `log`.
        match self.next_is(|more| hashes > 0 && (more.is_alphabetic() || more == '_')) {
            Some(first) => self.word(first),
            None => Some(word),
        }
    }

    fn pass_string(&mut self) {
        while let Some(character) = self.next() {
            match character {
                '"' => return,
                '\\' => drop(self.next()),
                _ => {}
            }
        }
    }

    fn pass_raw_string(&mut self, hashes: usize) {
        while let Some(character) = self.next() {
            let behind = self.rest.clone().take(hashes);
            if character == '"' && behind.filter(|behind| *behind == '#').count() == hashes {
                for _ in 0..hashes {
                    self.next();
                }
                return;
            }
        }
    }

    fn pass_character(&mut self) {
        if self.next() == Some('\\') {
            self.next();
        }
        self.next_is(|end| end == '\'');
    }

    /// Passes what follows a slash, if that begins a comment; whether it does, and the comment ends.
    fn pass_comment(&mut self) -> bool {
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
    fn keys_have_the_path_and_the_place_that_they_stand_at() {
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
    fn what_only_looks_like_a_key_is_none() {
        let text = r###"(a: "b: \" c: 1", /* d: /* e: */ f: */ g: r#"h: " i: "#, j: 'k', r#l: [(m)],
            n: '\'', o: ["p: 1", "q: 2"], s: b"t: ")"###;
        let names: Vec<String> = keys(text).into_iter().map(|key| key.path).collect();
        assert_eq!(names, ["a", "g", "j", "l", "n", "o", "s"]);
    }

    #[test]
    fn broken_texts_are_read_to_their_end() {
        for text in ["", "(", ")))", "a:", "(a: \"", "(a: r##\"", "'", "/", "/*", "(a: '\\", "\\"] {
            assert!(keys(text).len() <= 1, "{text:?}");
        }
    }

    #[test]
    fn a_key_is_found_by_its_name_too() {
        let key = Key { path: "limits.buffers".into(), line: 1, column: 1 };
        assert!(key.is("buffers") && key.is("limits.buffers"));
        assert!(!key.is("limits") && !key.is("ffers"));
    }
}
