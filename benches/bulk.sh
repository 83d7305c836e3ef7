#!/usr/bin/env bash
# Memory and time of the commands for all accounts: import, verify, backup, export, restore.
# Each runs against a server of its own, which was started for it. For each program, prints the peak of the server's
# resident memory over that of the idle server, its processor time, and the time until the command ended. Then all but
# restore, during which changes are refused, run once more while a user changes a list ten times a second. Prints how
# long these changes took.
#
#   benches/bulk.sh PROGRAM...                      for example target/release/msnpd ../older/target/release/msnpd
#   ACCOUNTS=2000 CONTACTS=20 benches/bulk.sh PROGRAM...
set -euo pipefail

ACCOUNTS=${ACCOUNTS:-20000}
CONTACTS=${CONTACTS:-50}
(($# > 0)) || { sed -n 2,10p "$0" >&2; exit 2; }

folder=$(mktemp -d)
server= user=
cleanup() {
    [[ -z $user ]] || kill "$user" 2>/dev/null || true
    [[ -z $server ]] || kill "$server" 2>/dev/null || true
    rm -rf "$folder"
}
trap cleanup EXIT

# The user who changes a list, and a contact.
cat >"$folder/user.ron" <<'END'
(version: 2, passwords: included, accounts: [
    (handle: "alice@example.com", name: "alice", password: "secret"),
    (handle: "bob@example.com", name: "bob", password: "secret"),
])
END

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

options=(--config "$folder/config.ron" --data "$folder/data")

start() {
    : >"$folder/log"
    "$program" run "${options[@]}" >"$folder/log" 2>&1 &
    server=$!
    for _ in {1..600}; do
        grep -q 'ready$' "$folder/log" && break
        sleep 0.1
    done
    sleep 0.5
}

stop() {
    kill "$server"
    wait "$server" || true
    server=
}

# Runs one command.
run() { "$program" "$1" "${options[@]}" ${2:+"$2"} >"$folder/output" 2>&1 || { cat "$folder/output" >&2; exit 1; }; }

# A store with the user and the contact.
new_store() {
    rm -rf "$folder/data"
    mkdir "$folder/data"
    run import "$folder/user.ron"
}

# Adds and removes a contact until it is killed. Writes how long each change took, in microseconds.
change_lists() {
    local port line challenge began number=9
    port=$(sed -n 's/.*listening on 127\.0\.0\.1:\([0-9]*\) (Notif.*/\1/p' "$folder/log")
    exec 3<>"/dev/tcp/127.0.0.1/$port"
    say() { printf '%s\r\n' "$1" >&3; }
    hear() {
        while read -r -t 60 line <&3; do
            [[ $line != *"$1"* ]] || return 0
        done
        echo "no answer with '$1'" >&2
        exit 1
    }
    say 'USR 1 MD5 I alice@example.com'
    hear 'USR 1 MD5 S '
    challenge=${line##* }
    say "USR 2 MD5 S $(printf '%s' "${challenge%$'\r'}secret" | md5sum | cut -c 1-32)"
    hear 'USR 2 OK'
    say 'CHG 3 NLN'
    hear 'CHG 3 NLN'
    while true; do
        for change in 'ADD %s FL bob@example.com bob' 'REM %s FL bob@example.com'; do
            # shellcheck disable=SC2059  # the change is a format
            printf -v line "$change" $((++number))
            began=${EPOCHREALTIME/[.,]/}
            say "$line"
            hear " $number"
            echo $((${EPOCHREALTIME/[.,]/} - began))
            sleep 0.1
        done
    done
}

# Runs one command against a new server, and measures the server.
measure() {
    local command=$1 file=${2:-}
    start
    local idle before begun took
    idle=$(kib VmRSS)
    # Resets VmHWM.
    echo 5 >"/proc/$server/clear_refs"
    before=$(ticks)
    begun=$(date +%s%N)
    run "$command" "$file"
    took=$((($(date +%s%N) - begun) / 1000000))
    awk -v command="$command" -v peak=$(($(kib VmHWM) - idle)) -v idle="$idle" -v took="$took" \
        -v cpu=$(($(ticks) - before)) -v hz="$(getconf CLK_TCK)" -v size="$(stat -c %s "$folder/data/msnpd.redb")" 'BEGIN {
        printf "| %-7s | %8.1f | %8.1f | %7.2f | %7.2f | %8.1f |\n",
            command, peak / 1024, idle / 1024, cpu / hz, took / 1000, size / 1e6
    }'
    stop
}

# Runs one command against a new server while a user changes a list, and measures the changes.
measure_changes() {
    local command=$1 file=${2:-}
    start
    rm -f "$folder/changes"
    change_lists >>"$folder/changes" &
    user=$!
    until [[ -s "$folder/changes" ]]; do
        kill -0 "$user" || exit 1
        sleep 0.1
    done
    : >"$folder/changes"
    run "$command" "$file"
    kill "$user"
    wait "$user" || true
    user=
    sort -n "$folder/changes" | awk -v command="$command" '{ took[NR] = $1 / 1000 } END {
        printf "| %-7s | %7d | %10.1f | %11.1f |\n", command, NR, took[int((NR + 1) / 2)], took[NR]
    }'
    stop
}

for program in "$@"; do
    program=$(realpath "$program")
    echo "$program, $ACCOUNTS accounts with $CONTACTS contacts"
    echo "| command | over, MB | idle, MB |  CPU, s | time, s | file, MB |"
    echo "| ------- | -------- | -------- | ------- | ------- | -------- |"
    new_store
    measure import "$folder/accounts.ron"
    measure verify
    measure backup "$folder/backup"
    measure export "$folder/export.ron"
    measure restore "$folder/backup"
    echo
    echo "| command | changes | median, ms | longest, ms |"
    echo "| ------- | ------- | ---------- | ----------- |"
    new_store
    measure_changes import "$folder/accounts.ron"
    measure_changes verify
    measure_changes backup "$folder/backup"
    measure_changes export "$folder/export.ron"
    echo
done
