#!/usr/bin/env bash
# What is to be run before a release, besides .ci/run: all that is proven of msnpd on boards, of armv7 too, with the
# program that is shipped. MSNPD_CROSS_PROFILE=cross is quicker.
set -euo pipefail
export MSNPD_CROSS_PROFILE="${MSNPD_CROSS_PROFILE:-release}" MSNPD_CROSS_TESTS="msnp msnpd-actors"
exec "$(dirname "${BASH_SOURCE[0]}")/ci.sh" aarch64 armv7 armv6
