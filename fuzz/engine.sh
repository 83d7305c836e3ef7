# shellcheck shell=bash
# Functions that the scripts here share: they build and start the fuzzing engine.

triple="$(rustc -vV | sed -n 's/^host: //p')"
target_dir="$(realpath -m "${CARGO_TARGET_DIR:-$here/target}")"
binary="$target_dir/$triple/release/msnpd-fuzz"
# New inputs are kept beside the build, never in the repository.
found="$target_dir/fuzz/found"
crashes="$target_dir/fuzz/crashes"

fail() {
    echo "fuzzing FAILED: $*" >&2
    exit 1
}

# Prints the names of all targets, from the table.
all_targets() {
    sed -n '/^targets! {/,/^}/s/^ *\([a-z_]*\),$/\1/p' "$here/targets/mod.rs"
}

# Sets `targets` to its arguments, or to all targets if there are none.
choose() {
    mapfile -t targets < <(all_targets)
    local target
    for target in "$@"; do
        [[ " ${targets[*]} " == *" $target "* ]] || fail "there is no target '$target'"
    done
    [ "$#" -eq 0 ] || targets=("$@")
}

# Builds the engine with a stable compiler: the flags are those of cargo-fuzz without a sanitizer.
# The triple is named, so that build scripts and macros are not instrumented.
build() {
    if ! command -v g++ > /dev/null; then
        apt-get update -q
        apt-get install -y -q --no-install-recommends g++
    fi
    RUSTFLAGS="-Cpasses=sancov-module \
        -Cllvm-args=-sanitizer-coverage-level=4 \
        -Cllvm-args=-sanitizer-coverage-inline-8bit-counters \
        -Cllvm-args=-sanitizer-coverage-pc-table \
        -Cllvm-args=-sanitizer-coverage-trace-compares \
        -Ccodegen-units=1 --cfg fuzzing" \
        cargo build --release --locked --target "$triple" --target-dir "$target_dir" \
        --manifest-path "$here/Cargo.toml"
    mkdir -p "$crashes"
}

# Prints the maximum length of an input in bytes. Most targets need the longest payload with its line. `frame` also
# needs bytes after a whole frame.
max_length() {
    case "$1" in
        frame) echo 6144 ;;
        config) echo 4096 ;;
        http) echo 10240 ;;
        *) echo 2560 ;;
    esac
}

# Prepares a target: writes its dictionary, and fills the folder `$found/TARGET.corpus` with the packed and the named
# inputs.
prepare() {
    local log="$found/$1.log" unpacked="$found/$1.corpus"
    rm -rf "$unpacked"
    mkdir -p "$found/$1" "$unpacked"
    FUZZ_TARGET="$1" FUZZ_DICTIONARY="$found/$1.dict" "$binary" 2> "$log" ||
        fail "no dictionary was made: see $log"
    FUZZ_TARGET="$1" FUZZ_PACKED="$here/corpus/$1.ron" FUZZ_UNPACK="$unpacked" "$binary" 2> "$log" ||
        fail "the corpus cannot be unpacked: $(cat "$log")"
    copy_named "$1" "$unpacked"
}

# Copies the inputs of a target that have a name into a folder. There may be none.
copy_named() {
    if [ -d "$here/corpus/$1" ]; then
        find "$here/corpus/$1" -type f -exec cp -t "$2" {} +
    fi
}

# Writes the packed file of a target from the inputs in a folder.
pack() {
    FUZZ_TARGET="$1" FUZZ_PACKED="$here/corpus/$1.ron" FUZZ_PACK="$2" "$binary" 2> "$found/$1.log" ||
        fail "the corpus cannot be packed: $(cat "$found/$1.log")"
}

# Runs the engine for one target, with at most 1 GiB of memory and 5 s for an input.
engine() {
    local target="$1"
    shift
    FUZZ_TARGET="$target" "$binary" -rss_limit_mb=1024 -timeout=5 \
        -max_len="$(max_length "$target")" -dict="$found/$target.dict" "$@"
}
