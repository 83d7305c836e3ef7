#!/usr/bin/env bash
# Zig 0.17.1: `-target arm-linux-musleabihf` makes programs for ARMv7, which the first Raspberry Pi and the Zero cannot run.
#
# What happens: `zig cc -target arm-linux-musleabihf` makes a static C program, including the C library. On an ARM1176, the
# processor of those boards, it ends with an illegal instruction; on a Cortex-A7 it runs. With `-mcpu=arm1176jzf_s`, Zig
# compiles its C library for that processor too, and the program runs on both.
# Why it is unexpected: Rust's target of that name, `arm-unknown-linux-musleabihf`, is ARMv6; its ARMv7 target has another
# name, `armv7-…`. This problem is known of Debian's cross compilers, and a static program from Zig seems to avoid it.
# Who is affected: anyone who builds C for those boards with Zig, or Rust with C code and their own linker script for Zig.
# cargo-zigbuild names the processor, so what it links is right.
#
# Installs ziglang from PyPI, and Debian's qemu-user-static of this machine's release, in a temporary folder. Needs python3
# with venv, and apt-get.
set -euo pipefail

folder="$(mktemp -d)"
trap 'rm -rf "$folder"' EXIT
export ZIG_GLOBAL_CACHE_DIR="$folder/cache" ZIG_LOCAL_CACHE_DIR="$folder/cache"
cd "$folder"

python3 -m venv "$folder/python"
"$folder/python/bin/pip" install --quiet --disable-pip-version-check ziglang==0.17.1
apt-get -qq download qemu-user-static 2> /dev/null || { apt-get -qq update && apt-get -qq download qemu-user-static; }
dpkg -x qemu-user-static_*.deb "$folder/debian"
emulator="$folder/debian/usr/bin/qemu-arm-static"
ulimit -c 0

cat > hello.c << 'C'
#include <stdio.h>
int main(void) { puts("hello"); return 0; }
C

# Prints how the program ends on a processor.
on() { # PROCESSOR PROGRAM
    local status=0
    "$emulator" -cpu "$1" "$2" > said 2>&1 || status=$?
    case "$status" in
        0) cat said ;;
        132) echo "illegal instruction" ;;
        *) echo "ends with $status" ;;
    esac
}

try() { # PROGRAM [OPTION...]
    "$folder/python/bin/python" -m ziglang cc -target arm-linux-musleabihf "${@:2}" -O2 -static hello.c -o "$1"
    printf '%s, on a Cortex-A7: %s\n' "$1" "$(on cortex-a7 "./$1" 2> /dev/null)"
    printf '%s, on an ARM1176: %s\n' "$1" "$(on arm1176 "./$1" 2> /dev/null)"
}

{ try plain; try arm1176jzf_s -mcpu=arm1176jzf_s; } > seen

cat > expected << 'TEXT'
plain, on a Cortex-A7: hello
plain, on an ARM1176: illegal instruction
arm1176jzf_s, on a Cortex-A7: hello
arm1176jzf_s, on an ARM1176: hello
TEXT

echo "zig $("$folder/python/bin/python" -m ziglang version), -target arm-linux-musleabihf; $("$emulator" --version | head -n 1):"
cat seen
diff expected seen || { echo "it behaves otherwise now" >&2; exit 1; }
echo "as stated: without a processor it is code for ARMv7"
