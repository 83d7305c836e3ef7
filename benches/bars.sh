#!/usr/bin/env bash
# Prints everything that has a limit ("bars"): the figures of an earlier build and of this one, the limit, and
# whether it is met. Fails if a figure is more than tolerated: the limits are in benches/src/mode/bars.rs.
# The builds are measured in turns; the figures are medians of nine rounds.
#
#   benches/bars.sh             takes some minutes, and more the first time, when it makes the earlier build
#   benches/bars.sh --bulk      also the commands for all accounts
#   benches/bars.sh --long      also the growth of memory after two million sign-ins: an hour
#   benches/bars.sh --size      also the size of the program for armv6, which it builds
#
# All options of `msnpd-bench bars` are accepted. BEFORE names another commit to compare with. The earlier build and
# its source stay in target/before.
set -euo pipefail
cd "$(dirname "$0")/.."

BEFORE=${BEFORE:-8dca659}
target=$(realpath -m "${CARGO_TARGET_DIR:-target}")
before=$target/before

if ! command -v valgrind >/dev/null; then
    apt-get update -q
    apt-get install -y -q --no-install-recommends valgrind libc6-dbg
fi

if [[ ! -e $before/.git ]]; then
    git worktree prune
    git worktree add --quiet --detach "$before" "$BEFORE"
fi
git -C "$before" checkout --quiet --detach "$BEFORE"
(cd "$before" && env -u CARGO_TARGET_DIR cargo build --release --locked -p msnpd)

# One after the other, so that the server is built as it is shipped.
cargo build --release --locked -p msnpd
cargo build --release --locked -p msnpd-bench
"$target/release/msnpd-bench" bars --before "$before/target/release/msnpd" --before-source "$before" "$@"
