#!/usr/bin/env bash
# Tests msnpd on boards, on a bare Debian 12 as root: cross/ci.sh [BOARD...]
# Without a board: aarch64 armv6, as in .ci/run. cross/release_ci.sh tests the release programs of all boards, and also
# runs the tests of the actors on one of them. It uses Debian's Rust, so that it works where rustup has no std for a
# board.
set -euo pipefail
export MSNPD_CROSS_ROUTE=debian
# MSNPD_CROSS_PROFILE=release tests the release programs, which take longer to build.
export MSNPD_CROSS_PROFILE="${MSNPD_CROSS_PROFILE:-cross}"
# The crates whose tests run as code of the oldest processor.
read -ra crates <<< "${MSNPD_CROSS_TESTS:-msnp}"
# shellcheck source=cross/common.sh
. "$(dirname "${BASH_SOURCE[0]}")/common.sh"

[ $# -gt 0 ] || set -- aarch64 armv6

passed=0 failed=() times=''
step() { # NAME COMMAND...
    local name="$1" begun=$SECONDS seconds
    shift
    if "$@"; then
        passed=$((passed + 1))
        seconds=$((SECONDS - begun))
        times+="$(printf '%5d s  %s' "$seconds" "$name")"$'\n'
    else
        failed+=("$name")
        seconds=$((SECONDS - begun))
        times+="$(printf '%5d s  %s FAILED' "$seconds" "$name")"$'\n'
    fi
    say "$name: $seconds s"
}

# Checks that the armv6 program, with everything linked into it, has no code for a newer processor.
is_for_armv6() {
    need_packages binutils
    use_board armv6
    local code
    code="$(readelf -A "$binary" | awk -F': ' '/Tag_CPU_arch:/ { print $2 }')"
    [ "$code" = v6 ] || { echo "the program of armv6 has code for ARM$code" >&2; return 1; }
}

# A program for ARMv7 must run on the emulated Cortex-A7, and die of an illegal instruction on the emulated ARM1176.
dies_on_armv6() { # PROGRAM [ARGUMENT...]
    local status=0
    "${runner[@]}" "$@" > /dev/null || { echo "$1 does not run on a $cpu" >&2; return 1; }
    (ulimit -c 0; exec "$emulator" -cpu arm1176 -L "$sysroot" "$@") > /dev/null 2>&1 || status=$?
    [ "$status" -eq $((128 + 4)) ] || { echo "$1 ends with $status, not by an illegal instruction" >&2; return 1; }
}

# Checks that the emulator of an older processor does not run code for a newer one; otherwise the other tests prove
# nothing. Debian's loader for armhf is such code.
emulator_is_armv6() {
    use_board armv7
    need_emulator
    dies_on_armv6 "$sysroot/lib/ld-linux-armhf.so.3" --version || return 1
    say "Debian's loader for ARMv7 dies of an illegal instruction on an ARM1176"
}

# In the program, the loader dies first.
armv7_dies_on_armv6() {
    use_board armv7
    need_emulator
    [ -x "$binary" ] || { echo "there is no $binary" >&2; return 1; }
    dies_on_armv6 "$binary" --version || return 1
    say "the program of armv7 dies of an illegal instruction on an ARM1176"
}

has() { [[ " $boards_asked " == *" $1 "* ]]; }
boards_asked="$*"
# package_test.sh makes the packages of all boards that have one.
packages=''
if has armv6 && has aarch64; then
    packages=1
fi
has_package() {
    use_board "$1"
    [ "$architecture" != - ]
}

step "build amd64" "$here/build.sh" amd64
for board_asked; do
    step "build $board_asked" "$here/build.sh" "$board_asked"
    # This program's smoke test is part of the test of its package.
    if [ -z "$packages" ] || ! has_package "$board_asked"; then
        step "smoke $board_asked" "$here/smoke.sh" "$board_asked"
    fi
done
if has armv6; then
    step "code of armv6" is_for_armv6
    step "ARMv7 code on an ARM1176" emulator_is_armv6
    step "stores of amd64 and armv6" "$here/store_exchange.sh" armv6
    if has armv7; then
        step "armv7 on an ARM1176" armv7_dies_on_armv6
    fi
    step "tests on armv6: ${crates[*]}" "$here/unit_tests.sh" armv6 "${crates[@]}"
fi
if has aarch64; then
    step "tests on aarch64: msnp" "$here/unit_tests.sh" aarch64 msnp
fi
if [ -n "$packages" ]; then
    step "packages; smoke aarch64, armv6" "$here/package_test.sh"
fi

printf '\n%s%d passed, %d failed\n' "$times" "$passed" "${#failed[@]}"
[ "${#failed[@]}" -eq 0 ]
