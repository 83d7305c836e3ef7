#!/usr/bin/env bash
# What other release profiles would give: benches/profiles.sh [NAME...]. For each: the CPU time of a build from
# nothing, the bytes of the program, and the instructions of a relayed message.
set -euo pipefail
cd "$(dirname "$0")/.."

if ! command -v valgrind >/dev/null; then
    apt-get update -q
    apt-get install -y -q --no-install-recommends valgrind libc6-dbg
fi

scratch=$(realpath -m "${CARGO_TARGET_DIR:-target}/profiles")
mkdir -p "$scratch"
# The packages that Cargo.toml optimises for size.
small=$(sed -n 's/^\([a-z_-]*\)\.opt-level = "s"$/\1/p' Cargo.toml)

# The name of a profile, and what it says of lto, codegen-units, opt-level and the opt-level of those packages.
profiles() {
    cat <<'END'
shipped         fat   1 3 "s"
speed           fat   1 3 3
size            fat   1 "s" "s"
smallest        fat   1 "z" "z"
thin            thin  1 3 "s"
thin-16         thin 16 3 "s"
none            off  16 3 3
END
}

cargo build --quiet --release --locked -p msnpd-bench
bench=${CARGO_TARGET_DIR:-target}/release/msnpd-bench

printf '%-10s %12s %12s %14s\n' profile 'CPU seconds' bytes instructions
profiles | while read -r name lto units level cold; do
    if [ $# -gt 0 ] && [[ " $* " != *" $name "* ]]; then
        continue
    fi
    folder=$scratch/$name
    rm -rf "$folder"
    options=(--config "profile.release.lto=\"$lto\"" --config "profile.release.codegen-units=$units"
        --config "profile.release.opt-level=$level")
    for package in $small; do
        options+=(--config "profile.release.package.$package.opt-level=$cold")
    done
    # The shell's own times would hold the profiles of before.
    seconds=$( { TIMEFORMAT='%U %S'; time cargo build --quiet --release --locked -p msnpd --target-dir "$folder" \
        "${options[@]}" 2> "$scratch.log" >&2; } 2>&1 | awk '{ printf "%.0f", $1 + $2 }') ||
        { cat "$scratch.log" >&2; exit 1; }
    counted=$("$bench" --server "$folder/release/msnpd" instructions < /dev/null 2> /dev/null |
        awk -F'|' '$4 + 0 > 0 { print $4 + 0 }')
    printf '%-10s %12s %12s %14s\n' "$name" "$seconds" "$(stat -c %s "$folder/release/msnpd")" "$counted"
    rm -rf "$folder"
done
