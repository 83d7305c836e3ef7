# Shared functions of the scripts in this folder, which source this file. Bash.
# shellcheck shell=bash disable=SC2034  # the variables are for those scripts

here="$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)"
root="$(dirname "$here")"

# The output folder, and the folder of tools that are not Debian packages.
out="$(realpath -m "${CARGO_TARGET_DIR:-$root/target}/cross")"
tools="${MSNPD_CROSS_TOOLS:-$out/tools}"

# The profile of release builds.
profile="${MSNPD_CROSS_PROFILE:-release}"

say() { printf '== %s\n' "$*"; }

die() {
    printf '%s: %s\n' "$(basename "$0")" "$*" >&2
    exit 1
}

boards() { awk '!/^#/ && NF { print $1 }' "$here/boards"; }

# Reads the line of a board: sets board, target, links, architecture, emulator, cpu, linker (the C compiler that
# links) and sysroot (where the emulator finds the libraries of the board).
use_board() {
    board="$1"
    local line
    line="$(awk -v board="$board" '$1 == board' "$here/boards")"
    [ -n "$line" ] || die "no board '$board': $(boards | paste -sd' ') (cross/boards)"
    read -r _ target links architecture emulator cpu <<< "$line"
    linker='' sysroot=''
    case "$board" in
        aarch64) linker=aarch64-linux-gnu-gcc sysroot=/usr/aarch64-linux-gnu ;;
        armv7) linker=arm-linux-gnueabihf-gcc sysroot=/usr/arm-linux-gnueabihf ;;
    esac
    runner=()
    if [ "$emulator" != - ]; then
        runner=("$emulator" -cpu "$cpu")
        if [ -n "$sysroot" ]; then
            runner+=(-L "$sysroot")
        fi
    fi
    binary="$out/$target/$profile/msnpd"
    if [ "$board" = amd64 ] && [ -n "${MSNPD_CROSS_NATIVE:-}" ]; then
        binary="$MSNPD_CROSS_NATIVE"
    fi
}

# Installs the missing ones of these Debian packages.
need_packages() {
    local missing=() package
    for package in "$@"; do
        dpkg-query -W -f='${Status}' "$package" 2> /dev/null | grep -q 'ok installed' || missing+=("$package")
    done
    [ "${#missing[@]}" -gt 0 ] || return 0
    [ "$(id -u)" -eq 0 ] || die "install these first, or run it as root: apt-get install ${missing[*]}"
    say "apt-get install ${missing[*]}"
    # The package lists are updated only if the present ones do not work.
    install_packages "${missing[@]}" 2> /dev/null || {
        apt-get -qq -o DPkg::Lock::Timeout=600 update
        install_packages "${missing[@]}"
    }
}

install_packages() {
    DEBIAN_FRONTEND=noninteractive apt-get -qq -o DPkg::Lock::Timeout=600 install -y --no-install-recommends "$@" \
        > /dev/null
}

# zig, which has a C library for each target, and cargo-zigbuild, which links with it.
need_zig() {
    # Tested versions. They are part of the folder's name, since the folder may be kept for later runs.
    local zig=0.17.1 zigbuild=0.24.0 folder
    folder="$tools/zig-$zig-$zigbuild"
    if [ ! -e "$folder/complete" ]; then
        local python=python3
        # Debian's python3 has no venv module, but another one earlier in PATH may have it.
        if ! "$python" -c 'import venv, ensurepip' 2> /dev/null; then
            need_packages python3 python3-venv
            python=/usr/bin/python3
        fi
        say "pip install ziglang cargo-zigbuild"
        rm -rf "$folder"
        "$python" -m venv "$folder"
        "$folder/bin/pip" install --quiet --disable-pip-version-check "ziglang==$zig" "cargo-zigbuild==$zigbuild"
        touch "$folder/complete"
    fi
    export PATH="$folder/bin:$PATH"
    export CARGO_ZIGBUILD_CACHE_DIR="$folder/cache"
}

need_emulator() {
    if [ "$emulator" != - ]; then
        need_packages qemu-user-static
    fi
    case "$board" in
        aarch64) need_packages libc6-arm64-cross libgcc-s1-arm64-cross ;;
        armv7) need_packages libc6-armhf-cross libgcc-s1-armhf-cross ;;
    esac
}

# Debian's Rust, called by its full path, so that another Rust may be installed too. The 1.85 of Debian 12 is too old;
# rustc-web comes with its security updates.
debian_rust() {
    # Old package lists of the machine may offer the first version only.
    if ! dpkg-query -W -f='${Status}' rust-web-src 2> /dev/null | grep -q 'install ok' && [ "$(id -u)" -eq 0 ]; then
        apt-get update -q >&2
    fi
    need_packages ca-certificates rustc-web cargo-web rust-web-src
    export RUSTC=/usr/bin/rustc RUSTDOC=/usr/bin/rustdoc CARGO=/usr/bin/cargo
    # For -Zbuild-std. Build scripts read it; it is the same for all boards, so that they are built once.
    export RUSTC_BOOTSTRAP=1
}

