#!/usr/bin/env bash
# Rebuilds the corpus: the smallest set of inputs with the same coverage as the scripts, the corpus and the inputs
# found since. Named inputs stay. fuzz/minimise.sh [TARGET…]; see fuzz/README.md.
set -euo pipefail

here="$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)"
# shellcheck source=fuzz/engine.sh
source "$here/engine.sh"

choose "$@"
build
scratch="$(mktemp -d)"
trap 'rm -rf "$scratch"' EXIT

mapfile -t all < <(all_targets)
for target in "${all[@]}"; do
    mkdir -p "$scratch/seeds/$target"
done
LC_ALL=C awk -v to="$scratch/seeds" -f "$here/seeds.awk" \
    "$here"/../tests/scripts/*/*.msnp "$here"/../tests/transcripts/*-*.txt
cp "$here/../config.ron" "$scratch/seeds/config/shipped"

for target in "${targets[@]}"; do
    prepare "$target"
    kept="$scratch/kept/$target"
    mkdir -p "$kept"
    copy_named "$target" "$kept"
    # Only the reached code counts, not how often an input reaches it. Otherwise thousands of inputs would stay.
    engine "$target" -set_cover_merge=1 -use_counters=0 \
        "$kept" "$found/$target.corpus" "$scratch/seeds/$target" "$found/$target" \
        > "$found/$target.merge.log" 2>&1 || fail "see $found/$target.merge.log"
    # The engine names its inputs by 40 hexadecimal digits. All other files are named inputs, which stay unpacked.
    find "$kept" -type f | grep -vE '/[0-9a-f]{40}$' | xargs -r -d '\n' rm || true
    pack "$target" "$kept"
    echo "$target: $(find "$kept" -type f | wc -l) inputs packed, $(wc -c < "$here/corpus/$target.ron") bytes"
done
