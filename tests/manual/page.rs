//! How the page is put together.

use crate::keys::{Block, blocks};

/// How long a line of text is.
const WIDTH: usize = 110;

const HEAD: &str = "# Configuration

This page is written by a test, from [config.ron](../config.ron), which has what is built in. Do not edit it: change that file,
then `MSNPD_WRITE=1 cargo test --test manual`. The test fails if this page is not what that file says.

No configuration is needed: every key may be left out. One that is not known is refused, so that no spelling mistake
passes unnoticed. The file is in [RON](https://github.com/ron-rs/ron); `Some(…)` around a value may be left out.

The file that applies is the one named with `--config`, else in `MSNPD_CONFIG`, else `config.ron` in the data folder
(`--data`, else `MSNPD_DATA`, else `./data`), else `./config.ron`, else `/etc/msnpd/config.ron`, else what is built in.
`msnpd config default` prints one to begin with, `msnpd config show` what is in force and where each value comes from,
`msnpd check` what is wrong with it, and `msnpd reload` (or SIGHUP) has a running server read it again.
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
