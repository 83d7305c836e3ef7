//! What is fuzzed: one file a target, and its name in the table at the end.
//!
//! A target takes any bytes, does with them what the program does with bytes from outside, and
//! panics if a promise is broken. Nothing here knows the fuzzing engine, so that `cargo test` runs
//! the same over the corpus.

pub(crate) mod packed;
mod promises;
mod requests;
mod stream;
mod written;

/// One target.
pub(crate) struct Target {
    /// Its name: that of its file, its corpus and its dictionary.
    pub(crate) name: &'static str,
    /// What it does with an input.
    pub(crate) run: fn(&[u8]),
    /// The words that its inputs are made of, besides the names of commands; `|` is between them.
    words: &'static str,
}

impl Target {
    /// The words in the form that libFuzzer reads.
    #[cfg_attr(test, expect(dead_code, reason = "only the fuzzing engine reads it"))]
    pub(crate) fn dictionary(&self) -> String {
        let said = msnp::gate::COMMANDS.iter().map(|row| row.name);
        let told = msnp::gate::EVENTS.iter().map(|told| told.name);
        let mut words: Vec<&str> = said.chain(told).chain(self.words.split('|')).collect();
        words.sort_unstable();
        words.dedup();
        words.into_iter().map(line_of_dictionary).collect()
    }
}

fn line_of_dictionary(word: &str) -> String {
    let bytes = word.bytes().map(|byte| format!("\\x{byte:02x}"));
    format!("\"{}\"\n", bytes.collect::<String>())
}

macro_rules! targets {
    ($($name:ident,)+) => {
        $(mod $name;)+

        /// All of them.
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
    notification,
    switchboard,
}
