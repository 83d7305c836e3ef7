//! The keys of `config.ron`, with what stands before them.

/// Keys that are explained together.
#[derive(Debug, Default)]
pub(crate) struct Block {
    /// With the keys that they stand in: `limits.connections`.
    pub(crate) keys: Vec<String>,
    /// The explanation, in one line.
    pub(crate) words: String,
    /// Their lines as they stand there, but their indentation.
    pub(crate) lines: Vec<String>,
}

/// All of them, in their order. A comment explains the keys below it, to the next comment.
pub(crate) fn blocks(text: &str) -> Vec<Block> {
    let (mut blocks, mut block, mut outer) = (Vec::new(), Block::default(), Vec::new());
    // What stands before the first bracket is of the file as a whole.
    for line in text.lines().skip_while(|line| *line != "(").skip(1).map(str::trim) {
        if let Some(words) = line.strip_prefix("//") {
            if !block.keys.is_empty() {
                blocks.push(std::mem::take(&mut block));
            }
            if !block.words.is_empty() {
                block.words.push(' ');
            }
            block.words.push_str(words.trim());
        } else if let Some((key, value)) = line.split_once(": ") {
            let path: Vec<&str> = outer.iter().map(String::as_str).chain([key]).collect();
            block.keys.push(path.join("."));
            block.lines.push(if value == "(" { format!("{key}: (…)") } else { line.to_owned() });
            if value == "(" {
                outer.push(key.to_owned());
            }
        } else if line.starts_with(')') {
            outer.pop();
        }
    }
    blocks.push(block);
    blocks
}

#[test]
fn a_comment_explains_the_keys_below_it() {
    let text = "// The file.\n(\n    // Two\n    // lines.\n    a: 1,\n    b: (c: 2),\n\n    // Three.\n    \
                d: (\n        // Inner.\n        e: \"x: y\",\n    ),\n    // Last.\n    f: [],\n)\n";
    let found: Vec<(String, String, String)> = blocks(text)
        .into_iter()
        .map(|block| (block.keys.join(" "), block.words, block.lines.join(" ")))
        .collect();
    let expected = [
        ("a b", "Two lines.", "a: 1, b: (c: 2),"),
        ("d", "Three.", "d: (…)"),
        ("d.e", "Inner.", "e: \"x: y\","),
        ("f", "Last.", "f: [],"),
    ];
    let expected = expected.map(|(keys, words, lines)| (keys.into(), words.into(), lines.into()));
    assert_eq!(found, expected);
}
