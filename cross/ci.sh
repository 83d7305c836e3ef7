#!/usr/bin/env bash
# All that is proven of msnpd on boards, on a bare Debian 12 with root: cross/ci.sh [BOARD...]
# Without a board: aarch64 armv7 armv6. It takes Debian's Rust, so that it works where rustup has no board's std.
set -euo pipefail
export MSNPD_CROSS_ROUTE=debian
# What is shipped takes longer to build; MSNPD_CROSS_PROFILE=release proves just that.
export MSNPD_CROSS_PROFILE="${MSNPD_CROSS_PROFILE:-cross}"
# shellcheck source=cross/common.sh
. "$(dirname "${BASH_SOURCE[0]}")/common.sh"

[ $# -gt 0 ] || set -- aarch64 armv7 armv6

passed=0 failed=() times=''
step() { # NAME COMMAND...
    local name="$1" begun=$SECONDS
    shift
    if "$@"; then
        passed=$((passed + 1))
        times+="$(printf '%5d s  %s' $((SECONDS - begun)) "$name")"$'\n'
    else
        failed+=("$name")
        times+="$(printf '%5d s  %s FAILED' $((SECONDS - begun)) "$name")"$'\n'
    fi
}

# Code for a newer processor dies on an older one, so an emulator that runs a program says something. What dies first is
# Debian's own loader; so the program of armv6 is also asked which processor its code is for.
dies_on_armv6() {
    need_packages binutils
    use_board armv6
    local code
    code="$(readelf -A "$binary" | awk -F': ' '/Tag_CPU_arch:/ { print $2 }')"
    [ "$code" = v6 ] || { echo "the program of armv6 has code for ARM$code" >&2; return 1; }
    use_board armv7
    [ -x "$binary" ] || { echo "there is no $binary" >&2; return 1; }
    local status=0
    (ulimit -c 0; exec "$emulator" -cpu arm1176 -L "$sysroot" "$binary" --version) > /dev/null 2>&1 || status=$?
    [ "$status" -eq $((128 + 4)) ] || { echo "it ends with $status, not by an illegal instruction" >&2; return 1; }
    say "the program of armv7 dies of an illegal instruction on an ARM1176"
}

has() { [[ " $boards_asked " == *" $1 "* ]]; }
boards_asked="$*"

step "build amd64" "$here/build.sh" amd64
for board_asked; do
    step "build $board_asked" "$here/build.sh" "$board_asked"
    step "smoke $board_asked" "$here/smoke.sh" "$board_asked"
done
if has armv6; then
    step "stores of amd64 and armv6" "$here/store_exchange.sh" armv6
    if has armv7; then
        step "armv7 on an ARM1176" dies_on_armv6
    fi
    step "tests on armv6: msnp, actors" "$here/unit_tests.sh" armv6 msnp msnpd-actors
fi
if has aarch64; then
    step "tests on aarch64: msnp" "$here/unit_tests.sh" aarch64 msnp
fi
if has armv6 && has aarch64; then
    step "packages" "$here/package_test.sh"
fi

printf '\n%s%d passed, %d failed\n' "$times" "$passed" "${#failed[@]}"
[ "${#failed[@]}" -eq 0 ]