# Debian's std for a board, fetched with a separate apt state and unpacked, not installed: adding a foreign architecture
# to the machine could break its apt-get. Prints the folder, or fails.
debian_std() {
    local version folder state
    version="$(dpkg-query -W -f='${Version}' rustc-web)"
    folder="$tools/std-$version-$architecture"
    if [ -d "$folder/lib/rustlib/$target" ]; then
        echo "$folder"
        return
    fi
    state="$(mktemp -d)"
    mkdir -p "$state/lists/partial" "$state/cache/archives/partial" "$folder/lib/rustlib"
    : > "$state/status"
    local own=(-qq -o APT::Architecture="$architecture" -o APT::Architectures="$architecture"
        -o APT::Sandbox::User=root -o Dir::State::lists="$state/lists" -o Dir::State::status="$state/status"
        -o Dir::Cache="$state/cache" -o Debug::NoLocking=1)
    if (cd "$state" && apt-get "${own[@]}" update && apt-get "${own[@]}" download "libstd-rust-web-dev=$version") \
        > "$state/log" 2>&1; then
        # `set -e` is off in a caller that tests whether this works.
        dpkg -x "$state"/libstd-rust-web-dev_*.deb "$state/unpacked" &&
            ln -sfn /usr/lib/rustlib/x86_64-unknown-linux-gnu "$folder/lib/rustlib/x86_64-unknown-linux-gnu" &&
            # It may be on another disk: a folder with the final name is complete.
            rm -rf "$folder/lib/rustlib/$target.new" &&
            mv "$state/unpacked/usr/lib/rustlib/$target" "$folder/lib/rustlib/$target.new" &&
            mv "$folder/lib/rustlib/$target.new" "$folder/lib/rustlib/$target" || return 1
        rm -rf "$state"
        echo "$folder"
    else
        rm -rf "$state"
        return 1
    fi
}

# Sets `cargo`, the command that builds for the board, and `flags`, by one of two routes: `rustup`, which fetches the
# board's std, or `debian`, which uses Debian's or compiles it from Debian's source.
use_route() {
    local route="$1" std='' rustflags=() variable
    variable="$(tr 'a-z-' 'A-Z_' <<< "$target")"
    flags=(--locked --profile "$profile" --target "$target" --target-dir "$out")
    case "$route" in
        rustup)
            cargo=("${CARGO:-cargo}")
            rustup target add "$target"
            ;;
        debian)
            debian_rust
            cargo=("$CARGO")
            if [ "$board" = aarch64 ] && std="$(debian_std)"; then
                rustflags+=(--sysroot "$std")
            elif [ "$board" != amd64 ]; then
                flags+=("-Zbuild-std=std,panic_unwind")
            fi
            ;;
    esac
    # Build scripts and proc-macros are linked for this machine, by its C compiler.
    need_packages gcc libc6-dev
    # `cargo build` and `cargo test`, depending on the linker.
    build=("${cargo[@]}" build) test=("${cargo[@]}" test)
    if [ "$links" = static ]; then
        need_zig
        build=(cargo-zigbuild zigbuild) test=(cargo-zigbuild test)
        if [ "$route" = debian ]; then
            # rustc's start files for musl are in rustup's std, which is not installed here. zig has its own.
            rustflags+=(-Clink-self-contained=no)
        fi
    else
        case "$board" in
            aarch64) need_packages gcc-aarch64-linux-gnu libc6-dev-arm64-cross ;;
            armv7) need_packages gcc-arm-linux-gnueabihf libc6-dev-armhf-cross ;;
        esac
        # The flags of this machine stay unchanged: otherwise cargo would rebuild all proc-macros.
        if [ -n "$linker" ]; then
            export "CARGO_TARGET_${variable}_LINKER=$linker"
        fi
    fi
    if [ "${#rustflags[@]}" -gt 0 ]; then
        export "CARGO_TARGET_${variable}_RUSTFLAGS=${rustflags[*]}"
    fi
    if [ "${#runner[@]}" -gt 0 ]; then
        export "CARGO_TARGET_${variable}_RUNNER=${runner[*]}"
    fi
}

# Prints the route that works on this machine.
route_here() {
    if [ -n "${MSNPD_CROSS_ROUTE:-}" ]; then
        echo "$MSNPD_CROSS_ROUTE"
    elif command -v rustup > /dev/null && rustup target add "$target" > /dev/null 2>&1; then
        echo rustup
    elif command -v apt-get > /dev/null; then
        echo debian
    else
        die "rustup has no $target, and this is no Debian"
    fi
}
