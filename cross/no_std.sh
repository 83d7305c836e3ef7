#!/usr/bin/env bash
# Tests that the msnp crate needs neither std nor an allocator: a program with neither links, runs, and
# has no symbol of either. See cross/README.md.
set -euo pipefail

cargo="${CARGO:-cargo}"
rustc="${RUSTC:-rustc}"

here="$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)"
target_dir="$(realpath -m "${CARGO_TARGET_DIR:-$here/no_std/target}")"
scratch="$(mktemp -d)"
trap 'rm -rf "$scratch"' EXIT

fail() {
    echo "no_std test FAILED: $*" >&2
    exit 1
}

# Prints the symbols that a program defines and imports, one a line, without addresses and versions.
symbols() {
    { nm --demangle "$1"; nm --demangle --dynamic "$1"; } 2>/dev/null |
        sed -E 's/^ *[0-9a-f]* [A-Za-z?] //; s/@.*$//' | sort -u
}

# The program must have no symbol of these kinds. `core::alloc` belongs to core.
kinds=("Rust's allocator" "C's heap" "the crate std" "the crate alloc")
patterns=(
    '__(rust|rg|rdl)_(alloc|alloc_zeroed|realloc|dealloc)'
    '^(malloc|calloc|realloc|reallocarray|free|aligned_alloc|memalign|posix_memalign)$'
    '(^|[^A-Za-z0-9_:])std(\[[0-9a-f]+\])?::'
    '(^|[^A-Za-z0-9_:])alloc(\[[0-9a-f]+\])?::'
)

# 1. It links.
host="$("$rustc" -vV | sed -n 's/^host: //p')"
case "$host" in
    *-linux-gnu*) ;;
    *) fail "this program starts on Linux with glibc only, not on $host" ;;
esac
"$cargo" build --release --locked --target "$host" --target-dir "$target_dir" \
    --manifest-path "$here/no_std/Cargo.toml"
program="$target_dir/$host/release/msnp-no-std"
[ -x "$program" ] || fail "there is no $program"
echo "linked: $program"

# 2. It runs, and it notices a wrong password.
status=0
"$program" secret || status=$?
[ "$status" -eq 0 ] || fail "the program exits with $status instead of 0"
status=0
"$program" wrong || status=$?
[ "$status" -eq 1 ] || fail "with a wrong password the program exits with $status instead of 1"
echo "ran: a sign-in and a conversation, byte for byte; a wrong password is refused"

# 3. It contains the crate, and neither std nor an allocator.
symbols "$program" > "$scratch/symbols"
for name in 'msnp::frame::next' 'msnp::gate::TABLE' 'msnp::auth::Digest::of' \
    'msnp::command::Request::decode' 'msnp::command::Event::encode'; do
    grep -qF "$name" "$scratch/symbols" || fail "the program does not contain $name, so the test is void"
done
for kind in "${!kinds[@]}"; do
    if grep -E "${patterns[kind]}" "$scratch/symbols" >&2; then
        fail "the symbols above belong to ${kinds[kind]}"
    fi
done
echo "inspected: $(wc -l < "$scratch/symbols") symbols, none of std, alloc or a heap"

# 4. The same inspection finds all kinds in a program with std, and C's heap even in a stripped one.
echo 'fn main() { println!("{}", std::env::args().count().to_string()) }' > "$scratch/control.rs"
"$rustc" --edition 2024 -o "$scratch/control" "$scratch/control.rs"
symbols "$scratch/control" > "$scratch/control.symbols"
for kind in "${!kinds[@]}"; do
    grep -qE "${patterns[kind]}" "$scratch/control.symbols" ||
        fail "the inspection does not find ${kinds[kind]} in a program that has it"
done
strip "$scratch/control"
symbols "$scratch/control" > "$scratch/control.symbols"
grep -qE "${patterns[1]}" "$scratch/control.symbols" ||
    fail "the inspection does not find ${kinds[1]} in a stripped program that imports it"
echo "negative control: the same inspection finds all four kinds in a program with std"

echo "no_std test passed: msnp links and runs without std and without an allocator on $host"
