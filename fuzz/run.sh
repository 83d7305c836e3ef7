#!/usr/bin/env bash
# Fuzzes each target for a number of seconds: fuzz/run.sh [SECONDS] [TARGET…]. See fuzz/README.md.
set -euo pipefail

here="$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)"
# shellcheck source=fuzz/engine.sh
source "$here/engine.sh"

seconds="${1:-10}"
[[ "$seconds" =~ ^[1-9][0-9]*$ ]] || fail "'$seconds' is not a number of seconds"
shift || true
choose "$@"
build

printf '\n%-14s %12s %10s %9s %9s %7s\n' target executions per-second coverage features corpus
for target in "${targets[@]}"; do
    prepare "$target"
    log="$found/$target.log"
    status=0
    engine "$target" -max_total_time="$seconds" -print_final_stats=1 \
        -artifact_prefix="$crashes/$target-" "$found/$target" "$found/$target.corpus" \
        > "$log" 2>&1 || status=$?
    if [ "$status" -ne 0 ]; then
        tail -n 60 "$log" >&2
        reproducer="$(sed -n 's/.*Test unit written to //p' "$log" | tail -n 1)"
        # After a stack overflow, the process ends before it writes the input.
        fail "$target crashed (exit code $status); its input: ${reproducer:-unknown, see $log}"
    fi
    awk -v target="$target" '
        /^stat::number_of_executed_units:/ { executions = $2 }
        /^stat::average_exec_per_sec:/ { speed = $2 }
        / cov: / {
            for (i = 1; i < NF; i++) {
                if ($i == "cov:") coverage = $(i + 1)
                if ($i == "ft:") features = $(i + 1)
                if ($i == "corp:") corpus = $(i + 1)
            }
        }
        END {
            if (executions == 0) exit 1
            sub("/.*", "", corpus)
            printf "%-14s %12d %10d %9d %9d %7d\n", target, executions, speed, coverage, features, corpus
        }' "$log" || fail "$target ran nothing: see $log"
done
echo "no crash"
