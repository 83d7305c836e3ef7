#!/usr/bin/env bash
# Connects clients of other projects to the server: what each of them offers by default, and what old ones have.
set -euo pipefail
cd "$(dirname "$0")/../.."

if ! command -v tstclnt >/dev/null || ! command -v gnutls-cli >/dev/null || ! command -v curl >/dev/null ||
    ! python3 -c 'import ensurepip' 2>/dev/null; then
    apt-get update -q
    apt-get install -y -q --no-install-recommends libnss3-tools gnutls-bin openssl curl python3-venv
fi

# With the whole workspace, so that what `cargo test` built is used.
cargo build --locked --workspace --example serve
program="${CARGO_TARGET_DIR:-target}/debug/examples/serve"
folder="$(mktemp -d)"
server=''
trap '[ -z "$server" ] || kill "$server"; rm -rf "$folder"' EXIT

python3 -m venv "$folder/python"
"$folder/python/bin/pip" install -q tlslite-ng==0.8.2
certutil -N -d "$folder" --empty-password

"$program" 127.0.0.1:0 oldtls/tests/data/key.der oldtls/tests/data/certificate.der \
    > "$folder/address" 2> "$folder/errors" &
server=$!
for _ in $(seq 100); do
    [ ! -s "$folder/address" ] || break
    sleep 0.1
done
address="$(cat "$folder/address")"
port="${address#*:}"
request='GET /a HTTP/1.0\r\n\r\n'
printf "$request" > "$folder/request"

# Fails unless the reply has these words.
expect() { # NAME WORDS COMMAND...
    local name="$1" words="$2" reply
    shift 2
    reply="$("$@" 2>&1)" || true
    if ! grep -qF "$words: GET /a" <<< "$reply"; then
        printf '%s: expected "%s", received:\n%s\n' "$name" "$words" "$reply" >&2
        cat "$folder/errors" >&2
        exit 1
    fi
    printf '%-28s %s\n' "$name" "$words"
}

nss() { # LOWEST:HIGHEST [OPTION...]
    # It does not end if its input is a pipe.
    timeout 20 tstclnt -h 127.0.0.1 -p "$port" -d "$folder" -o -A "$folder/request" -V "$@"
}

gnutls() { # PRIORITY
    printf "$request" | timeout 20 gnutls-cli --insecure -p "$port" 127.0.0.1 --priority "$1"
}

openssl_client() { # [OPTION...]
    { printf "$request"; sleep 1; } | timeout 20 openssl s_client -connect "$address" -quiet "$@"
}

tlslite() { # VERSION CIPHER MAC
    timeout 20 "$folder/python/bin/python" - "$port" "$@" << 'END'
import socket, sys
from tlslite.api import HandshakeSettings, TLSConnection
port, version, cipher, mac = int(sys.argv[1]), (3, int(sys.argv[2])), sys.argv[3], sys.argv[4]
settings = HandshakeSettings()
settings.minVersion = settings.maxVersion = version
settings.cipherNames, settings.macNames, settings.keyExchangeNames = [cipher], [mac], ["rsa"]
settings.useEncryptThenMAC = settings.useExtendedMasterSecret = settings.sendFallbackSCSV = False
settings.eccCurves, settings.dhGroups, settings.keyShares = [], [], []
connection = TLSConnection(socket.create_connection(("127.0.0.1", port), 10))
connection.handshakeClientCert(settings=settings)
connection.sendall(b"GET /a HTTP/1.0\r\n\r\n")
reply = b""
while b"GET" not in reply:
    reply += connection.recv(1000) or sys.exit("no reply")
print(reply.decode())
END
}

expect "NSS, its default" "Tls1 Aes128Sha" nss tls1.0:tls1.2
expect "NSS, SSL 3.0" "Ssl3 Aes128Sha" nss ssl3:ssl3
# Each suite by its number.
expect "NSS, SSL 3.0, 3DES" "Ssl3 TripleDesSha" nss ssl3:ssl3 -c :000A
expect "NSS, TLS 1.0, 3DES" "Tls1 TripleDesSha" nss tls1.0:tls1.0 -c :000A
expect "NSS, SSL 3.0, RC4" "Ssl3 Rc4Sha" nss ssl3:ssl3 -c :0005
expect "NSS, TLS 1.0, RC4 and MD5" "Tls1 Rc4Md5" nss tls1.0:tls1.0 -c :0004
expect "GnuTLS, its default" "Tls1 Aes128Sha" gnutls NORMAL
old="NONE:+VERS-TLS1.0:+RSA:+COMP-NULL:+SIGN-ALL"
expect "GnuTLS, 3DES" "Tls1 TripleDesSha" gnutls "$old:+3DES-CBC:+SHA1"
expect "GnuTLS, RC4 and MD5" "Tls1 Rc4Md5" gnutls "$old:+ARCFOUR-128:+MD5"
expect "OpenSSL, its default" "Tls1 Aes128Sha" openssl_client
expect "curl, its default" "Tls1 Aes128Sha" curl -sk --max-time 20 "https://$address/a"
for version in "0 Ssl3" "1 Tls1"; do
    read -r minor name <<< "$version"
    expect "tlslite-ng, $name, RC4 and MD5" "$name Rc4Md5" tlslite "$minor" rc4 md5
    expect "tlslite-ng, $name, RC4" "$name Rc4Sha" tlslite "$minor" rc4 sha
    expect "tlslite-ng, $name, 3DES" "$name TripleDesSha" tlslite "$minor" 3des sha
    expect "tlslite-ng, $name, AES" "$name Aes128Sha" tlslite "$minor" aes128 sha
done
