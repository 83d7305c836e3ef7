#!/usr/bin/env bash
# Runs ROUNDS rounds of kill -9, of power cuts, of a disk that turns read-only during edits, and of the test
# that no list version is used twice; a tenth as many rounds of interrupted backups, restores and imports, and of a
# real file system that turns read-only; then the tests of a full disk. Prints results and durations.
# MSNPD_CARD_ROUNDS sets the rounds with the real file system.
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
        # The tests' own output.
        grep -oE '[0-9]+ [a-z]+ were .*' <<<"$output" | sed 's/^/    /' || true
    fi
}

program=(cargo test --quiet --release --locked --test endurance)
store=(cargo test --quiet --release --locked -p msnpd-store --test power_cut)
versions=(cargo test --quiet --release --locked -p msnpd-store --test versions)
"${program[@]}" --no-run
"${versions[@]}" --no-run
"${store[@]}" --no-run
part "kill -9" "$rounds" "${program[@]}" kill:: -- --nocapture
part "power cut" "$rounds" "${store[@]}" what_was_acknowledged -- --nocapture
part "read-only disk" "$rounds" "${store[@]}" turns_read_only -- --nocapture
part "other failures of a disk" 1 "${store[@]}" -- --skip what_was_acknowledged --skip turns_read_only
part "list versions" "$rounds" "${versions[@]}" -- --nocapture
part "backup broken off" $(((rounds + 9) / 10)) "${program[@]}" backup:: -- --nocapture
part "restore broken off" $(((rounds + 9) / 10)) "${program[@]}" restore:: -- --nocapture
part "import broken off" $(((rounds + 9) / 10)) "${program[@]}" import:: -- --nocapture
part "read-only card" "${MSNPD_CARD_ROUNDS:-$(((rounds + 9) / 10))}" tests/endurance/read_only_card.sh
part "full disk" 1 tests/endurance/full_disk.sh
exit "$failed"
