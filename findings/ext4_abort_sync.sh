#!/usr/bin/env bash
# Linux 6.18, ext4: an fdatasync succeeds, and what it has written is not there after the next mount.
#
# What: the file system meets an error (`trigger_fs_error`, errors=remount-ro) while a program writes pages and calls
# fdatasync again and again. In a few of ten rounds the last fdatasync that succeeded had begun before the error. If its
# pages lie in blocks that were allocated for it, they read as zeros after e2fsck and the next mount. Pages in blocks
# that were written before are all there. fsync in place of fdatasync, twice in place of once, and dioread_lock are no better.
# Why it surprises: fdatasync returns 0 for data that is not on the disk; only the next call fails, with EROFS.
# Who is hit: databases that acknowledge a commit after fdatasync, on a card that turns read-only just then.
# As root, with Python 3, e2fsprogs and loop devices.
set -euo pipefail

folder="$(mktemp -d)"
mkdir "$folder/card"
cleanup() {
    while mountpoint -q "$folder/card"; do umount --lazy "$folder/card"; done
    rm -rf "$folder"
}
trap cleanup EXIT
export PYTHONDONTWRITEBYTECODE=1

cat > "$folder/rounds.py" << 'PYTHON'
import os, random, struct, subprocess, sys, threading, time

folder, kind, rounds = sys.argv[1], sys.argv[2], int(sys.argv[3])
image, card, pages = folder + "/image", folder + "/card", 64


def run(*words, codes=(0,)):
    done = subprocess.run(words, capture_output=True, text=True)
    assert done.returncode in codes, (words, done)
    return done.stdout


def one_round(seed):
    with open(image, "wb") as file:
        file.truncate(32 << 20)
    run("mkfs.ext4", "-q", "-F", image)
    run("mount", "-o", "loop,errors=remount-ro", image, card)
    device = os.path.basename(run("findmnt", "-no", "SOURCE", card).split()[-1])
    file = os.open(card + "/file", os.O_RDWR | os.O_CREAT)
    os.ftruncate(file, pages * 4096)
    if kind == "written":
        os.pwrite(file, bytes(pages * 4096), 0)
    os.fsync(file)
    run("sync")
    synced = {}

    def write():
        chance = random.Random(seed)
        try:
            for number in range(1, 1 << 30):
                some = [1 + chance.randrange(pages - 1) for _ in range(3)]
                if kind == "new":
                    some = [1 + (3 * number + step) % (pages - 1) for step in range(3)]
                for page in some:
                    os.pwrite(file, struct.pack("<Q", number) * 512, page * 4096)
                os.fdatasync(file)
                synced.update(dict.fromkeys(some, number))
                # What is behind the end has no blocks; it grows again with the next one.
                if kind == "new" and number % 2:
                    os.ftruncate(file, (pages - 1) * 4096)
                elif kind == "new":
                    os.ftruncate(file, pages * 4096)
        except OSError:
            pass

    writer = threading.Thread(target=write)
    writer.start()
    time.sleep(random.uniform(0.01, 0.06))
    with open(f"/sys/fs/ext4/{device}/trigger_fs_error", "w") as trigger:
        trigger.write("1")
    writer.join()
    run("sync")
    run("cp", "--sparse=always", image, image + ".copy")
    os.close(file)
    run("umount", "--lazy", card)
    run("e2fsck", "-fy", image + ".copy", codes=(0, 1))
    run("mount", "-o", "loop", image + ".copy", card)
    with open(card + "/file", "rb") as found:
        there = found.read().ljust(pages * 4096, b"\0")
    run("umount", card)
    at = lambda page: struct.unpack_from("<Q", there, page * 4096)[0]
    # The last page may have been cut off.
    return any(at(page) < number for page, number in synced.items() if page < pages - 1)


print(sum(one_round(seed) for seed in range(rounds)))
PYTHON

uname -sr
new=$(python3 "$folder/rounds.py" "$folder" new 60)
written=$(python3 "$folder/rounds.py" "$folder" written 60)
echo "blocks that were just allocated: what was synced is missing after $new of 60 rounds"
echo "blocks that were written before: what was synced is missing after $written of 60 rounds"
[ "$new" -gt 0 ] && [ "$written" = 0 ]
