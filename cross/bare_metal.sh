#!/usr/bin/env bash
# Tests msnp without an operating system: builds firmware for two microcontrollers without logging, with `log` and
# with `defmt`, inspects it, and runs it in an emulator. See cross/README.md.
set -euo pipefail
# shellcheck source=cross/common.sh
. "$(dirname "${BASH_SOURCE[0]}")/common.sh"

# Each target with a machine of qemu-system-arm: a Cortex-M4 with floating point, and a Cortex-M0.
machines=(thumbv7em-none-eabihf:mps2-an386 thumbv6m-none-eabi:microbit)

need_packages qemu-system-arm binutils
scratch="$(mktemp -d)"
trap 'rm -rf "$scratch"' EXIT
built="$out/bare-metal"

# Builds firmware for a target with features. `core` comes from rustup, or is compiled from Debian's source. Only the
# firmware gets the linker arguments, so that `core` is compiled once.
build_firmware() { # TARGET FEATURES
    local target="$1" features="$2" flags program="${CARGO:-cargo}" linked=(-Clink-arg=-Tlink.x)
    if [[ "$features" = *defmt* ]]; then
        linked+=(-Clink-arg=-Tdefmt.x)
    fi
    flags=(--release --locked --quiet --target "$target" --target-dir "$built" --features "$features")
    if [ "${MSNPD_CROSS_ROUTE:-}" = debian ] || ! rustup target add "$target" > /dev/null 2>&1; then
        debian_rust
        need_packages lld
        program="$CARGO"
        linked+=(-Clinker=ld.lld)
        flags+=(-Zbuild-std=core)
    fi
    # defmt selects the log levels at compile time.
    (cd "$here/bare_metal" && DEFMT_LOG=trace "$program" rustc "${flags[@]}" -- "${linked[@]}")
    cp "$built/$target/release/msnp-bare-metal" "$scratch/firmware"
}

# Prints the symbol names of the firmware, without addresses and kinds.
names() {
    readelf --wide --symbols --demangle "$scratch/firmware" |
        awk 'NR > 3 { $1 = $2 = $3 = $4 = $5 = $6 = $7 = ""; print }'
}

# Patterns of symbols that the firmware must not have.
allocator='__(rust|rg|rdl)_(alloc|alloc_zeroed|realloc|dealloc)|\b(malloc|calloc|realloc|free)\b'
crate_alloc='(^|[^A-Za-z0-9_:])(alloc|std)(\[[0-9a-f]+\])?::'
crate_log='(^|[^A-Za-z0-9_:])log(\[[0-9a-f]+\])?::'

inspect() { # FEATURES
    names > "$scratch/names"
    grep -q 'msnp::frame::next\|msnp.*Request.*decode' "$scratch/names" || die "the firmware does not contain msnp"
    if grep -E "$allocator|$crate_alloc" "$scratch/names"; then
        die "the symbols above belong to an allocator"
    fi
    readelf --wide --sections "$scratch/firmware" | grep -o ' \.defmt[^ ]*' | sort -u > "$scratch/sections" || true
    # defmt keeps the texts of its lines as symbols of a section that is not loaded onto the board.
    texts="$(readelf --wide --symbols "$scratch/firmware" | grep -c '"package":"msnp","tag":"defmt_' || true)"
    logs="$(grep -cE "$crate_log" "$scratch/names" || true)"
    case "$1" in
        defmt)
            [ -s "$scratch/sections" ] || die "there is no .defmt section"
            [ "$texts" -gt 0 ] || die "the section .defmt has no log line of msnp"
            [ "$logs" -eq 0 ] || die "the firmware refers to the crate log"
            ;;
        log) [ "$logs" -gt 0 ] || die "the inspection does not find the crate log, which the firmware uses" ;;
        *) [[ ! -s "$scratch/sections" && "$logs" -eq 0 ]] || die "the firmware has a logger although no feature selects one" ;;
    esac
}

run() { # MACHINE FEATURES
    timeout 60 qemu-system-arm -M "$1" -nographic -semihosting-config enable=on,target=native \
        -kernel "$scratch/firmware" > "$scratch/output" || die "the firmware ends with $? on $1"
    case "$2" in
        '') [ ! -s "$scratch/output" ] || die "the firmware has output although logging is off" ;;
        log) grep -q '^INFO .*: right$' "$scratch/output" || die "the firmware does not log" ;;
        # The output is numbers, which defmt-print turns into lines.
        defmt) [ -s "$scratch/output" ] || die "the firmware does not log" ;;
    esac
}

printf '%-24s %-8s %8s  %-32s %-22s %s\n' target logging bytes '.defmt sections' 'symbols of log, alloc' result
for machine in "${machines[@]}"; do
    target="${machine%%:*}"
    for features in '' log defmt; do
        build_firmware "$target" "$features"
        inspect "$features"
        run "${machine##*:}" "$features"
        sections="$(paste -sd' ' "$scratch/sections")"
        printf '%-24s %-8s %8s  %-32s %-22s %s\n' "$target" "${features:-none}" \
            "$(size "$scratch/firmware" | awk 'END { print $1 + $2 }')" "${sections:+$sections, $texts lines of msnp}" \
            "$logs, 0" "passed on ${machine##*:}"
    done
done
echo "bare metal passed: msnp runs without an operating system and without an allocator, and logs through both crates"
