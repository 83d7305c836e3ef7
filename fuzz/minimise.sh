#!/usr/bin/env bash
# Makes the corpus anew: the smallest set of inputs that covers what the plays, the corpus and what
# was found since cover. Inputs with a name stay. fuzz/minimise.sh [TARGET…]; see fuzz/README.md.
set -euo pipefail

here="$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)"
# shellcheck source=fuzz/engine.sh
source "$here/engine.sh"

choose "$@"
build
scratch="$(mktemp -d)"
trap 'rm -rf "$scratch"' EXIT

mapfile -t known < <(known)
for target in "${known[@]}"; do
    mkdir -p "$scratch/seeds/$target"
done
LC_ALL=C awk -v to="$scratch/seeds" -f "$here/seeds.awk" \
    "$here"/../tests/scripts/*.msnp "$here"/../tests/transcripts/*-*.txt
cp "$here/../config.ron" "$scratch/seeds/config/shipped"

for target in "${targets[@]}"; do
    prepare "$target"
    corpus="$here/corpus/$target"
    kept="$scratch/kept/$target"
    mkdir -p "$corpus" "$kept"
    # What the engine names has 40 hexadecimal digits; what has another name, somebody put there.
    find "$corpus" -type f -printf '%f\n' | grep -vxE '[0-9a-f]{40}' |
        while read -r name; do cp "$corpus/$name" "$kept/"; done || true
    # Places in the code count, not how often an input passes them: that would be thousands.
    engine "$target" -set_cover_merge=1 -use_counters=0 "$kept" "$corpus" "$scratch/seeds/$target" "$found/$target" \
        > "$found/$target.merge.log" 2>&1 || fail "see $found/$target.merge.log"
    rm -rf "$corpus"
    mv "$kept" "$corpus"
    echo "$target: $(find "$corpus" -type f | wc -l) inputs, $(du -cb "$corpus"/* | tail -n 1 | cut -f 1) bytes"
done
