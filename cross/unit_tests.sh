#!/usr/bin/env bash
# Runs the tests of crates as code of a board, under its emulator: cross/unit_tests.sh BOARD CRATE...
# It accepts the variables of build.sh. The release profile is used, so that its unwinding is tested too.
set -euo pipefail
# shellcheck source=cross/common.sh
. "$(dirname "${BASH_SOURCE[0]}")/common.sh"

[ $# -ge 2 ] || die "usage: cross/unit_tests.sh BOARD CRATE..., such as: cross/unit_tests.sh armv6 msnp"
use_board "$1"
shift
need_emulator
use_route "$(route_here)"
say "$board: tests of $* for $target"
# Fewer cases of each property, since an emulator is slow; this machine's own tests run all of them.
export PROPTEST_CASES="${PROPTEST_CASES:-32}"
cd "$root"
"${test[@]}" "${flags[@]}" "${@/#/--package=}" --lib --tests
