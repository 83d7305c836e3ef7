#!/usr/bin/env bash
# Checks that msnp and its tests build with each set of features, and that its logging macros work
# with each of them that changes what they do.
set -euo pipefail

cargo="${CARGO:-cargo}"
here="$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)"
manifest="$here/../msnp/Cargo.toml"

for features in '' log defmt serde log,defmt,serde; do
    "$cargo" check --quiet --locked --all-targets --manifest-path "$manifest" \
        --features "$features"
    echo "builds with features: ${features:-none}"
done
for features in '' log defmt log,defmt,serde; do
    output="$("$cargo" test --quiet --locked --test logging --manifest-path "$manifest" \
        --features "$features" 2>&1)" || { echo "$output" >&2; exit 1; }
    echo "logs with features: ${features:-none}"
done
echo "features passed: msnp builds with none, log, defmt, serde and all of them"
