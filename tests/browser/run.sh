#!/usr/bin/env bash
# Tests the web pages in a current browser, in lynx, and as plain HTTP/1.0 without Host. Writes screenshots to
# tests/browser/pictures. Installs what it needs, as root.
set -euo pipefail
cd "$(dirname "$0")/../.."

if ! command -v chromedriver >/dev/null || ! command -v chromium >/dev/null \
    || ! command -v lynx >/dev/null || ! command -v python3 >/dev/null; then
    apt-get update -q
    DEBIAN_FRONTEND=noninteractive apt-get install -y -q --no-install-recommends \
        chromium chromium-driver lynx python3 fonts-dejavu-core
fi

cargo build --release --locked -p msnpd
program=${CARGO_TARGET_DIR:-target}/release/msnpd

folder=$(mktemp -d)
server=
finish() {
    [ -z "$server" ] || kill "$server" 2>/dev/null || true
    [ -z "$server" ] || wait "$server" 2>/dev/null || true
    rm -rf "$folder"
}
trap finish EXIT

cat > "$folder/config.ron" <<'END'
(
    dispatch: (listen: "127.0.0.1:1863"),
    notification: (listen: "127.0.0.1:0"),
    switchboard: (listen: "127.0.0.1:0"),
    web: (listen: "127.0.0.1:0", who_is_online: true),
    data: "DATA",
)
END
# The registry file is offered on the default port only; the other tests use another one.
if python3 -c 'import socket; s = socket.socket(); s.setsockopt(1, 2, 1); s.bind(("127.0.0.1", 1863))'; then
    dialled=1
else
    dialled=0
    sed -i 's/127.0.0.1:1863/127.0.0.1:0/' "$folder/config.ron"
fi
sed -i "s|DATA|$folder/data|" "$folder/config.ron"

password=$("$program" init --config "$folder/config.ron" | sed -n 's/.*shown only this once: //p')
"$program" run --config "$folder/config.ron" 2> "$folder/log" &
server=$!
for _ in $(seq 100); do
    grep -q ' ready$' "$folder/log" && break
    sleep 0.1
done
place=$(sed -n 's/.*listening on \(.*\) (web pages)$/\1/p' "$folder/log")
[ -n "$place" ] || { cat "$folder/log" >&2; exit 1; }

pictures=tests/browser/pictures
mkdir -p "$pictures"
python3 tests/browser/drive.py "http://$place/" "$password" "$pictures" "$dialled" "$folder/log"

# lynx: its pages are kept as text.
for page in "" sign-up set-up online password name numbers profile; do
    lynx -dump -width=80 "http://$place/$page" > "$pictures/lynx-${page:-home}.txt"
done
grep -q 'Set up this computer' "$pictures/lynx-home.txt"
grep -q 'Repeat the password' "$pictures/lynx-sign-up.txt"
grep -q '127.0.0.1' "$pictures/lynx-set-up.txt"
lynx -dump -width=80 -auth="admin:$password" "http://$place/status" > "$pictures/lynx-status.txt"
grep -q 'Signed in' "$pictures/lynx-status.txt"

# Plain HTTP/1.0.
for page in / /sign-up /set-up /online /none /status; do
    exec 3<>"/dev/tcp/${place%:*}/${place#*:}"
    printf 'GET %s HTTP/1.0\r\n\r\n' "$page" >&3
    answer=$(cat <&3)
    exec 3>&-
    case $answer in
        "HTTP/1.0 "*) ;;
        *) echo "$page: $answer" >&2; exit 1 ;;
    esac
    grep -qi '^content-length: ' <<< "$answer"
    grep -q '</HTML>' <<< "$answer"
done
echo "the pages are well; their pictures are in $pictures"
