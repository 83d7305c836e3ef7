//! Prints the licences of all libraries that the program for a target contains:
//! `cargo run --example licence_notices -- TARGET`.

#[path = "../tests/dependencies/graph.rs"]
#[allow(
    dead_code,
    clippy::indexing_slicing,
    clippy::unwrap_used,
    reason = "the tests need more of it, and may panic"
)]
mod graph;
#[path = "../tests/dependencies/notices.rs"]
mod notices;

use std::io::{Error, Result, Write};

fn main() -> Result<()> {
    let target = std::env::args()
        .nth(1)
        .ok_or_else(|| Error::other("name the target: licence_notices TARGET"))?;
    let notices = notices::notices(&graph::Graph::read(&[target]))?;
    std::io::stdout().write_all(notices.as_bytes())
}
