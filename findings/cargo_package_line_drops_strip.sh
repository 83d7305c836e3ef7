#!/usr/bin/env bash
# Cargo 1.95.0 and 1.96.0: a section for one package in a profile turns off that profile's `strip` for the package.
#
# What happens: `[profile.release]` has `strip = "symbols"`, `lto` and `codegen-units`. A section
# `[profile.release.package.NAME]` for the program itself has `opt-level = "s"`. The program keeps `lto` and `codegen-units`,
# but is built with `strip=debuginfo`. So it contains its symbols, and is larger than without the section.
# Why it is unexpected: according to the Cargo book, a value that the section lacks comes from `[profile.release]`. No other
# setting here is lost, and there is no warning.
# Who is affected: anyone who optimises one crate of a workspace differently and ships that crate's program. Repeating `strip`
# in the section of the package helps.
set -euo pipefail

folder="$(mktemp -d)"
trap 'rm -rf "$folder"' EXIT
export CARGO_TARGET_DIR="$folder/target"
unset "${!CARGO_PROFILE_@}" RUSTFLAGS
cargo="${CARGO:-cargo}"
mkdir "$folder/src"
echo 'fn main() { println!("{}", std::env::args().count()); }' > "$folder/src/main.rs"

# Builds the program with these lines at the end of its manifest. Sets `flags`, the compiler flags, and `size`.
build() { # LINE...
    cat > "$folder/Cargo.toml" << 'TOML'
[package]
name = "finding"
version = "0.0.0"
edition = "2024"

[workspace]

[profile.release]
strip = "symbols"
lto = "fat"
codegen-units = 1
TOML
    printf '%s\n' "$@" >> "$folder/Cargo.toml"
    "$cargo" build --release --verbose --manifest-path "$folder/Cargo.toml" 2> "$folder/log"
    flags="$(grep -oE -- '-C (opt-level|lto|codegen-units|strip)=[a-z0-9]+' "$folder/log" | cut -c4- | sort | paste -sd' ')"
    size="$(stat -c %s "$CARGO_TARGET_DIR/release/finding")"
    printf '%-62s %s bytes\n' "$flags" "$size"
}

wrong() {
    echo "it behaves otherwise now: $*" >&2
    exit 1
}

"$cargo" --version
build
plain="$size"
[ "$flags" = 'codegen-units=1 lto=fat opt-level=3 strip=symbols' ] || wrong "without a line of the package"
build '[profile.release.package.finding]' 'opt-level = "s"'
[ "$flags" = 'codegen-units=1 lto=fat opt-level=s strip=debuginfo' ] || wrong "with a line of the package"
[ "$size" -gt "$plain" ] || wrong "the program is not larger"
build '[profile.release.package.finding]' 'opt-level = "s"' 'strip = "symbols"'
[ "$flags" = 'codegen-units=1 lto=fat opt-level=s strip=symbols' ] || wrong "with strip in the line of the package"
[ "$size" -le "$plain" ] || wrong "the program is larger"
echo "as stated: a line of the package takes strip away, and nothing else"
