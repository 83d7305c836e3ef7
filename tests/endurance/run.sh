#!/usr/bin/env bash
# So many rounds of kill -9 and of power cuts while edits run, and a tenth of that of broken-off backups
# and restores; then the disk is full. It says what came of them and how long it took.
#
#     tests/endurance/run.sh [ROUNDS]
set -euo pipefail
cd "$(dirname "$0")/../.."
rounds=${1:-1000}
failed=0

part() {
    local title=$1 count=$2 output status=0 begin=$SECONDS
    shift 2
    if output=$(MSNPD_ROUNDS=$count "$@" 2>&1); then
        printf '%s: %s rounds, nothing lost' "$title" "$count"
    else
        status=1
        failed=1
        printf '%s\n%s: FAILED' "$output" "$title"
    fi
    printf ', %s s\n' $((SECONDS - begin))
    if [ "$status" = 0 ]; then
        # What the tests themselves say of it.
        grep -oE '[0-9]+ [a-z]+ were .*' <<<"$output" | sed 's/^/    /' || true
    fi
}

program=(cargo test --quiet --release --locked --test endurance)
store=(cargo test --quiet --release --locked -p msnpd-store --test power_cut)
"${program[@]}" --no-run
"${store[@]}" --no-run
part "kill -9" "$rounds" "${program[@]}" kill:: -- --nocapture
part "power cut" "$rounds" "${store[@]}" -- --nocapture
part "backup broken off" $(((rounds + 9) / 10)) "${program[@]}" backup:: -- --nocapture
part "restore broken off" $(((rounds + 9) / 10)) "${program[@]}" restore:: -- --nocapture
part "full disk" 1 tests/endurance/full_disk.sh
exit "$failed"
