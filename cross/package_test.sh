#!/usr/bin/env bash
# Installs, uses, upgrades, removes and purges the amd64 package in a Debian of its own, and has the packages of the
# boards work under their emulators: cross/package_test.sh. As root on Debian.
#
# No systemd runs there: the service's ExecStart line is run by hand, as its user. systemd-analyze looks at the unit.
set -euo pipefail
# shellcheck source=cross/common.sh
. "$(dirname "${BASH_SOURCE[0]}")/common.sh"

[ "$(id -u)" -eq 0 ] || die "it makes a Debian, for which it has to be root"

# A Debian is fetched once; what is tested gets a copy of it.
base="$tools/bookworm.tar"
fetch_debian() {
    if [ ! -e "$base" ]; then
        say "debootstrap"
        fetched="$(mktemp -d)"
        trap 'rm -rf "$fetched" "$fetched.log"' EXIT
        debootstrap --variant=minbase --include=adduser bookworm "$fetched" > "$fetched.log" 2>&1 ||
            { tail -20 "$fetched.log" >&2; die "debootstrap failed"; }
        mkdir -p "$tools"
        tar -C "$fetched" -cf "$base.new" .
        mv "$base.new" "$base"
        rm -rf "$fetched" "$fetched.log"
        trap - EXIT
    fi
}

# What needs the network comes first. The rest has a network of its own, where the service has its built-in ports.
if [ $# -eq 0 ]; then
    need_packages debootstrap systemd iproute2
    fetch_debian
    first="$("$here/package.sh" amd64 1)"
    second="$("$here/package.sh" amd64 2)"
    others=()
    for board in $(boards); do
        use_board "$board"
        if [ "$architecture" != - ] && [ "$architecture" != amd64 ]; then
            need_emulator
            others+=("$board" "$("$here/package.sh" "$board" 1)")
        fi
    done
    exec unshare --net "$0" "$first" "$second" "${others[@]}"
fi
first="$1" second="$2"
shift 2
ip link set lo up

scratch="$(mktemp -d)"
server=''
clean_up() {
    if [ -n "$server" ]; then
        kill -KILL "$server" 2> /dev/null || true
    fi
    rm -rf "$scratch"
}
trap clean_up EXIT
debian="$scratch/debian"

mkdir "$debian"
tar -C "$debian" -xf "$base"

inside() { chroot "$debian" /usr/bin/env -i PATH=/usr/sbin:/usr/bin:/sbin:/bin "$@"; }

install_package() {
    cp "$1" "$debian/tmp/msnpd.deb"
    inside DEBIAN_FRONTEND=noninteractive dpkg --install /tmp/msnpd.deb
}

start() {
    local line
    line="$(sed -n 's/^ExecStart=//p' "$debian/usr/lib/systemd/system/msnpd.service")"
    # shellcheck disable=SC2086  # systemd splits it at blanks as well
    chroot --userspec=msnpd:msnpd "$debian" $line > "$scratch/log" 2>&1 &
    server=$!
    local until=$((SECONDS + 30))
    until grep -q 'ready$' "$scratch/log"; do
        if ! kill -0 "$server" 2> /dev/null || [ "$SECONDS" -ge "$until" ]; then
            broken "the service does not start"
        fi
        sleep 0.1
    done
}

stop() {
    kill -TERM "$server"
    wait "$server" || broken "the service ended with $?"
    server=''
}

broken() {
    cat "$scratch/log" >&2
    die "$*"
}

is() { # WHAT WANTED FOUND
    [ "$2" = "$3" ] || die "$1: $3 instead of $2"
}

say "install"
install_package "$first"
is "the data folder" "msnpd msnpd 700" "$(inside stat -c '%U %G %a' /var/lib/msnpd)"
is "the configuration" "root msnpd 640" "$(inside stat -c '%U %G %a' /etc/msnpd/config.ron)"
inside test -e /etc/systemd/system/multi-user.target.wants/msnpd.service || die "the service is not enabled"
for page in "$debian"/usr/share/man/man1/msnpd*.1.gz; do
    gzip -t "$page"
done

say "systemd-analyze"
# Its root has this machine's targets and slices, which the unit names, and the program.
units="$scratch/units/lib/systemd/system"
mkdir -p "$units" "$scratch/units/usr/bin"
cp -a /lib/systemd/system/*.target /lib/systemd/system/*.slice /lib/systemd/system/*.socket "$units"
cp "$debian/usr/lib/systemd/system/msnpd.service" "$units"
cp "$debian/usr/bin/msnpd" "$scratch/units/usr/bin"
systemd-analyze verify --man=no --root="$scratch/units" msnpd.service > "$scratch/verify" 2>&1 ||
    { cat "$scratch/verify" >&2; die "systemd-analyze verify is not content"; }
if [ -s "$scratch/verify" ]; then
    cat "$scratch/verify" >&2
    die "systemd-analyze verify has something to say"
fi
# Of 10, which is what a service without any such line has.
systemd-analyze security --offline=true --threshold=20 --no-pager "$units/msnpd.service" > "$scratch/security" ||
    { cat "$scratch/security" >&2; die "the service may more than it should"; }
tail -1 "$scratch/security"

say "use"
start
inside msnpd selftest || broken "the self-test failed"
inside msnpd init > "$scratch/init"
grep -q "^the administrator's password, shown only this once: " "$scratch/init" || die "init makes no password"
is "what the password is checked against" "msnpd msnpd 600" "$(inside stat -c '%U %G %a' /var/lib/msnpd/msnpd.admin)"
[ ! -e "$debian/var/lib/msnpd/config.ron" ] || die "init made a second configuration"
echo secret | inside msnpd user add alice --name 'Alice in W.'
stop

say "upgrade"
# An administrator's configuration stays.
sed -i 's/^    list_entries: 150,/    list_entries: 151,/' "$debian/etc/msnpd/config.ron"
install_package "$second"
is "the version" 2 "$(inside dpkg-query -W -f='${Version}' msnpd | cut -d- -f2)"
is "the configuration" 1 "$(inside msnpd config show | grep -c 'list_entries.*151')"
start
inside msnpd user list | grep -q '^alice@hotmail.com.*Alice in W\.$' || broken "alice is gone"
inside msnpd selftest || broken "the self-test failed after the upgrade"
stop

say "remove"
inside dpkg --remove msnpd
[ ! -e "$debian/usr/bin/msnpd" ] || die "the program is still there"
[ -e "$debian/var/lib/msnpd/msnpd.redb" ] || die "a removal took the accounts"
[ -e "$debian/etc/msnpd/config.ron" ] || die "a removal took the configuration"
install_package "$second"
inside msnpd user list | grep -q '^alice@hotmail.com' || die "alice did not outlive a removal"

say "purge"
inside dpkg --purge msnpd
left="$(cd "$debian" && find etc lib usr var/lib -path var/lib/dpkg -prune -o -name '*msnpd*' -print)"
is "what a purge leaves" "" "$left"
if inside getent passwd msnpd; then
    die "a purge left the user"
fi

while [ $# -ge 2 ]; do
    use_board "$1"
    package="$2"
    shift 2
    say "$(basename "$package"), $(stat -c %s "$package") bytes"
    is "the architecture" "$architecture" "$(dpkg-deb --field "$package" Architecture)"
    dpkg-deb --extract "$package" "$scratch/$board"
    "$here/smoke.sh" "$board" "$scratch/$board/usr/bin/msnpd"
done
say "packages passed"
