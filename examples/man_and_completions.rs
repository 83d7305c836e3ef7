//! Writes the manual pages and the completions for bash, zsh and fish into a folder:
//! `cargo run --example man_and_completions -- FOLDER`.

use clap_complete::Shell;
use std::io::{Error, Result};

fn main() -> Result<()> {
    let folder = std::env::args_os()
        .nth(1)
        .ok_or_else(|| Error::other("name the folder: man_and_completions FOLDER"))?;
    std::fs::create_dir_all(&folder)?;
    clap_mangen::generate_to(msnpd::command_line(), &folder)?;
    for shell in [Shell::Bash, Shell::Zsh, Shell::Fish] {
        clap_complete::generate_to(shell, &mut msnpd::command_line(), "msnpd", &folder)?;
    }
    Ok(())
}
