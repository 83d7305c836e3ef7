#!/usr/bin/env bash
# What is the same on every run, whatever else the machine does: the instructions of a relayed message.
# The heap of a session, peers that never read and the pools have bounds in `cargo test`.
#
# The bound is a little above what was measured (benches/README.md); it is there to notice a change that
# costs something.
set -euo pipefail
cd "$(dirname "$0")/.."

if ! command -v valgrind >/dev/null; then
    apt-get update -q
    apt-get install -y -q --no-install-recommends valgrind libc6-dbg
fi

# One after the other, so that the server is built as it is shipped.
cargo build --release --locked -p msnpd
cargo build --release --locked -p msnpd-bench
"${CARGO_TARGET_DIR:-target}/release/msnpd-bench" instructions --at-most 4700
