#!/usr/bin/env bash
# Tests a msnpd for a board under an emulator of that board's processor: cross/smoke.sh BOARD [BINARY].
#
# The self-test (referral, sign-in, lists, a conversation in both directions), a web page, SIGTERM, and everything again
# with the same store. The server and the commands are both the board's program.
set -euo pipefail
# shellcheck source=cross/common.sh
. "$(dirname "${BASH_SOURCE[0]}")/common.sh"

[[ $# -ge 1 && $# -le 2 ]] || die "usage: cross/smoke.sh BOARD [BINARY]"
use_board "$1"
binary="$(realpath -e "${2:-$binary}")"
need_emulator

scratch="$(mktemp -d)"
server=''
clean_up() {
    if [ -n "$server" ]; then
        kill -KILL "$server" 2> /dev/null || true
    fi
    rm -rf "$scratch"
}
trap clean_up EXIT

# The time limit of each step: emulators are slow, and CI machines are busy.
patience=120

cat > "$scratch/config.ron" << 'END'
(
    dispatch: Some((listen: "127.0.0.1:0")),
    notification: Some((listen: "127.0.0.1:0")),
    switchboard: Some((listen: "127.0.0.1:0")),
    web: Some((listen: "127.0.0.1:0")),
)
END
msnpd() {
    timeout "$patience" "${runner[@]}" "$binary" "$@" --config "$scratch/config.ron" --data "$scratch/data"
}

broken() {
    cat "$scratch/log" >&2
    die "$board: $*"
}

start() {
    # Before the server opens it: the log of the previous server must not count.
    : > "$scratch/log"
    "${runner[@]}" "$binary" run --config "$scratch/config.ron" --data "$scratch/data" > "$scratch/log" 2>&1 &
    server=$!
    local until=$((SECONDS + patience))
    until grep -q 'ready$' "$scratch/log"; do
        kill -0 "$server" 2> /dev/null || broken "the server did not start"
        [ "$SECONDS" -lt "$until" ] || broken "the server does not say that it is ready"
        sleep 0.1
    done
}

# As a browser of 1996 asks: HTTP/1.0, without Host.
page() {
    local port
    port="$(sed -n 's/.*listening on 127\.0\.0\.1:\([0-9]*\) (web pages)$/\1/p' "$scratch/log")"
    exec 3<> "/dev/tcp/127.0.0.1/$port" || broken "no answer at the port of the web pages, $port"
    printf 'GET / HTTP/1.0\r\n\r\n' >&3
    timeout "$patience" cat <&3 > "$scratch/page" || broken "the first web page does not come to its end"
    exec 3>&-
    if ! grep -q '^HTTP/1\.0 200 OK' "$scratch/page" || ! grep -q '</HTML>' "$scratch/page"; then
        cat "$scratch/page" >&2
        broken "the first web page is not what it should be"
    fi
}

# The peak memory of all runs, in kB.
peak=0
stop() {
    local resident
    resident="$(awk '/^VmHWM/ { print $2 }' "/proc/$server/status" 2> /dev/null)" || true
    # A zombie process has none.
    [ -n "$resident" ] || broken "the server ended by itself"
    [ "$resident" -le "$peak" ] || peak="$resident"
    kill -TERM "$server"
    local status=0
    wait "$server" || status=$?
    server=''
    [ "$status" -eq 0 ] || broken "SIGTERM ended it with $status, not with 0"
}

say "$board: ${runner[*]} $binary"
msnpd --version
start
msnpd selftest || broken "the self-test failed"
page
echo secret | msnpd user add alice --name 'Alice in W.' || broken "no account was created"
msnpd user list > "$scratch/before"
stop
start
msnpd user list | cmp - "$scratch/before" || broken "the store was not kept"
grep -q '^alice@hotmail.com.*Alice in W\.$' "$scratch/before" || broken "alice is not in the store"
msnpd selftest || broken "the self-test failed after a restart"
stop
msnpd verify || broken "the store is not sound"
say "$board: smoke test passed; $(stat -c %s "$binary") bytes, at most $((peak / 1024)).$((peak % 1024 * 10 / 1024)) MB resident"
