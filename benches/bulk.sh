#!/usr/bin/env bash
# Memory and time of the commands for all accounts: import, verify, backup, export, restore.
# Each runs against a server of its own, which was started for it. For each program, prints the peak of the server's
# resident memory over that of the idle server, its processor time, and the time until the command ended.
#
#   benches/bulk.sh PROGRAM...                      for example target/release/msnpd ../older/target/release/msnpd
#   ACCOUNTS=2000 CONTACTS=20 benches/bulk.sh PROGRAM...
set -euo pipefail

ACCOUNTS=${ACCOUNTS:-20000}
CONTACTS=${CONTACTS:-50}
(($# > 0)) || { sed -n 2,8p "$0" >&2; exit 2; }

folder=$(mktemp -d)
server=
cleanup() {
    [[ -z $server ]] || kill "$server" 2>/dev/null || true
    rm -rf "$folder"
}
trap cleanup EXIT

# Circles of friends who have each other on the forward and the allow list.
awk -v accounts="$ACCOUNTS" -v circle=$((CONTACTS + 1)) 'BEGIN {
    print "(version: 2, passwords: included, accounts: ["
    for (i = 0; i < accounts; i++) {
        first = i - i % circle
        list = ""
        for (j = first; j < first + circle && j < accounts; j++)
            if (j != i) list = list (list == "" ? "" : ", ") "\"user" j "@example.com\""
        printf "(handle: \"user%d@example.com\", name: \"user%d\", password: \"secret\", ", i, i
        printf "forward: [%s], allow: [%s]),\n", list, list
    }
    print "])"
}' >"$folder/accounts.ron"

cat >"$folder/config.ron" <<'END'
(
    dispatch: Some((listen: "127.0.0.1:0")),
    notification: Some((listen: "127.0.0.1:0")),
    switchboard: Some((listen: "127.0.0.1:0")),
    web: None,
    domains: ["example.com"],
    greeter: None,
)
END

kib() { awk -v key="$1:" '$1 == key { print $2 }' "/proc/$server/status"; }
ticks() { sed 's/.*) //' "/proc/$server/stat" | awk '{ print $12 + $13 }'; }

# Runs one command against a new server.
measure() {
    local program=$1 command=$2 file=${3:-}
    local options=(--config "$folder/config.ron" --data "$folder/data")
    : >"$folder/log"
    "$program" run "${options[@]}" >"$folder/log" 2>&1 &
    server=$!
    for _ in {1..600}; do
        grep -q 'ready$' "$folder/log" && break
        sleep 0.1
    done
    sleep 0.5
    local idle before begun took
    idle=$(kib VmRSS)
    # Resets VmHWM.
    echo 5 >"/proc/$server/clear_refs"
    before=$(ticks)
    begun=$(date +%s%N)
    "$program" "$command" "${options[@]}" ${file:+"$file"} >"$folder/output" 2>&1 || { cat "$folder/output" >&2; exit 1; }
    took=$((($(date +%s%N) - begun) / 1000000))
    awk -v command="$command" -v peak=$(($(kib VmHWM) - idle)) -v idle="$idle" -v took="$took" \
        -v cpu=$(($(ticks) - before)) -v hz="$(getconf CLK_TCK)" -v size="$(stat -c %s "$folder/data/msnpd.redb")" 'BEGIN {
        printf "| %-7s | %8.1f | %8.1f | %7.2f | %7.2f | %8.1f |\n",
            command, peak / 1024, idle / 1024, cpu / hz, took / 1000, size / 1e6
    }'
    kill "$server"
    wait "$server" || true
    server=
}

for program in "$@"; do
    program=$(realpath "$program")
    rm -rf "$folder/data"
    mkdir "$folder/data"
    echo "$program, $ACCOUNTS accounts with $CONTACTS contacts"
    echo "| command | over, MB | idle, MB |  CPU, s | time, s | file, MB |"
    echo "| ------- | -------- | -------- | ------- | ------- | -------- |"
    measure "$program" import "$folder/accounts.ron"
    measure "$program" verify
    measure "$program" backup "$folder/backup"
    measure "$program" export "$folder/export.ron"
    measure "$program" restore "$folder/backup"
done
