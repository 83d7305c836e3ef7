#!/usr/bin/env bash
# Checks that a store written on this machine opens on a board, and the reverse: cross/store_exchange.sh BOARD.
# Build both programs first: cross/build.sh amd64, cross/build.sh BOARD.
set -euo pipefail
# shellcheck source=cross/common.sh
. "$(dirname "${BASH_SOURCE[0]}")/common.sh"

[ $# -eq 1 ] || die "usage: cross/store_exchange.sh BOARD"
use_board amd64
native="$(realpath -e "$binary")"
use_board "$1"
binary="$(realpath -e "$binary")"
need_emulator
scratch="$(mktemp -d)"
trap 'rm -rf "$scratch"' EXIT
cd "$scratch"

on_this_machine() { timeout 120 "$native" "$@" --data "$scratch/data"; }
on_the_board() { timeout 120 "${runner[@]}" "$binary" "$@" --data "$scratch/data"; }

# Checks that both read the same contents, including passwords, and find no fault.
same() {
    on_this_machine export --with-passwords "$scratch/here.ron"
    on_the_board export --with-passwords "$scratch/there.ron"
    diff "$scratch/here.ron" "$scratch/there.ron" || die "$board reads another store than this machine"
    on_this_machine verify
    on_the_board verify
}

# The first writes a store, the second reads and changes it, the first reads the result.
exchange() { # FIRST SECOND
    say "$board: a store that is written ${1//_/ } is opened ${2//_/ }"
    "$1" import "$here/accounts.ron"
    same
    grep -q 'alices-secret' here.ron || die "the password of alice is not what it was"
    "$2" user rename bob "Bob $2"
    "$2" user remove carol
    echo new | "$2" user passwd alice
    same
    if grep -q carol here.ron || ! grep -q "Bob $2" here.ron; then
        die "what was written $2 is not there"
    fi
    "$1" backup moved.backup --with-key
    rm -r data
    "$2" restore moved.backup
    same
    grep -q "Bob $2" here.ron || die "the backup is another store"
    rm -rf data moved.backup here.ron there.ron
}

exchange on_this_machine on_the_board
exchange on_the_board on_this_machine
say "$board: both open the other's store, go on with it, and restore the other's backup"
