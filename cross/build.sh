#!/usr/bin/env bash
# Builds msnpd for a board: cross/build.sh BOARD. The boards are in cross/boards.
#
# With rustup, the board's standard library is fetched by it. Without, or with MSNPD_CROSS_ROUTE=debian, it is
# Debian's, or compiled from Debian's source. Missing packages are installed if this runs as root, else listed.
# MSNPD_CROSS_NATIVE is a program for amd64 that was built before, and is used unchanged.
set -euo pipefail
# shellcheck source=cross/common.sh
. "$(dirname "${BASH_SOURCE[0]}")/common.sh"

[ $# -eq 1 ] || die "usage: cross/build.sh BOARD, one of: $(boards | paste -sd' ')"
use_board "$1"
if [ "$board" = amd64 ] && [ -n "${MSNPD_CROSS_NATIVE:-}" ]; then
    [ -x "$binary" ] || die "MSNPD_CROSS_NATIVE: there is no $binary"
    echo "$binary"
    exit
fi
route="$(route_here)"
use_route "$route"
say "$board: building msnpd for $target ($route, $profile)"
(cd "$root" && "${build[@]}" "${flags[@]}" --package msnpd --bin msnpd)
[ -x "$binary" ] || die "there is no $binary"
echo "$binary"
