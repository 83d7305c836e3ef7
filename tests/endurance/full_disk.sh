#!/usr/bin/env bash
# Tests a full disk, with a small file system that is mounted and filled. As root.
set -euo pipefail
cd "$(dirname "$0")/../.."

disk=$(mktemp -d)
cleanup() {
    if mountpoint -q "$disk"; then umount "$disk"; fi
    rmdir "$disk"
}
trap cleanup EXIT
if ! mount -t tmpfs -o size=16m,mode=0700 msnpd-test "$disk"; then
    echo "full_disk.sh: nothing can be mounted here: it takes root, and in a container CAP_SYS_ADMIN" >&2
    exit 1
fi
# `--workspace` reuses what `cargo test --workspace` has built.
cargo test --workspace --locked --test endurance --no-run
# One at a time: they fill the same disk.
MSNPD_SMALL_DISK=1 TMPDIR="$disk" cargo test --workspace --locked --test endurance full_disk:: -- --test-threads 1
