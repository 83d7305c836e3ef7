#!/usr/bin/env bash
# The card turns read-only under the running server and is mounted again: an ext4 file system with
# errors=remount-ro, on a loop device. As root on Linux. MSNPD_ROUNDS sets the number of rounds; the default is 2.
set -euo pipefail
cd "$(dirname "$0")/../.."

if ! command -v mkfs.ext4 >/dev/null || ! command -v findmnt >/dev/null; then
    apt-get update -q
    apt-get install -y -q --no-install-recommends e2fsprogs mount util-linux
fi

folder=$(mktemp -d)
card=$folder/card
mkdir "$card"
cleanup() {
    while mountpoint -q "$card"; do umount --lazy "$card"; done
    rm -rf "$folder"
}
trap cleanup EXIT

fail() {
    echo "read_only_card.sh: $*" >&2
    exit 1
}

truncate -s 32M "$folder/image.0"
mkfs.ext4 -q -F "$folder/image.0"
mount -o loop,errors=remount-ro "$folder/image.0" "$card" ||
    fail "no loop device can be mounted here: it takes root, and in a container CAP_SYS_ADMIN and /dev/loop*"
device=$(basename "$(findmnt -no SOURCE "$card")")
[ -w "/sys/fs/ext4/$device/trigger_fs_error" ] ||
    fail "/sys/fs/ext4/$device/trigger_fs_error cannot be written: the kernel must have ext4 with it, and sysfs be mounted for writing"
chmod 700 "$card"

# `--workspace` reuses what `cargo test --workspace` has built.
cargo test --workspace --locked --test endurance --no-run
MSNPD_CARD="$folder" TMPDIR="$card" \
    cargo test --workspace --locked --test endurance read_only_card:: -- --ignored --nocapture
