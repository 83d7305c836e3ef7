#!/usr/bin/env bash
# To run before a release, besides .ci/run: tests the release programs on all boards, including armv7.
# MSNPD_CROSS_PROFILE=cross is faster.
set -euo pipefail
export MSNPD_CROSS_PROFILE="${MSNPD_CROSS_PROFILE:-release}" MSNPD_CROSS_TESTS="msnp msnpd-actors"
exec "$(dirname "${BASH_SOURCE[0]}")/ci.sh" aarch64 armv7 armv6
