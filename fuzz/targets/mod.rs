//! The fuzz targets: one file each, and a name in the table at the end.
//!
//! A target processes any bytes as the program processes bytes from outside, and panics if a guarantee
//! is broken. Nothing here uses the fuzzing engine, so that `cargo test` can run the targets over the
//! corpus.

mod encoded;
mod guarantees;
pub(crate) mod packed;
mod requests;
mod stream;

pub(crate) struct Target {
    /// The name of its file, its corpus and its dictionary.
    pub(crate) name: &'static str,
    /// Processes an input.
    pub(crate) run: fn(&[u8]),
    /// The words of its inputs besides the names of commands, separated by `|`.
    words: &'static str,
}

impl Target {
    /// Returns the words in the form of libFuzzer.
    #[cfg_attr(test, expect(dead_code, reason = "only the fuzzing engine reads it"))]
    pub(crate) fn dictionary(&self) -> String {
        let names = msnp::CommandName::ALL.iter().map(|name| name.as_str());
        let mut words: Vec<&str> = names.chain(self.words.split('|')).collect();
        words.sort_unstable();
        words.dedup();
        words.into_iter().map(dictionary_line).collect()
    }
}

fn dictionary_line(word: &str) -> String {
    let bytes = word.bytes().map(|byte| format!("\\x{byte:02x}"));
    format!("\"{}\"\n", bytes.collect::<String>())
}

macro_rules! targets {
    ($($name:ident,)+) => {
        $(mod $name;)+

        /// All targets.
        pub(crate) const ALL: &[Target] = &[
            $(Target { name: stringify!($name), run: $name::run, words: $name::WORDS },)+
        ];
    };
}

targets! {
    config,
    control,
    dispatch,
    events,
    frame,
    http,
    notification,
    oldtls,
    switchboard,
}
