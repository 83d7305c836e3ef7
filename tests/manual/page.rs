//! How the page is put together.

use crate::keys::{Block, blocks};

/// How long a line of text is.
const WIDTH: usize = 110;

const HEAD: &str = "# Configuration

A test generates this page from [config.ron](../config.ron), the built-in configuration. Do not edit the page: change that file,
then run `MSNPD_WRITE=1 cargo test --workspace --test manual`. The test fails if page and file differ.

No configuration is needed: every key is optional. An unknown key is an error, so that a spelling mistake does not go
unnoticed. The file is [RON](https://github.com/ron-rs/ron); `Some(…)` around a value may be left out.

The active file is the one named with `--config`, else in `MSNPD_CONFIG`, else `config.ron` in the data folder
(`--data`, else `MSNPD_DATA`, else `./data`), else `./config.ron`, else `/etc/msnpd/config.ron`. Without any, the
built-in configuration is active.

* `msnpd config default` prints the built-in configuration.
* `msnpd config show` prints the active values, and where each comes from.
* `msnpd check` finds problems and explains how to fix them.
* `msnpd reload` (or SIGHUP) makes a running server read the file again.
";

/// The whole page.
pub(crate) fn document(shipped: &str) -> String {
    let sections: String = blocks(shipped).iter().map(section).collect();
    format!("{HEAD}{sections}")
}

fn section(block: &Block) -> String {
    let keys: Vec<String> = block.keys.iter().map(|key| format!("`{key}`")).collect();
    let (heading, words) = (keys.join(", "), wrapped(&block.words));
    let level = if block.keys.iter().all(|key| key.contains('.')) { "###" } else { "##" };
    format!("\n{level} {heading}\n\n{words}\n\n```\n{}\n```\n", block.lines.join("\n"))
}

/// Words in lines of at most [`WIDTH`] characters.
fn wrapped(words: &str) -> String {
    let (mut text, mut length) = (String::new(), 0);
    for word in words.split(' ') {
        let longer = length + 1 + word.chars().count();
        if length > 0 && longer > WIDTH {
            text.push('\n');
            length = 0;
        } else if length > 0 {
            text.push(' ');
            length += 1;
        }
        text.push_str(word);
        length += word.chars().count();
    }
    text
}
